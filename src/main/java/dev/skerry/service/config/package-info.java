/**
 * What the operator can set ({@link dev.skerry.service.config.SkerryConfig} documents every name),
 * and where the service's files are. Counterpart: containerd's config.toml. No locks.
 */
@NullMarked
package dev.skerry.service.config;

import org.jspecify.annotations.NullMarked;
