/** Checked access to guest memory: the only way in and out. Linux: uaccess.h, lib/iov_iter.c. */
@NullMarked
package dev.skerry.sentry.usermem;

import org.jspecify.annotations.NullMarked;
