package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /proc/PID/fd, and /proc/PID/fdinfo, which has the same names. */
final class DescriptorDirectory extends GeneratedDirectory {
  private final Subject subject;
  private final boolean details;

  DescriptorDirectory(Subject subject, long number, boolean details) {
    super(subject.fileSystem(), number, details ? 0555 : 0500);
    this.subject = subject;
    this.details = details;
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
  protected long size() {
    Task task = subject.live();
    return task == null || details ? 0 : task.files().descriptors().length;
  }

  @Override
  public @Nullable Inode lookup(String name) throws ErrnoException {
    subject.checkInspect(Errno.EACCES);
    int fd = Numbers.parseName(name);
    Task task = subject.live();
    OpenFileDescription file = fd < 0 || task == null ? null : task.files().acquire(fd);
    if (file == null) {
      return null;
    }
    int flags = file.flags();
    file.drop();
    return details ? new DescriptorDetails(subject, fd) : new DescriptorLink(subject, fd, flags);
  }

  @Override
  public List<DirectoryEntry> entries() throws ErrnoException {
    subject.presentDirectory();
    subject.checkInspect(Errno.EACCES);
    Task task = subject.live();
    List<DirectoryEntry> list = new ArrayList<>();
    if (task != null) {
      int kind = details ? Subject.DESCRIPTOR_DETAILS : Subject.DESCRIPTORS;
      for (int fd : task.files().descriptors()) {
        list.add(entry(Integer.toString(fd), subject.inode(kind, fd), details ? S_IFREG : S_IFLNK));
      }
    }
    return list;
  }
}
