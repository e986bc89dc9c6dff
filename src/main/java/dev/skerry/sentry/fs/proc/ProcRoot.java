package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.IpcListing;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.FixedLink;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The root: what tells of the system, and a directory for every process. */
final class ProcRoot extends GeneratedDirectory {
  private final ProcFileSystem proc;
  private final SystemNames names;

  ProcRoot(ProcFileSystem fileSystem) {
    super(fileSystem, 1, 0555);
    this.proc = fileSystem;
    this.names = new SystemNames(fileSystem);
  }

  @Override
  public @Nullable Inode lookup(String name) {
    int tid = Numbers.parseName(name);
    if (tid < 0) {
      return names.lookup(name);
    }
    Subject subject = Subject.find(proc, tid);
    return subject == null ? null : new TaskDirectory(subject);
  }

  @Override
  public List<DirectoryEntry> entries() {
    List<DirectoryEntry> list = new ArrayList<>(names.entries());
    for (ThreadGroup group : proc.kernel().tasks().groups()) {
      int number = proc.pids().number(group);
      if (number != 0) {
        long inode = Numbers.inode(group.tgid(), false, 0, 0);
        list.add(entry(Integer.toString(number), inode, S_IFDIR));
      }
    }
    return list;
  }

  @Override
  protected int linkCount() {
    return 2 + proc.kernel().tasks().groups().size();
  }

  /** /proc/sysvipc. */
  private static final class IpcDirectory extends FixedDirectory {
    private final ProcFileSystem proc;

    IpcDirectory(ProcFileSystem fileSystem) {
      super(fileSystem);
      this.proc = fileSystem;
    }

    @Override
    protected void fill(Map<String, GeneratedInode> names) {
      names.put("msg", new IpcFile(proc, IpcListing.Kind.MSG));
      names.put("sem", new IpcFile(proc, IpcListing.Kind.SEM));
      names.put("shm", new IpcFile(proc, IpcListing.Kind.SHM));
    }
  }

  /** /proc/tty. */
  private static final class TerminalDirectory extends FixedDirectory {
    private final ProcFileSystem proc;

    TerminalDirectory(ProcFileSystem fileSystem) {
      super(fileSystem);
      this.proc = fileSystem;
    }

    @Override
    protected void fill(Map<String, GeneratedInode> names) {
      names.put("drivers", new SystemFile(proc, "tty/drivers"));
      names.put("ldiscs", new SystemFile(proc, "tty/ldiscs"));
    }
  }

  /** The names that are always there. */
  private static final class SystemNames extends FixedDirectory {
    private final ProcFileSystem proc;

    SystemNames(ProcFileSystem fileSystem) {
      super(fileSystem);
      this.proc = fileSystem;
    }

    @Override
    protected void fill(Map<String, GeneratedInode> names) {
      names.put("self", new SelfLink(proc, false));
      names.put("thread-self", new SelfLink(proc, true));
      names.put("mounts", new FixedLink(proc, "self/mounts"));
      names.put("net", new FixedLink(proc, "self/net"));
      names.put("sys", new SysctlDirectory(proc));
      names.put("tty", new TerminalDirectory(proc));
      names.put("sysvipc", new IpcDirectory(proc));
      for (String name : SystemFile.NAMES) {
        names.put(name, new SystemFile(proc, name));
      }
    }
  }
}
