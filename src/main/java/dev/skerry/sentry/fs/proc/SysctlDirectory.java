package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
    for (int i = 0; i < SysctlTable.FIXED.length; i += 2) {
      add(names, SysctlTable.FIXED[i], SysctlTable.FIXED[i + 1]);
    }
    for (String path : SysctlTable.COMPUTED) {
      add(names, path, null);
    }
  }

  private void add(Map<String, GeneratedInode> names, String path, @Nullable String value) {
    if (!path.startsWith(prefix)) {
      return;
    }
    int slash = path.indexOf('/', prefix.length());
    if (slash < 0) {
      names.put(path.substring(prefix.length()), new SysctlFile(proc, path, value));
      return;
    }
    String name = path.substring(prefix.length(), slash);
    if (!names.containsKey(name)) {
      names.put(name, new SysctlDirectory(proc, path.substring(0, slash + 1)));
    }
  }
}
