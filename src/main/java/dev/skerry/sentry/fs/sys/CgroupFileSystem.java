package dev.skerry.sentry.fs.sys;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFileSystem;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.Map;

/**
 * The unified hierarchy of control groups (cgroups(7)), to be mounted at /sys/fs/cgroup: one group
 * that holds the whole sandbox. It cannot be changed from inside.
 */
public final class CgroupFileSystem extends GeneratedFileSystem {
  private static final long CGROUP2_SUPER_MAGIC = 0x63677270;
  private static final long DEVICE = 0x17;

  private final Group root;

  public CgroupFileSystem(Kernel kernel) {
    super("cgroup2", CGROUP2_SUPER_MAGIC, DEVICE, kernel.clock().realtime());
    this.root = new Group(this, kernel);
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public String source() {
    return "cgroup";
  }

  private static final class Group extends FixedDirectory {
    private final CgroupFileSystem cgroup;
    private final Kernel kernel;

    Group(CgroupFileSystem fileSystem, Kernel kernel) {
      super(fileSystem, ROOT_NUMBER);
      this.cgroup = fileSystem;
      this.kernel = kernel;
    }

    @Override
    protected void fill(Map<String, GeneratedInode> names) {
      for (String name : CgroupFile.NAMES) {
        names.put(name, new CgroupFile(cgroup, kernel, name));
      }
    }
  }
}
