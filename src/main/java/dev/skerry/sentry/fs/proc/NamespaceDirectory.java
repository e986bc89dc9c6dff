package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.kernel.NamespaceFile;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.MagicTarget;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedLink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /proc/PID/ns. */
final class NamespaceDirectory extends GeneratedDirectory {
  /** The files; two of them are of what children get. */
  private enum Entry {
    CGROUP("cgroup", NamespaceKind.CGROUP),
    IPC("ipc", NamespaceKind.IPC),
    MNT("mnt", NamespaceKind.MNT),
    NET("net", NamespaceKind.NET),
    PID("pid", NamespaceKind.PID),
    PID_FOR_CHILDREN("pid_for_children", NamespaceKind.PID),
    TIME("time", NamespaceKind.TIME),
    TIME_FOR_CHILDREN("time_for_children", NamespaceKind.TIME),
    USER("user", NamespaceKind.USER),
    UTS("uts", NamespaceKind.UTS);

    private static final Entry[] ALL = values();

    private final String fileName;
    private final NamespaceKind kind;

    Entry(String fileName, NamespaceKind kind) {
      this.fileName = fileName;
      this.kind = kind;
    }

    /** The task's namespace; a task that has ended is in none but these two. */
    Namespace of(Task task) throws ErrnoException {
      if (this == USER) {
        return task.credentials().userNamespace();
      }
      if (this != PID && task.isDead()) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      if (this == PID) {
        return task.pidNamespace();
      }
      if (this == TIME) {
        return task.namespaces().time();
      }
      if (this == PID_FOR_CHILDREN && !task.namespaces().pidForChildren().hasInit()) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return task.namespaces().get(kind);
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
    for (Entry entry : Entry.ALL) {
      if (entry.fileName.equals(name)) {
        return new Link(subject, entry);
      }
    }
    return null;
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    List<DirectoryEntry> list = new ArrayList<>();
    for (Entry entry : Entry.ALL) {
      long number = subject.inode(Subject.NAMESPACES, entry.ordinal());
      list.add(entry(entry.fileName, number, S_IFLNK));
    }
    return list;
  }

  private static final class Link extends GeneratedLink {
    private final Subject subject;
    private final Entry entry;

    Link(Subject subject, Entry entry) {
      super(subject.fileSystem(), subject.inode(Subject.NAMESPACES, entry.ordinal()), 0777);
      this.subject = subject;
      this.entry = entry;
    }

    @Override
    protected Subject subject() {
      return subject;
    }

    @Override
    protected Owner owner() {
      return subject.owner();
    }

    private Namespace namespace() throws ErrnoException {
      subject.checkInspect(Errno.EACCES);
      return entry.of(subject.present());
    }

    @Override
    public String readlink() throws ErrnoException {
      return namespace().label();
    }

    @Override
    public MagicTarget magicTarget() throws ErrnoException {
      Namespace namespace = namespace();
      if (!namespace.tryAcquire()) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      return new MagicTarget(null, new NamespaceFile(namespace, OpenFlags.O_RDONLY));
    }
  }
}
