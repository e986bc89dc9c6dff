package dev.skerry.sentry.fs.pipe;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;

/** Opens FIFOs: all who open one inode meet in one pipe. */
public final class Fifos {
  private Fifos() {}

  /**
   * Opens an end. It may have to wait for its peer: see {@link FifoFile#awaitsPeer}.
   *
   * @param flags access mode and status flags
   */
  public static OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    Inode inode = path.inode();
    return FifoFile.open(pipeOf(inode), flags, path, PathNames.ofOpenFile(path), inode::stat);
  }

  /** The pipe stays with the inode, empty while nobody has it open. */
  private static Pipe pipeOf(Inode inode) {
    synchronized (inode) {
      if (inode.attachment() instanceof Pipe present) {
        return present;
      }
      Pipe pipe = new Pipe();
      inode.attach(pipe);
      return pipe;
    }
  }
}
