package dev.skerry.sentry.fs.sys;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.GeneratedFileSystem;

/** One instance of /sys. */
public final class SysFileSystem extends GeneratedFileSystem {
  private static final long SYSFS_MAGIC = 0x62656572;
  private static final long DEVICE = 0x16;

  private final SysDirectory root;

  public SysFileSystem(Kernel kernel) {
    super("sysfs", SYSFS_MAGIC, DEVICE, kernel.clock().realtime());
    this.root = new SysDirectory(this, new SysTree(kernel), "", ROOT_NUMBER);
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public String source() {
    return "sysfs";
  }
}
