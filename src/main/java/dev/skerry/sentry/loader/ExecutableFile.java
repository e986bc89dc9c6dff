package dev.skerry.sentry.loader;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.Restrictions;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * A file that is to be executed, open for it. Linux: do_open_execat() of fs/exec.c.
 *
 * @param head its first bytes, with zeros behind a short file
 * @param file holds a reference, which {@link #close} gives back
 */
record ExecutableFile(VfsPath path, OpenFileDescription file, Stat stat, byte[] head) {
  /** Enough for a script's first line and for most programs' headers. */
  private static final int HEAD = 1024;

  private static final int S_ISUID = 04000;
  private static final int S_ISGID = 02000;
  private static final int GROUP_EXECUTE = 010;

  /**
   * Finds and opens a file.
   *
   * @param flags of {@link VirtualFileSystem#walk}
   * @throws ErrnoException EACCES unless it is a regular file that may be executed; ETXTBSY if it
   *     is open for writing; what a walk throws
   */
  static ExecutableFile open(
      VirtualFileSystem vfs, Origin origin, @Nullable VfsPath start, String name, int flags)
      throws ErrnoException {
    VfsPath path = vfs.walk(origin, start, name, flags);
    Inode inode = path.inode();
    if (inode.isSymlink()) {
      throw ErrnoException.of(Errno.ELOOP);
    }
    Stat stat = inode.stat();
    if (!inode.isRegular() || path.mount().isNoExec() || !mayExecute(stat, origin.credentials())) {
      throw ErrnoException.of(Errno.EACCES);
    }
    inode.checkMayRun();
    int rights = AccessRights.READ_FILE | AccessRights.EXECUTE;
    Restrictions.check(origin.credentials(), path, rights);
    OpenFileDescription file = vfs.openFound(path, OpenFlags.O_RDONLY);
    byte[] head = new byte[HEAD];
    long length = file.pread(new ArrayBuffer(head), 0);
    if (length < 0) {
      file.drop();
      throw ErrnoException.of((int) -length);
    }
    FileEvents.accessed(file);
    return new ExecutableFile(path, file, stat, head);
  }

  /** Not even root may execute a file that nobody may. */
  private static boolean mayExecute(Stat stat, Credentials who) {
    if ((stat.mode() & 0111) == 0) {
      return false;
    }
    if (who.hasCapabilityOver(stat.uid(), stat.gid(), Capability.DAC_OVERRIDE)) {
      return true;
    }
    int shift = stat.uid() == who.fsuid() ? 6 : who.inGroup(stat.gid()) ? 3 : 0;
    return (stat.mode() >> shift & 1) != 0;
  }

  /**
   * The credentials of the program that {@code who} makes of this file.
   *
   * @param mayRise whether it may get more rights than {@code who} has
   */
  Credentials credentialsFor(Credentials who, boolean mayRise) {
    UserNamespace ids = who.userNamespace();
    boolean counts =
        path.mount().maySetIds(ids) && ids.hasUid(stat.uid()) && ids.hasGid(stat.gid());
    int mode = counts ? stat.mode() : 0;
    int owner = (mode & S_ISUID) != 0 ? stat.uid() : -1;
    boolean group = (mode & (S_ISGID | GROUP_EXECUTE)) == (S_ISGID | GROUP_EXECUTE);
    return who.forExec(owner, group ? stat.gid() : -1, mayRise);
  }

  /**
   * The bytes at an offset.
   *
   * @throws ErrnoException EIO if there are not so many
   */
  byte[] read(long offset, int length) throws ErrnoException {
    byte[] bytes = new byte[length];
    if (offset >= 0 && offset <= HEAD - length && offset <= stat.size() - length) {
      System.arraycopy(head, (int) offset, bytes, 0, length);
      return bytes;
    }
    long have = offset < 0 ? 0 : file.pread(new ArrayBuffer(bytes), offset);
    if (have < length) {
      throw ErrnoException.of(have < 0 ? (int) -have : Errno.EIO);
    }
    return bytes;
  }

  /**
   * A host descriptor to map the file with; it lives as long as the file is open.
   *
   * @throws ErrnoException ENOEXEC if the file cannot be mapped
   */
  int hostFd() throws ErrnoException {
    int fd = file.mappableHostFd(false);
    if (fd < 0) {
      throw ErrnoException.of(fd == -Errno.ENODEV ? Errno.ENOEXEC : -fd);
    }
    return fd;
  }

  void close() {
    file.drop();
  }
}
