package dev.skerry.sentry.vfs;

import dev.skerry.sentry.auth.UserNamespace;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A file system (or a part of one) at its place in a tree of mounts. Linux: struct mount. */
public final class Mount {
  public static final int MS_RDONLY = 1;
  public static final int MS_NOSUID = 2;
  public static final int MS_NODEV = 4;
  public static final int MS_NOEXEC = 8;
  public static final int MS_NOATIME = 1024;

  private final int id;
  private final FileSystem fileSystem;
  private final Dentry root;
  private final String source;
  private volatile int flags;
  private volatile @Nullable VfsPath point;
  private final AtomicInteger openFiles = new AtomicInteger();

  /**
   * @param root what appears at the mount point
   * @param source as /proc/mounts shows it
   * @param flags of mount(2)
   */
  Mount(int id, FileSystem fileSystem, Dentry root, String source, int flags) {
    this.id = id;
    this.fileSystem = fileSystem;
    this.root = root;
    this.source = source;
    this.flags = flags;
  }

  /** The number in /proc/PID/mountinfo. */
  public int id() {
    return id;
  }

  public FileSystem fileSystem() {
    return fileSystem;
  }

  public Dentry root() {
    return root;
  }

  public String source() {
    return source;
  }

  public int flags() {
    return flags;
  }

  void setFlags(int newFlags) {
    flags = newFlags;
  }

  /** Where it is mounted; null for the root of a namespace, and after umount(2). */
  public @Nullable VfsPath point() {
    return point;
  }

  void setPoint(@Nullable VfsPath place) {
    point = place;
  }

  void fileOpened() {
    fileSystem.used();
    openFiles.incrementAndGet();
  }

  void fileClosed() {
    openFiles.decrementAndGet();
    fileSystem.unused();
  }

  /** Whether files are open below it. */
  boolean isInUse() {
    return openFiles.get() > 0;
  }

  public boolean isReadOnly() {
    return (flags & MS_RDONLY) != 0;
  }

  public boolean isNoExec() {
    return (flags & MS_NOEXEC) != 0;
  }

  public boolean isNoSuid() {
    return (flags & MS_NOSUID) != 0;
  }

  /** Whether set-ID bits of programs count for members of the user namespace (mnt_may_suid()). */
  public boolean maySetIds(UserNamespace members) {
    return !isNoSuid() && members.isIn(fileSystem.userNamespace());
  }

  public boolean isNoDev() {
    return (flags & MS_NODEV) != 0;
  }
}
