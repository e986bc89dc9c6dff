package dev.skerry.sentry.fs.tmpfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.MemoryFiles;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import org.jspecify.annotations.Nullable;

/** Makes the files of memfd_create(2). One for a sandbox. Linux: mm/memfd.c. */
public final class AnonymousFiles implements MemoryFiles {
  public static final int MFD_CLOEXEC = 0x01;
  public static final int MFD_ALLOW_SEALING = 0x02;
  public static final int MFD_NOEXEC_SEAL = 0x08;
  public static final int MFD_EXEC = 0x10;

  /** The longest name, without the NUL. */
  public static final int MOST_NAME_BYTES = 249;

  private static final int FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC;
  private static final int EXECUTABLE = 0777;
  private static final int NOT_EXECUTABLE = 0666;

  private final TmpfsFileSystem fileSystem;
  private final KernelMount mount;

  /**
   * @param data as of {@link TmpfsFileSystem}
   */
  public AnonymousFiles(@Nullable MemoryAccount data) throws ErrnoException {
    this.fileSystem = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
    this.mount = new KernelMount(fileSystem, 0);
  }

  /**
   * Makes an empty file and opens it for reading and writing.
   *
   * @param flags of memfd_create(2)
   * @throws ErrnoException EINVAL (huge pages, too, are not there), ENOSPC
   */
  @Override
  public OpenFileDescription create(String name, int flags, Owner owner) throws ErrnoException {
    boolean both = (flags & MFD_EXEC) != 0 && (flags & MFD_NOEXEC_SEAL) != 0;
    if ((flags & ~FLAGS) != 0 || both || name.length() > MOST_NAME_BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean noExec = (flags & MFD_NOEXEC_SEAL) != 0;
    int seals = noExec ? FileSeals.F_SEAL_EXEC : 0;
    if (!noExec && (flags & MFD_ALLOW_SEALING) == 0) {
      seals = FileSeals.F_SEAL_SEAL;
    }
    int mode = Inode.S_IFREG | (noExec ? NOT_EXECUTABLE : EXECUTABLE);
    TmpfsRegular file = new TmpfsRegular(fileSystem, mode, owner, false, seals);
    return file.open(mount.place("memfd:" + name, file), OpenFlags.O_RDWR | OpenFlags.O_LARGEFILE);
  }
}
