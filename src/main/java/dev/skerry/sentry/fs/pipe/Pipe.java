package dev.skerry.sentry.fs.pipe;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.AnonymousInode;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A pipe: what both ends share. Also the inside of a FIFO, whose ends come and go. Linux: struct
 * pipe_inode_info. Its monitor guards all.
 */
public final class Pipe {
  /** Up to so many bytes are written in one piece (pipe(7)). */
  public static final int PIPE_BUF = SlotRing.PAGE;

  /** The largest capacity that there may be: it is the sentry's heap. */
  private static final int MOST_BYTES = 1 << 20;

  private static final int MODE = 0010600;
  private static final int DEFAULT_SLOTS = 16;
  private static final int SPLICE_CHUNK = 65536;

  private static final AtomicLong MADE = new AtomicLong();

  /** The lock order of two pipes. */
  private final long order = MADE.getAndIncrement();

  private final WaitQueue queue = new WaitQueue();
  private final SlotRing ring = new SlotRing(DEFAULT_SLOTS);
  private int readers;
  private int writers;

  /** How often a reading or writing end was opened; those who wait for a peer watch them. */
  private int readerGeneration;

  private int writerGeneration;

  /** Makes the two ends of a new pipe: the reading one first. */
  public static PipeFile[] open(int flags, int uid, int gid, long time) {
    Pipe pipe = new Pipe();
    AnonymousInode inode = new AnonymousInode(AnonymousInodes.PIPE_DEVICE, MODE, uid, gid, time);
    return new PipeFile[] {
      new PipeFile(pipe, flags, false, inode), new PipeFile(pipe, flags, true, inode)
    };
  }

  WaitQueue queue() {
    return queue;
  }

  synchronized void opened(boolean reading, boolean writing) {
    if (reading) {
      readers++;
      readerGeneration++;
    }
    if (writing) {
      writers++;
      writerGeneration++;
    }
    queue.wake(Events.READABLE | Events.WRITABLE);
  }

  synchronized void closed(boolean reading, boolean writing) {
    if (reading) {
      readers--;
    }
    if (writing) {
      writers--;
    }
    if (readers == 0 && writers == 0) {
      ring.free();
    }
    queue.wake(Events.READABLE | Events.WRITABLE | Events.ALWAYS);
  }

  synchronized boolean hasReaders() {
    return readers > 0;
  }

  synchronized boolean hasWriters() {
    return writers > 0;
  }

  synchronized int readerGeneration() {
    return readerGeneration;
  }

  synchronized int writerGeneration() {
    return writerGeneration;
  }

  long read(IoBuffer target) {
    synchronized (this) {
      if (target.remaining() == 0) {
        return 0;
      }
      if (ring.isEmpty()) {
        return writers == 0 ? 0 : -Errno.EAGAIN;
      }
      long moved = ring.read(target);
      queue.wake(Events.WRITABLE);
      return moved;
    }
  }

  long write(IoBuffer source, boolean asPackets) {
    synchronized (this) {
      if (source.remaining() == 0) {
        return 0;
      }
      if (readers > 0) {
        return append(source, asPackets);
      }
    }
    return broken();
  }

  private long append(IoBuffer source, boolean asPackets) {
    long moved = ring.write(source, asPackets);
    if (moved > 0) {
      queue.wake(Events.READABLE);
    }
    return moved;
  }

  private static long broken() {
    Task task = Task.current();
    if (task != null) {
      task.signalSelf(Signal.SIGPIPE);
    }
    return -Errno.EPIPE;
  }

  /**
   * @param writersSeen the {@link #writerGeneration} at the reading end's opening: before another
   *     writer came, a FIFO has not hung up
   */
  synchronized int poll(boolean reading, boolean writing, int writersSeen) {
    int ready = 0;
    if (reading) {
      ready |= ring.isEmpty() ? 0 : Events.READABLE;
      ready |= writers == 0 && writersSeen != writerGeneration ? Events.HUP : 0;
    }
    if (writing) {
      ready |= ring.isFull() ? 0 : Events.WRITABLE;
      ready |= readers == 0 ? Events.ERR : 0;
    }
    return ready;
  }

