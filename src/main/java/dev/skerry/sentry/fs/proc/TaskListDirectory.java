package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /proc/PID/task: a directory for every thread. */
final class TaskListDirectory extends GeneratedDirectory {
  private final Subject subject;

  TaskListDirectory(Subject subject, long number) {
    super(subject.fileSystem(), number, 0555);
    this.subject = subject;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected Owner owner() {
    return subject.directoryOwner();
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    subject.present();
    int tid = Numbers.parseName(name);
    Subject thread = tid < 0 ? null : subject.threadOf(tid);
    return thread == null ? null : new TaskDirectory(thread);
  }

  private void add(List<DirectoryEntry> list, int tid) {
    String name = Integer.toString(subject.pids().number(tid));
    list.add(entry(name, Numbers.inode(tid, true, 0, 0), S_IFDIR));
  }

  /** The first thread is there as long as the process is, even when it has ended. */
  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.presentDirectory();
    List<DirectoryEntry> list = new ArrayList<>();
    add(list, subject.group().tgid());
    for (Task task : subject.group().threads()) {
      if (!task.isLeader()) {
        add(list, task.tid());
      }
    }
    return list;
  }

  @Override
  protected int linkCount() {
    return 2 + Math.max(subject.group().threads().size(), 1);
  }
}
