package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/** Structs that grow from one version of Linux to the next. Linux: copy_struct_from_user(). */
final class ExtensibleStruct {
  /** The most that a guest may hand over. */
  private static final int PAGE = 4096;

  private ExtensibleStruct() {}

  /**
   * The known part of a struct: what the guest's is shorter by counts as zeros.
   *
   * @param size the guest's size in bytes
   * @param least the size of its first version
   * @param known what is looked at
   * @throws ErrnoException EINVAL below the least size, E2BIG for more than a page or for anything
   *     but zeros beyond the known part, EFAULT
   */
  static StructReader read(UserMemory memory, long address, long size, int least, int known)
      throws ErrnoException {
    if (Long.compareUnsigned(size, least) < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (Long.compareUnsigned(size, PAGE) > 0) {
      throw ErrnoException.of(Errno.E2BIG);
    }
    byte[] given = memory.readBytes(address, (int) size);
    for (int i = known; i < given.length; i++) {
      if (given[i] != 0) {
        throw ErrnoException.of(Errno.E2BIG);
      }
    }
    return new StructReader(Arrays.copyOf(given, known));
  }
}
