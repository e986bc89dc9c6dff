package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.FileLeases;
import dev.skerry.sentry.vfs.FileLocks;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** /proc/locks (proc_locks(5)): the locks on files that processes have open. */
final class LocksText {
  private static final String ADVISORY = " ADVISORY  ";

  /** What the kinds of leases are called. */
  private static final String[] KINDS = {"READ ", "WRITE ", "UNLCK "};

  private final PidNamespace pids;
  private final Set<Object> told = Collections.newSetFromMap(new IdentityHashMap<>());
  private final StringBuilder out = new StringBuilder();
  private int number;

  private LocksText(PidNamespace pids) {
    this.pids = pids;
  }

  static String of(Kernel kernel, PidNamespace pids) {
    LocksText text = new LocksText(pids);
    for (ThreadGroup group : kernel.tasks().groups()) {
      Task task = group.anyThread();
      if (task != null) {
        text.addFiles(group, task.files());
      }
    }
    return text.out.toString();
  }

  private void addFiles(ThreadGroup group, FdTable files) {
    for (int fd : files.descriptors()) {
      OpenFileDescription file = files.acquire(fd);
      if (file != null) {
        addFile(group, file);
        file.drop();
      }
    }
  }

  private void addFile(ThreadGroup group, OpenFileDescription file) {
    FileLocks locks = file.locks();
    if (locks == null) {
      return;
    }
    try {
      Stat stat = file.stat();
      if (told.add(locks)) {
        for (FileLocks.Lock lock : locks.records()) {
          String kind = lock.pid() < 0 ? "OFDLCK" : "POSIX ";
          int pid = lock.pid() < 0 ? -1 : pids.number(lock.pid());
          add(kind + ADVISORY, lock.exclusive(), pid, stat, lock.start(), lock.end());
        }
        addLeases(file, stat);
      }
      Boolean whole = locks.whole(file);
      if (whole != null && told.add(file)) {
        add("FLOCK " + ADVISORY, whole, pids.number(group), stat, 0, Long.MAX_VALUE);
      }
    } catch (ErrnoException e) {
      // A file that cannot tell what it is has no row.
    }
  }

  private void addLeases(OpenFileDescription file, Stat stat) {
    VfsPath path = file.path();
    FileLeases leases = path == null ? null : path.inode().leasesIfAny();
    if (leases == null) {
      return;
    }
    for (FileLeases.Shown lease : leases.shown()) {
      String kind = lease.breaking() ? "LEASE  BREAKING  " : "LEASE  ACTIVE    ";
      add(kind, KINDS[lease.kind()], pids.number(lease.pid()), stat, 0, Long.MAX_VALUE);
    }
  }

  private void add(String kind, boolean exclusive, int pid, Stat stat, long start, long end) {
    add(kind, exclusive ? "WRITE " : "READ ", pid, stat, start, end);
  }

  private void add(String kind, String access, int pid, Stat stat, long start, long end) {
    number++;
    out.append(number).append(": ").append(kind);
    out.append(access).append(pid).append(' ');
    out.append(Numbers.hex(stat.dev() >> 8 & 0xfff, 2)).append(':');
    out.append(Numbers.hex(stat.dev() & 0xff, 2)).append(':').append(stat.ino());
    out.append(' ').append(start).append(' ');
    out.append(end == Long.MAX_VALUE ? "EOF" : Long.toString(end)).append('\n');
  }
}
