/**
 * System V shared memory, semaphores and message queues (sysvipc(7)). Linux: ipc/.
 *
 * <p>Lock order: a {@link dev.skerry.sentry.ipc.IpcTable}, then an object's monitor, then wait
 * queues.
 */
@NullMarked
package dev.skerry.sentry.ipc;

import org.jspecify.annotations.NullMarked;
