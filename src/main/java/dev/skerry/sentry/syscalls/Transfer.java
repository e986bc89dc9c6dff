package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.IoCounters;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.waiter.Events;

/**
 * A read or a write that waits. A write to a pipe, a socket or a terminal goes on until all is
 * written; when something ends it before, what was written counts.
 */
final class Transfer extends Wait {
  /** Stands for the file's own position. */
  static final long OWN_POSITION = -1;

  private final OpenFileDescription file;
  private final GuestBuffer buffer;
  private final boolean write;
  private final long limit;
  private long total;

  private Transfer(
      Task task, OpenFileDescription file, GuestBuffer buffer, boolean write, long total) {
    super(task);
    this.file = file;
    this.buffer = buffer;
    this.write = write;
    this.limit = file.waitLimit(write);
    this.total = total;
  }

  /** Reads what there is; waits for the first byte unless {@code nonBlocking}. */
  static long read(
      Task task, OpenFileDescription file, GuestBuffer buffer, long offset, boolean nonBlocking) {
    long moved = offset == OWN_POSITION ? file.read(buffer) : file.pread(buffer, offset);
    if (moved > 0) {
      FileEvents.accessed(file);
    }
    if (moved != -Errno.EAGAIN || nonBlocking || file.waitLimit(false) < 0) {
      IoCounters.count(task, false, moved);
      return moved;
    }
    return new Transfer(task, file, buffer, false, 0).start(Events.READABLE | Events.RDHUP);
  }

  /** Writes all; {@code appends} goes to the end whatever the position (RWF_APPEND). */
  static long write(
      Task task,
      OpenFileDescription file,
      GuestBuffer buffer,
      long offset,
      boolean nonBlocking,
      boolean appends) {
    long moved;
    if (appends) {
      moved = file.append(buffer, offset == OWN_POSITION);
    } else {
      moved = offset == OWN_POSITION ? file.write(buffer) : file.pwrite(buffer, offset);
    }
    if (moved > 0) {
      FileEvents.modified(file);
    }
    boolean complete = moved >= 0 && (buffer.remaining() == 0 || file.waitQueue() == null);
    boolean mayWait = !nonBlocking && file.waitLimit(true) >= 0;
    if (complete || !mayWait || (moved < 0 && moved != -Errno.EAGAIN)) {
      IoCounters.count(task, true, moved);
      return moved;
    }
    return new Transfer(task, file, buffer, true, Math.max(moved, 0)).start(Events.WRITABLE);
  }

  private long start(int events) {
    file.acquire();
    on(file.waitQueue(), events);
    if (limit > 0) {
      until(Times.deadline(limit));
    }
    return park();
  }

  @Override
  protected long attempt() {
    long result = move();
    return result == Results.NOT_YET ? result : counted(result);
  }

  private long counted(long result) {
    IoCounters.count(task(), write, result);
    return result;
  }

  private long move() {
    if (!write) {
      long moved = file.read(buffer);
      if (moved > 0) {
        FileEvents.accessed(file);
      }
      return moved == -Errno.EAGAIN ? Results.NOT_YET : moved;
    }
    while (true) {
      long moved = file.write(buffer);
      if (moved == -Errno.EAGAIN) {
        return Results.NOT_YET;
      }
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      total += moved;
      if (moved > 0) {
        FileEvents.modified(file);
      }
      if (moved == 0 || buffer.remaining() == 0) {
        return total;
      }
    }
  }

  @Override
  protected long interrupted() {
    return counted(total > 0 ? total : limit > 0 ? -Errno.EINTR : Results.ERESTARTSYS);
  }

  @Override
  protected long timedOut() {
    return counted(total > 0 ? total : -Errno.EAGAIN);
  }

  @Override
  protected void finished() {
    file.drop();
  }
}
