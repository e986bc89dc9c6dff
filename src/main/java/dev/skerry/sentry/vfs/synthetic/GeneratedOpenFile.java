package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.PlacedFile;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open {@link GeneratedFile}. The text is made when it is read from its beginning, so that
 * somebody who reads in pieces sees one state, and given up when its end is reached.
 */
final class GeneratedOpenFile extends PlacedFile {
  /** The most that one write can bring (PAGE_SIZE, as in Linux's sysctl and proc files). */
  private static final int MOST_WRITTEN = 4096;

  private static final int SEEK_SET = 0;
  private static final int SEEK_CUR = 1;
  private static final byte[] NONE = new byte[0];

  private final GeneratedFile file;
  private final @Nullable Credentials opener;
  private final @Nullable Changes changes;

  /** How many changes the last poll saw. */
  private final AtomicInteger seen = new AtomicInteger();

  /**
   * Not guarded: the text of one file may tell the position of another, so {@link #seek} takes no
   * lock.
   */
  private volatile long position;

  // Guarded by this.
  private byte[] content = NONE;

  /** Where the text ends that was given up; -1 if none was. */
  private long knownEnd = -1;

  GeneratedOpenFile(GeneratedFile file, VfsPath path, int flags) {
    super(path, flags);
    this.file = file;
    this.opener = file.opener();
    this.changes = file.changes();
    if (changes != null) {
      seen.set(changes.count());
    }
  }

  @Override
  public boolean hasSpliceRead() {
    return file.hasSplice();
  }

  @Override
  public boolean hasSpliceWrite() {
    return file.hasSplice() && file.canBeWritten();
  }

  @Override
  protected synchronized void release() {
    forget();
  }

  private void forget() {
    TextSpace.give(content.length);
    content = NONE;
  }

  @Override
  public synchronized long read(IoBuffer target) {
    long start = position;
    long moved = pread(target, start);
    if (moved > 0) {
      position = start + moved;
    }
    return moved;
  }

  @Override
  public synchronized long pread(IoBuffer target, long offset) {
    if (offset < 0) {
      return -Errno.EINVAL;
    }
    boolean known = content.length > 0 || (knownEnd >= 0 && offset >= knownEnd);
    if (offset == 0 || !known) {
      long result = generate();
      if (result < 0) {
        return result;
      }
    }
    if (offset >= content.length) {
      knownEnd = Math.max(knownEnd, content.length);
      forget();
      return 0;
    }
    int length = (int) Math.min(content.length - offset, target.remaining());
    return length == 0 ? 0 : target.put(content, (int) offset, length);
  }

  private long generate() {
    forget();
    knownEnd = -1;
    byte[] fresh;
    try {
      fresh = file.text().getBytes(StandardCharsets.ISO_8859_1);
    } catch (ErrnoException e) {
      return e.result();
    }
    if (!TextSpace.tryTake(fresh.length)) {
      return -Errno.ENOMEM;
    }
    content = fresh;
    return 0;
  }

  @Override
  public long write(IoBuffer source) {
    int length = (int) Math.min(source.remaining(), MOST_WRITTEN);
    byte[] bytes = new byte[length];
    long copied = source.get(bytes, 0, length);
    if (copied < length) {
      return -Errno.EFAULT;
    }
    try {
      file.accept(new String(bytes, StandardCharsets.ISO_8859_1), opener);
    } catch (ErrnoException e) {
      return e.result();
    }
    return length;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    try {
      return file.ioctl(memory, request, argument);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  /** A change is told once (mounts_poll, fs/proc_namespace.c). */
  @Override
  public int poll() {
    int now = changes == null ? 0 : changes.count();
    return seen.getAndSet(now) == now ? file.ready() : Events.READABLE | Events.PRI | Events.ERR;
  }

  @Override
  public @Nullable WaitQueue waitQueue() {
    return changes == null ? null : changes.queue();
  }

  @Override
  public long pwrite(IoBuffer source, long offset) {
    return write(source);
  }

  @Override
  public long seek(long offset, int whence) {
    if (whence != SEEK_SET && whence != SEEK_CUR) {
      return -Errno.EINVAL;
    }
    long target = whence == SEEK_SET ? offset : position + offset;
    if (target < 0) {
      return -Errno.EINVAL;
    }
    position = target;
    return target;
  }
}
