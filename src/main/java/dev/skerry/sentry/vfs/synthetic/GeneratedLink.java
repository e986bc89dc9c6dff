package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.sentry.ErrnoException;

/** A symbolic link whose target is found when it is asked for. */
public abstract class GeneratedLink extends GeneratedInode {
  protected GeneratedLink(GeneratedFileSystem fileSystem, long number, int permissions) {
    super(fileSystem, number, S_IFLNK | permissions);
  }

  @Override
  public abstract String readlink() throws ErrnoException;
}
