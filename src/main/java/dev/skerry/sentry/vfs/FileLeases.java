package dev.skerry.sentry.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The leases on one file (fcntl(2), F_SETLEASE): who holds one is told before somebody else opens
 * the file. A holder who keeps it nevertheless loses it in time, which whoever looks next does. The
 * monitor guards them. Linux: fs/locks.c, generic_setlease() and __break_lease().
 */
public final class FileLeases {
  /** F_RDLCK: nobody may write. */
  public static final int READ = 0;

  /** F_WRLCK: nobody else has the file open. */
  public static final int WRITE = 1;

  /** F_UNLCK. */
  public static final int NONE = 2;

  /** A holder is told, without locks that matter to it, that it is to give the lease up. */
  public interface Holder {
    void tell();
  }

  /** A lease as it is now; {@code kind} is what it becomes if it is being broken. */
  public record Shown(int kind, int pid, boolean breaking) {}

  private static final class Lease {
    private final OpenFileDescription file;
    private final int pid;
    private Holder holder;
    private int kind;

    /** When it ends, or becomes one for reading; null while nobody wants that. */
    private @Nullable Deadline ends;

    private @Nullable Deadline lessens;

    private Lease(OpenFileDescription file, int pid, Holder holder, int kind) {
      this.file = file;
      this.pid = pid;
      this.holder = holder;
      this.kind = kind;
    }

    private boolean conflicts(boolean writes) {
      return writes || kind == WRITE;
    }

    private int target() {
      if (ends != null) {
        return NONE;
      }
      return lessens == null ? kind : READ;
    }
  }

  /**
   * A time that may never come.
   *
   * @param nanos in the time of {@link System#nanoTime}
   */
  record Deadline(boolean never, long nanos) {
    private static Deadline ofBreak() {
      int seconds = SysctlValues.SYSTEM.getInt(Sysctl.LEASE_BREAK_TIME);
      return new Deadline(seconds <= 0, System.nanoTime() + seconds * 1_000_000_000L);
    }

    private static boolean isPast(@Nullable Deadline deadline) {
      return deadline != null && !deadline.never && System.nanoTime() - deadline.nanos >= 0;
    }
  }

  private final Inode inode;
  private final WaitQueue queue = new WaitQueue();

  @GuardedBy("this")
  private final List<Lease> leases = new ArrayList<>(1);

  FileLeases(Inode inode) {
    this.inode = inode;
  }

  /** Tells those who wait that a lease was given up. */
  WaitQueue queue() {
    return queue;
  }

  /**
   * Takes a lease, or changes the one that the description has.
   *
   * @param kind {@link #READ} or {@link #WRITE}
   * @return zero; -EAGAIN, -EINVAL while the system gives none, -ENOLCK
   */
  public synchronized long set(OpenFileDescription file, int kind, int pid, Holder holder) {
    endOverdue();
    if (!inode.mayLease(file, kind)) {
      return -Errno.EAGAIN;
    }
    Lease own = null;
    for (Lease lease : leases) {
      if (lease.file == file) {
        own = lease;
      } else if (kind == WRITE || lease.ends != null) {
        return -Errno.EAGAIN;
      }
    }
    if (own != null) {
      own.holder = holder;
      change(own, kind);
      return 0;
    }
    if (SysctlValues.SYSTEM.get(Sysctl.LEASES_ENABLE) == 0) {
      return -Errno.EINVAL;
    }
    if (!Slab.FILE_LOCK.take(1)) {
      return -Errno.ENOLCK;
    }
    leases.add(new Lease(file, pid, holder, kind));
    return 0;
  }

  /** Gives the description's lease up: zero, or -EAGAIN if it has none. */
  public synchronized long remove(OpenFileDescription file) {
    for (Lease lease : leases) {
      if (lease.file == file) {
        end(lease);
        return 0;
      }
    }
    return -Errno.EAGAIN;
  }

  /** The description's lease, as it is to become: F_GETLEASE. */
  public synchronized int of(OpenFileDescription file) {
    endOverdue();
    for (Lease lease : leases) {
      if (lease.file == file) {
        return lease.target();
      }
    }
    return NONE;
  }

  /** The leases in /proc/locks. */
  public synchronized List<Shown> shown() {
    List<Shown> shown = new ArrayList<>(leases.size());
    for (Lease lease : leases) {
      int target = lease.target();
      shown.add(new Shown(target, lease.pid, target != lease.kind));
    }
    return shown;
  }

  /**
   * Asks all who are in the way to give up their leases.
   *
   * @param writes whether the file is to be written; or else only read
   * @return when that will be done at the latest; null if nobody is in the way
   */
  synchronized @Nullable Deadline breakFor(boolean writes) {
    endOverdue();
    Deadline last = null;
    for (Lease lease : leases) {
      if (!lease.conflicts(writes)) {
        continue;
      }
      Deadline due = writes || lease.lessens == null ? lease.ends : lease.lessens;
      if (due == null) {
        due = Deadline.ofBreak();
        if (writes) {
          lease.ends = due;
        } else {
          lease.lessens = due;
        }
        lease.holder.tell();
      }
      if (last == null || due.never || !last.never && due.nanos - last.nanos > 0) {
        last = due;
      }
    }
    return last;
  }

  /** Whether somebody is still in the way. */
  synchronized boolean isInWay(boolean writes) {
    endOverdue();
    for (Lease lease : leases) {
      if (lease.conflicts(writes)) {
        return true;
      }
    }
    return false;
  }

  /** Linux: time_out_leases(). */
  @GuardedBy("this")
  private void endOverdue() {
    for (int i = leases.size() - 1; i >= 0; i--) {
      Lease lease = leases.get(i);
      if (Deadline.isPast(lease.ends)) {
        end(lease);
      } else if (Deadline.isPast(lease.lessens)) {
        change(lease, READ);
      }
    }
  }

  @GuardedBy("this")
  private void change(Lease lease, int kind) {
    lease.kind = kind;
    if (kind == READ) {
      lease.lessens = null;
    }
    queue.wake(Events.READABLE);
  }

  /** Linux: lease_modify() to F_UNLCK. */
  @GuardedBy("this")
  private void end(Lease lease) {
    leases.remove(lease);
    Slab.FILE_LOCK.give(1);
    lease.file.setIoOwner(IoOwner.NONE);
    queue.wake(Events.READABLE);
  }
}
