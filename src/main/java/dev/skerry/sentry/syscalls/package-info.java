/**
 * The system calls, one class a family, one static method a call, named as in Linux, and the table
 * of them. The top of the sentry. Linux: the SYSCALL_DEFINE functions.
 */
@NullMarked
package dev.skerry.sentry.syscalls;

import org.jspecify.annotations.NullMarked;
