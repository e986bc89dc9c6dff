package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Stat;
import org.jspecify.annotations.Nullable;

/** /dev/pts/N, whose attributes {@link Terminals} keeps. */
final class SlaveInode extends Inode {
  private final DevptsFileSystem fileSystem;
  private final Terminals terminals;
  private final int number;

  /** What it was like when it was last there, for those who still have it open after a hangup. */
  private volatile Stat last;

  private SlaveInode(DevptsFileSystem fileSystem, Terminals terminals, int number, Stat stat) {
    this.fileSystem = fileSystem;
    this.terminals = terminals;
    this.number = number;
    this.last = stat;
  }

  /** The file of the terminal; null if there is no such terminal. */
  static @Nullable SlaveInode find(DevptsFileSystem fileSystem, Terminals terminals, int number) {
    Stat stat = terminals.stat(number);
    return stat == null ? null : new SlaveInode(fileSystem, terminals, number, stat);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SlaveInode inode
        && number == inode.number
        && fileSystem == inode.fileSystem;
  }

  @Override
  public int hashCode() {
    return number;
  }

  @Override
  public FileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public int type() {
    return S_IFCHR;
  }

  @Override
  public Stat stat() {
    Stat present = terminals.stat(number);
    if (present == null) {
      return last;
    }
    last = present;
    return present;
  }

  @Override
  public void setAttributes(AttributeChange change) throws ErrnoException {
    ErrnoException.check(
        terminals.setAttributes(number, change.mode(), change.uid(), change.gid()));
  }
}
