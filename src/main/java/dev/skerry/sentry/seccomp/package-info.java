/** The filters that guests put on their own system calls. Linux: kernel/seccomp.c. No locks. */
@NullMarked
package dev.skerry.sentry.seccomp;

import org.jspecify.annotations.NullMarked;
