package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.GeneratedFileSystem;
import java.util.List;

/** One instance of /proc. */
public final class ProcFileSystem extends GeneratedFileSystem {
  private static final long PROC_SUPER_MAGIC = 0x9fa0;
  private static final long DEVICE = 0x15;

  private final Kernel kernel;
  private final PidNamespace pids;
  private final List<String> types;
  private final ProcRoot root;

  /**
   * @param pids of whoever mounts it
   * @param types the lines of /proc/filesystems: names, with "nodev" and a tab before most
   */
  public ProcFileSystem(Kernel kernel, PidNamespace pids, List<String> types) {
    super("proc", PROC_SUPER_MAGIC, DEVICE, kernel.clock().realtime());
    this.kernel = kernel;
    this.pids = pids;
    this.types = types;
    this.root = new ProcRoot(this);
  }

  Kernel kernel() {
    return kernel;
  }

  /** The namespace whose tasks it shows, with their numbers there. */
  PidNamespace pids() {
    return pids;
  }

  List<String> types() {
    return types;
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public boolean cachesNames() {
    return false;
  }

  @Override
  public String source() {
    return "proc";
  }

  /** On Linux the look-up fails before anything else is asked. */
  @Override
  protected ErrnoException refusal(int usual) {
    return ErrnoException.of(Errno.ENOENT);
  }
}
