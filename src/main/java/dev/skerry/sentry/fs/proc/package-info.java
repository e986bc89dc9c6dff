/**
 * /proc (proc(5)): processes and the system as text. Linux: fs/proc/.
 *
 * <p>All is asked for when it is read; nothing here is kept but the names. Locks are taken one at a
 * time, as the asked ones take them.
 */
@NullMarked
package dev.skerry.sentry.fs.proc;

import org.jspecify.annotations.NullMarked;