  /** Bytes to be read (FIONREAD). */
  public synchronized int available() {
    return ring.bytes();
  }

  /** The capacity in bytes (F_GETPIPE_SZ). */
  public synchronized int capacity() {
    return ring.capacity();
  }

  private static boolean mayExceed() {
    Task task = Task.current();
    return task != null && task.credentials().hasCapability(Capability.SYS_RESOURCE);
  }

  /**
   * Sets the capacity (F_SETPIPE_SZ), rounded up to a power of two of pages.
   *
   * @return the new capacity, or -EINVAL, -EPERM, or -EBUSY if more is there to be read
   */
  public synchronized long resize(long size) {
    if (size < 0 || size > 1L << 31) {
      return -Errno.EINVAL;
    }
    int pages = (int) Math.max(1, (size + SlotRing.PAGE - 1) / SlotRing.PAGE);
    int slots = pages == 1 ? 1 : Integer.highestOneBit(pages - 1) << 1;
    boolean grows = (long) slots * SlotRing.PAGE > ring.capacity();
    long most = SysctlValues.SYSTEM.get(Sysctl.PIPE_MAX_SIZE);
    if (size > MOST_BYTES || (grows && size > most && !mayExceed())) {
      return -Errno.EPERM;
    }
    if (!ring.resize(slots)) {
      return -Errno.EBUSY;
    }
    queue.wake(Events.WRITABLE);
    return ring.capacity();
  }

  /**
   * Moves data from the pipe to a file (splice(2)).
   *
   * @param offset where in the file, or -1 for its own position
   * @return the bytes moved, 0 at the end, or a negative error, -EAGAIN among them
   */
  public synchronized long moveTo(OpenFileDescription file, long offset, long length) {
    if (ring.isEmpty()) {
      return writers == 0 ? 0 : -Errno.EAGAIN;
    }
    byte[] chunk = new byte[(int) Math.min(length, Math.min(SPLICE_CHUNK, ring.bytes()))];
    int there = ring.peek(chunk, chunk.length);
    ArrayBuffer source = new ArrayBuffer(chunk, 0, there);
    long moved = offset < 0 ? file.write(source) : file.pwrite(source, offset);
    if (moved > 0) {
      ring.skip((int) moved);
      queue.wake(Events.WRITABLE);
    }
    return moved;
  }

  /** Moves data from a file to the pipe; else as {@link #moveTo}. */
  public long moveFrom(OpenFileDescription file, long offset, long length) {
    synchronized (this) {
      if (readers > 0) {
        int room = ring.isFull() ? 0 : ring.room();
        if (room == 0) {
          return -Errno.EAGAIN;
        }
        byte[] chunk = new byte[(int) Math.min(length, Math.min(SPLICE_CHUNK, room))];
        ArrayBuffer target = new ArrayBuffer(chunk);
        long moved = offset < 0 ? file.read(target) : file.pread(target, offset);
        return moved <= 0 ? moved : append(new ArrayBuffer(chunk, 0, (int) moved), false);
      }
    }
    return broken();
  }

  /**
   * Moves or copies data from this pipe to another (splice(2), tee(2)).
   *
   * @param keep whether the data also stay here
   * @return the bytes moved, 0 at the end, -EINVAL if it is the same pipe, -EPIPE or -EAGAIN
   */
  public long moveToPipe(Pipe other, long length, boolean keep) {
    if (other == this) {
      return -Errno.EINVAL;
    }
    boolean inOrder = order < other.order;
    synchronized (inOrder ? this : other) {
      synchronized (inOrder ? other : this) {
        if (ring.isEmpty()) {
          return writers == 0 ? 0 : -Errno.EAGAIN;
        }
        if (other.readers > 0) {
          int room = other.ring.isFull() ? 0 : other.ring.room();
          if (room == 0) {
            return -Errno.EAGAIN;
          }
          byte[] chunk = new byte[(int) Math.min(Math.min(length, room), ring.bytes())];
          ring.peek(chunk, chunk.length);
          long moved = other.append(new ArrayBuffer(chunk), false);
          if (moved > 0 && !keep) {
            ring.skip((int) moved);
            queue.wake(Events.WRITABLE);
          }
          return moved;
        }
      }
    }
    return broken();
  }
}
