/**
 * The service: sandboxes over HTTP. Below it, {@code api} and {@code ws} are what clients see,
 * {@code lifecycle} is where sandboxes live, {@code host} reaches the machine, {@code config} says
 * how.
 *
 * <p>Counterpart: containerd with its shims. A sandbox is reached through {@link
 * dev.skerry.control} only.
 */
@NullMarked
package dev.skerry.service;

import org.jspecify.annotations.NullMarked;
