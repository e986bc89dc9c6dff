/**
 * Host system calls: the only native methods of the sentry and the gofer. Results are the kernel's:
 * ≥ 0, or a negated error number. Nothing here decides anything.
 */
@NullMarked
package dev.skerry.hostos;

import org.jspecify.annotations.NullMarked;
