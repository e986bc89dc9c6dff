package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.Map;

/** A directory of /proc/sys. */
final class SysctlDirectory extends FixedDirectory {
  private final ProcFileSystem proc;

  /** The path from /proc/sys, empty or with a slash at its end. */
  private final String prefix;

  SysctlDirectory(ProcFileSystem fileSystem) {
    this(fileSystem, "");
  }

  private SysctlDirectory(ProcFileSystem fileSystem, String prefix) {
    super(fileSystem);
    this.proc = fileSystem;
    this.prefix = prefix;
  }

  @Override
  protected void fill(Map<String, GeneratedInode> names) {
    for (Sysctl setting : Sysctl.all()) {
      if (isHere(names, setting.path())) {
        names.put(setting.path().substring(prefix.length()), new SysctlFile(proc, setting));
      }
    }
    for (String path : SystemSetting.PATHS) {
      if (isHere(names, path)) {
        names.put(path.substring(prefix.length()), new SystemSetting(proc, path));
      }
    }
  }

  /** Nobody may write to such a directory, not even root. */
  @Override
  public void unlink(String name, Inode file) throws ErrnoException {
    throw ErrnoException.of(Errno.EACCES);
  }

  /** Whether the setting is in this directory; adds the directory below that it is in. */
  private boolean isHere(Map<String, GeneratedInode> names, String path) {
    if (!path.startsWith(prefix)) {
      return false;
    }
    int slash = path.indexOf('/', prefix.length());
    if (slash < 0) {
      return true;
    }
    String name = path.substring(prefix.length(), slash);
    if (!names.containsKey(name)) {
      names.put(name, new SysctlDirectory(proc, path.substring(0, slash + 1)));
    }
    return false;
  }
}
