package dev.skerry.sentry.vfs.synthetic;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory whose names come and go by themselves. */
public abstract class GeneratedDirectory extends GeneratedInode {
  private static final int TYPE_SHIFT = 12;

  /**
   * @param permissions mostly 0555
   */
  protected GeneratedDirectory(GeneratedFileSystem fileSystem, long number, int permissions) {
    super(fileSystem, number, S_IFDIR | permissions);
  }

  @Override
  public abstract @Nullable Inode lookup(String name) throws ErrnoException;

  @Override
  public abstract List<DirectoryEntry> entries() throws ErrnoException;

  /**
   * @param type of the file, its S_IFMT bits
   */
  protected static DirectoryEntry entry(String name, long number, int type) {
    return new DirectoryEntry(name, number, type >> TYPE_SHIFT);
  }
}
