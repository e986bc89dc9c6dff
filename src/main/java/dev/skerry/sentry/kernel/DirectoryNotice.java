package dev.skerry.sentry.kernel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.DirectoryFile;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.FileWatch;
import org.jspecify.annotations.Nullable;

/**
 * A wish to be told by signals what happens in a directory (fcntl(2), F_NOTIFY). It goes with the
 * first descriptor of the directory that its table closes. Linux: fs/notify/dnotify/dnotify.c.
 */
public final class DirectoryNotice implements FileWatch {
  /** DN_MULTISHOT: tell more than once. */
  public static final int MULTISHOT = 0x8000_0000;

  /** What DN_ACCESS, DN_MODIFY, DN_CREATE, DN_DELETE, DN_RENAME, DN_ATTRIB stand for. */
  private static final int[] MEANINGS = {
    FileEvents.ACCESS,
    FileEvents.MODIFY,
    FileEvents.CREATE | FileEvents.MOVED_TO,
    FileEvents.DELETE | FileEvents.MOVED_FROM,
    FileEvents.RENAME,
    FileEvents.ATTRIB,
  };

  private final Kernel kernel;
  private final DirectoryFile directory;

  @GuardedBy("this")
  private int fd;

  /** Bits of {@link FileEvents}. */
  @GuardedBy("this")
  private int wanted;

  @GuardedBy("this")
  private boolean lasts;

  private DirectoryNotice(Kernel kernel, DirectoryFile directory) {
    this.kernel = kernel;
    this.directory = directory;
  }

  /**
   * Asks for notices, beside those already asked for.
   *
   * @param fd which the signal's information names from then on
   * @return zero, or -ENOMEM
   */
  public static long set(Task task, DirectoryFile directory, int fd, int events) {
    IoSignal.ownUnowned(task, directory);
    DirectoryNotice added = new DirectoryNotice(task.kernel(), directory);
    added.want(fd, events);
    if (!Slab.DIRECTORY_NOTICE.take(1)) {
      return -Errno.ENOMEM;
    }
    if (directory.addNotice(task.files(), added) instanceof DirectoryNotice present) {
      Slab.DIRECTORY_NOTICE.give(1);
      present.want(fd, events);
    }
    return 0;
  }

  private synchronized void want(int descriptor, int events) {
    fd = descriptor;
    for (int i = 0; i < MEANINGS.length; i++) {
      if ((events & 1 << i) != 0) {
        wanted |= MEANINGS[i];
      }
    }
    lasts |= (events & MULTISHOT) != 0;
  }

  @Override
  public void happened(int events, @Nullable String name, int cookie, boolean unlinked) {
    int descriptor;
    synchronized (this) {
      if ((events & wanted) == 0) {
        return;
      }
      if (!lasts) {
        wanted = 0;
      }
      descriptor = fd;
    }
    IoSignal.message(kernel, directory, descriptor);
  }

  @Override
  public void ended() {}
}
