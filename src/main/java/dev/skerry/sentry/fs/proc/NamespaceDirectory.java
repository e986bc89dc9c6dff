package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MagicTarget;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /proc/PID/ns. Every task is in the sandbox's one namespace of each kind. */
final class NamespaceDirectory extends GeneratedDirectory {
  /** With the numbers that Linux gives the first ones (include/linux/proc_ns.h). */
  private enum Namespace {
    CGROUP("cgroup", "cgroup", 0xeffffffbL),
    IPC("ipc", "ipc", 0xefffffffL),
    MNT("mnt", "mnt", 0xeffffff8L),
    NET("net", "net", 0xeffffff9L),
    PID("pid", "pid", 0xeffffffcL),
    PID_FOR_CHILDREN("pid_for_children", "pid", 0xeffffffcL),
    TIME("time", "time", 0xeffffffaL),
    TIME_FOR_CHILDREN("time_for_children", "time", 0xeffffffaL),
    USER("user", "user", 0xeffffffdL),
    UTS("uts", "uts", 0xeffffffeL);

    private static final Namespace[] ALL = values();

    private final String fileName;
    private final String type;
    private final long number;

    Namespace(String fileName, String type, long number) {
      this.fileName = fileName;
      this.type = type;
      this.number = number;
    }
  }

  private final Subject subject;

  NamespaceDirectory(Subject subject, long number) {
    super(subject.fileSystem(), number, 0511);
    this.subject = subject;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected Owner owner() {
    return subject.owner();
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    subject.present();
    for (Namespace namespace : Namespace.ALL) {
      if (namespace.fileName.equals(name)) {
        return new Link(subject, namespace);
      }
    }
    return null;
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    List<DirectoryEntry> list = new ArrayList<>();
    for (Namespace namespace : Namespace.ALL) {
      long number = subject.inode(Subject.NAMESPACES, namespace.ordinal());
      list.add(entry(namespace.fileName, number, S_IFLNK));
    }
    return list;
  }

  private static final class Link extends GeneratedLink {
    private final Subject subject;
    private final Namespace namespace;

    Link(Subject subject, Namespace namespace) {
      super(subject.fileSystem(), subject.inode(Subject.NAMESPACES, namespace.ordinal()), 0777);
      this.subject = subject;
      this.namespace = namespace;
    }

    @Override
    protected Subject subject() {
      return subject;
    }

    @Override
    protected Owner owner() {
      return subject.owner();
    }

    @Override
    public String readlink() throws ErrnoException {
      subject.checkInspect(Errno.EACCES);
      subject.present();
      return namespace.type + ":[" + namespace.number + "]";
    }

    @Override
    public MagicTarget magicTarget() throws ErrnoException {
      return new MagicTarget(null, new NamespaceFile(readlink(), namespace.number, 0));
    }
  }
}
