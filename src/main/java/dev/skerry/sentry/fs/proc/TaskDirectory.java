package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.ProcessDirectory;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /proc/PID and /proc/PID/task/TID. */
final class TaskDirectory extends GeneratedDirectory implements ProcessDirectory {
  private static final int FD = 200;
  private static final int FDINFO = 201;
  private static final int NS = 202;
  private static final int TASK = 203;

  /** The numbers of their files follow. */
  private static final int ATTR = 250;

  private static final int NET = 300;

  private final Subject subject;

  TaskDirectory(Subject subject) {
    super(subject.fileSystem(), subject.inode(Subject.OWN, 0), 0555);
    this.subject = subject;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  public @Nullable ThreadGroup process() {
    return subject.isInTaskList() ? null : subject.group();
  }

  @Override
  protected Owner owner() {
    return subject.directoryOwner();
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    subject.present();
    TaskFileKind kind = TaskFileKind.named(name);
    if (kind != null) {
      return kind.isThere(subject.isInTaskList()) ? new TaskFile(subject, kind) : null;
    }
    TaskLink.Kind link = TaskLink.Kind.named(name);
    if (link != null) {
      return new TaskLink(subject, link);
    }
    return switch (name) {
      case "attr" -> new AttributeDirectory(subject, number(ATTR));
      case "fd" -> new DescriptorDirectory(subject, number(FD), false);
      case "fdinfo" -> new DescriptorDirectory(subject, number(FDINFO), true);
      case "ns" -> new NamespaceDirectory(subject, number(NS));
      case "net" -> new NetDirectory(subject, number(NET));
      case "task" -> subject.isInTaskList() ? null : new TaskListDirectory(subject, number(TASK));
      default -> null;
    };
  }

  private long number(int index) {
    return subject.inode(Subject.OWN, index);
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.presentDirectory();
    List<DirectoryEntry> list = new ArrayList<>();
    for (TaskFileKind kind : TaskFileKind.ALL) {
      if (kind.isThere(subject.isInTaskList())) {
        list.add(entry(kind.fileName(), number(kind.index()), S_IFREG));
      }
    }
    for (TaskLink.Kind kind : TaskLink.Kind.ALL) {
      list.add(entry(kind.fileName(), number(kind.index()), S_IFLNK));
    }
    list.add(entry("attr", number(ATTR), S_IFDIR));
    list.add(entry("fd", number(FD), S_IFDIR));
    list.add(entry("fdinfo", number(FDINFO), S_IFDIR));
    list.add(entry("ns", number(NS), S_IFDIR));
    list.add(entry("net", number(NET), S_IFDIR));
    if (!subject.isInTaskList()) {
      list.add(entry("task", number(TASK), S_IFDIR));
    }
    return list;
  }
}
