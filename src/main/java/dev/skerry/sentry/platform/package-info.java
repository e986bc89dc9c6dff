/**
 * Runs guest code and brings its system calls and faults to the kernel. The only package that knows
 * how: {@code notify} today. Linux: arch/x86/entry.
 */
@NullMarked
package dev.skerry.sentry.platform;

import org.jspecify.annotations.NullMarked;
