package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;

/** A namespace as a file (namespaces(7)): it can be opened and compared. */
final class NamespaceFile extends OpenFileDescription {
  private static final long DEVICE = 4;
  private static final int MODE = 0100444;

  private final String name;
  private final long number;

  NamespaceFile(String name, long number, int flags) {
    super(flags);
    this.name = name;
    this.number = number;
  }

  @Override
  protected void release() {}

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    if ((flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY) {
      throw ErrnoException.of(Errno.EPERM);
    }
    return new NamespaceFile(name, number, flags);
  }

  @Override
  public String displayName() {
    return name;
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.stat(DEVICE, number, MODE, 0, 0, 0);
  }
}
