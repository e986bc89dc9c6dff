package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import org.jspecify.annotations.Nullable;

/** Where a terminal was opened: the device file, with its own attributes. */
public interface Place {
  /** Null for a file that was not opened by a name (TIOCGPTPEER). */
  @Nullable VfsPath path();

  /** What /proc/PID/fd shows. */
  String name();

  Stat stat() throws ErrnoException;
}
