/**
 * The standard streams of a container without a terminal. The guest takes them for pipes; the other
 * ends are the control connection and the spool. A file's monitor is outside its wait queue and the
 * sink's own locks.
 */
@NullMarked
package dev.skerry.sentry.fs.stdio;

import org.jspecify.annotations.NullMarked;
