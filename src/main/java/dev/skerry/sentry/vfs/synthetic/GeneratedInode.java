package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import org.jspecify.annotations.Nullable;

/** A file that nobody made and nobody can remove. */
public abstract class GeneratedInode extends Inode {
  private static final int BLOCK_SIZE = 1024;

  private final GeneratedFileSystem fileSystem;
  private final long number;
  private final int mode;

  /**
   * @param mode type and permissions
   */
  protected GeneratedInode(GeneratedFileSystem fileSystem, long number, int mode) {
    this.fileSystem = fileSystem;
    this.number = number;
    this.mode = mode;
  }

  @Override
  public final GeneratedFileSystem fileSystem() {
    return fileSystem;
  }

  @Override
  public final int type() {
    return mode & S_IFMT;
  }

  /** The inode number. */
  public final long number() {
    return number;
  }

  final int permissions() {
    return mode & 07777;
  }

  /**
   * What a file tells about that is made anew for every look-up: two of the same number that tell
   * about the same are one file. Null for a file that is made once.
   */
  protected @Nullable Object subject() {
    return null;
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    if (this == other) {
      return true;
    }
    Object subject = subject();
    return subject != null
        && other instanceof GeneratedInode inode
        && number == inode.number
        && mode == inode.mode
        && fileSystem == inode.fileSystem
        && subject.equals(inode.subject());
  }

  @Override
  public final int hashCode() {
    return Long.hashCode(number);
  }

  /** Who the file belongs to. */
  protected Owner owner() throws ErrnoException {
    return new Owner(0, 0);
  }

  /** What stat(2) tells; most such files tell 0, since the length shows only when they are read. */
  protected long size() throws ErrnoException {
    return 0;
  }

  protected int linkCount() {
    return isDirectory() ? 2 : 1;
  }

  @Override
  public Stat stat() throws ErrnoException {
    Owner owner = owner();
    long time = fileSystem.time();
    return new Stat(
        fileSystem.device(),
        number,
        mode,
        linkCount(),
        owner.uid(),
        owner.gid(),
        0,
        size(),
        BLOCK_SIZE,
        0,
        time,
        time,
        time,
        time);
  }

  /** Truncation (open(2), O_TRUNC) and times have no effect. */
  @Override
  public void setAttributes(AttributeChange change) throws ErrnoException {
    if (change.mode() != -1 || change.uid() != -1 || change.gid() != -1) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  @Override
  public Inode create(String name, int permissions, Owner owner) throws ErrnoException {
    throw fileSystem.refusal(Errno.EACCES);
  }

  @Override
  public Inode mkdir(String name, int permissions, Owner owner) throws ErrnoException {
    throw fileSystem.refusal(Errno.EPERM);
  }

  @Override
  public Inode mknod(String name, int typeAndMode, long rdev, Owner owner) throws ErrnoException {
    throw fileSystem.refusal(Errno.EPERM);
  }

  @Override
  public Inode symlink(String name, String target, Owner owner) throws ErrnoException {
    throw fileSystem.refusal(Errno.EPERM);
  }

  @Override
  public void link(String name, Inode file) throws ErrnoException {
    throw fileSystem.refusal(Errno.EPERM);
  }

  @Override
  public void unlink(String name, Inode file) throws ErrnoException {
    throw ErrnoException.of(Errno.EPERM);
  }

  @Override
  public void rmdir(String name, Inode directory) throws ErrnoException {
    throw ErrnoException.of(Errno.EPERM);
  }

  @Override
  public void rename(
      String name,
      Inode file,
      Inode newDirectory,
      String newName,
      @Nullable Inode replaced,
      int flags)
      throws ErrnoException {
    throw fileSystem.refusal(Errno.EPERM);
  }
}
