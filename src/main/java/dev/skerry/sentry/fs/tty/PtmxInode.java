package dev.skerry.sentry.fs.tty;

import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Stat;

/** /dev/pts/ptmx. Its monitor guards the attributes. */
final class PtmxInode extends Inode {
  static final long NUMBER = 2;
  private static final int BLOCK_SIZE = 1024;

  private final DevptsFileSystem fileSystem;
  private Stat stat;

  PtmxInode(DevptsFileSystem fileSystem, int mode) {
    this.fileSystem = fileSystem;
    this.stat = stat(mode, 0, 0);
  }

  private static Stat stat(int mode, int uid, int gid) {
    return new Stat(
        Terminals.DEVPTS_DEVICE,
        NUMBER,
        S_IFCHR | mode,
        1,
        uid,
        gid,
        TerminalDevices.PTMX,
        0,
        BLOCK_SIZE,
        0,
        0,
        0,
        0,
        0);
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
  public synchronized Stat stat() {
    return stat;
  }

  @Override
  public synchronized void setAttributes(AttributeChange change) {
    stat =
        stat(
            change.mode() == -1 ? stat.mode() & 07777 : change.mode(),
            change.uid() == -1 ? stat.uid() : change.uid(),
            change.gid() == -1 ? stat.gid() : change.gid());
  }
}
