package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;

/** Makes the files of memfd_create(2); whoever knows file systems in memory implements it. */
public interface MemoryFiles {
  /**
   * @param name without the prefix "memfd:"
   * @param flags MFD_ flags
   * @throws ErrnoException EINVAL, ENOSPC
   */
  OpenFileDescription create(String name, int flags, Owner owner) throws ErrnoException;
}
