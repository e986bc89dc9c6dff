package dev.skerry.sentry.fs.inotify;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.FileEvents;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An inotify instance: its watches, and what happened that nobody has read yet. */
public final class InotifyFile extends OpenFileDescription {
  public static final int IN_ALL_EVENTS = 0xfff;
  public static final int IN_ONLYDIR = 0x0100_0000;
  public static final int IN_DONT_FOLLOW = 0x0200_0000;
  public static final int IN_EXCL_UNLINK = 0x0400_0000;
  public static final int IN_MASK_CREATE = 0x1000_0000;
  public static final int IN_MASK_ADD = 0x2000_0000;
  public static final int IN_ONESHOT = 0x8000_0000;

  private static final int KEPT = IN_ALL_EVENTS | IN_EXCL_UNLINK | IN_ONESHOT;
  private static final int SELF_EVENTS = FileEvents.MOVE_SELF | FileEvents.DELETE_SELF;
  private static final int FIONREAD = 0x541b;
  private static final int MINOR_BITS = 20;

  private final InotifyLimits limits;
  private final int uid;
  private final WaitQueue queue = new WaitQueue();

  @GuardedBy("this")
  private final EventQueue events;

  @GuardedBy("this")
  private final Map<Inode, Watch> byInode = new HashMap<>();

  @GuardedBy("this")
  private final Map<Integer, Watch> byNumber = new HashMap<>();

  @GuardedBy("this")
  private int lastNumber;

  private InotifyFile(int flags, InotifyLimits limits, int uid) {
    super(flags);
    this.limits = limits;
    this.uid = uid;
    this.events = new EventQueue(limits);
  }

  /**
   * A new instance.
   *
   * @param uid of the user to whom it counts
   * @throws ErrnoException EMFILE if the user has too many
   */
  public static InotifyFile create(int flags, InotifyLimits limits, int uid) throws ErrnoException {
    if (!limits.takeInstance(uid)) {
      throw ErrnoException.of(Errno.EMFILE);
    }
    return new InotifyFile(flags, limits, uid);
  }

  /**
   * inotify_add_watch(2), of a file that the caller may read.
   *
   * @param mask its flags were checked
   * @return the watch's number, or -EEXIST, -ENOSPC
   */
  public synchronized long addWatch(VfsPath path, int mask) {
    Watch present = byInode.get(path.inode());
    if (present == null) {
      return newWatch(path, mask & KEPT);
    }
    if ((mask & IN_MASK_CREATE) != 0) {
      return -Errno.EEXIST;
    }
    int kept = (mask & IN_MASK_ADD) != 0 ? present.mask() : 0;
    present.setMask(kept | (mask & KEPT));
    return present.number();
  }

  @GuardedBy("this")
  private long newWatch(VfsPath path, int mask) {
    if (!limits.takeWatch()) {
      return -Errno.ENOSPC;
    }
    do {
      lastNumber = lastNumber == Integer.MAX_VALUE ? 1 : lastNumber + 1;
    } while (byNumber.containsKey(lastNumber));
    Watch watch = new Watch(this, lastNumber, path, mask);
    byInode.put(path.inode(), watch);
    byNumber.put(lastNumber, watch);
    path.inode().addWatch(watch);
    return lastNumber;
  }

  /** inotify_rm_watch(2): zero, or -EINVAL. */
  public synchronized long removeWatch(int number) {
    Watch watch = byNumber.get(number);
    if (watch == null) {
      return -Errno.EINVAL;
    }
    remove(watch);
    return 0;
  }

  @GuardedBy("this")
  private void remove(Watch watch) {
    Inode inode = watch.path().inode();
    inode.removeWatch(watch);
    byInode.remove(inode);
    byNumber.remove(watch.number());
    limits.giveWatches(1);
    enqueue(new InotifyEvent(watch.number(), EventQueue.IN_IGNORED, 0, ""));
  }

  synchronized void happened(Watch watch, int mask, String name, int cookie) {
    if (byNumber.get(watch.number()) != watch) {
      return;
    }
    int shown = (mask & SELF_EVENTS) != 0 ? mask & ~FileEvents.ISDIR : mask;
    enqueue(new InotifyEvent(watch.number(), shown, cookie, name));
    if (watch.isOneShot()) {
      remove(watch);
    }
  }

  synchronized void ended(Watch watch) {
    if (byNumber.get(watch.number()) == watch) {
      remove(watch);
    }
  }

  @GuardedBy("this")
  private void enqueue(InotifyEvent event) {
    if (events.add(event)) {
      queue.wake(Events.READABLE);
    }
  }

  @Override
  protected synchronized void release() {
    for (Watch watch : byNumber.values()) {
      watch.path().inode().removeWatch(watch);
    }
    limits.giveWatches(byNumber.size());
    byNumber.clear();
    byInode.clear();
    events.clear();
    limits.giveInstance(uid);
  }

  /** Whole events only; one that cannot be copied is lost, as in Linux. */
  @Override
  public synchronized long read(IoBuffer target) {
    long total = 0;
    while (true) {
      InotifyEvent event = events.first();
      if (event == null) {
        return total > 0 ? total : -Errno.EAGAIN;
      }
      if (event.size() > target.remaining()) {
        return total > 0 ? total : -Errno.EINVAL;
      }
      events.removeFirst();
      byte[] bytes = event.toBytes();
      if (target.put(bytes, 0, bytes.length) != bytes.length) {
        return -Errno.EFAULT;
      }
      total += bytes.length;
    }
  }

  /** There is no position to set, and no error. */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  @Override
  public synchronized int poll() {
    return events.isEmpty() ? 0 : Events.READABLE;
  }

  @Override
  public boolean hasIoSignals() {
    return true;
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    if (request != FIONREAD) {
      return -Errno.ENOTTY;
    }
    long waiting;
    synchronized (this) {
      waiting = events.size();
    }
    return memory.storeInt(argument, (int) waiting);
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public String displayName() {
    return "anon_inode:inotify";
  }

  /** The watches, the newest first. */
  @Override
  public String details() {
    List<Watch> watches;
    synchronized (this) {
      watches = new ArrayList<>(byNumber.values());
    }
    watches.sort((one, other) -> Integer.compare(other.number(), one.number()));
    StringBuilder lines = new StringBuilder();
    for (Watch watch : watches) {
      Stat stat = statOf(watch);
      if (stat != null) {
        appendLine(lines, watch, stat);
      }
    }
    return lines.toString();
  }

  private static @Nullable Stat statOf(Watch watch) {
    try {
      return watch.path().inode().stat();
    } catch (ErrnoException e) {
      return null;
    }
  }

  private static void appendLine(StringBuilder lines, Watch watch, Stat stat) {
    lines
        .append("inotify wd:")
        .append(Integer.toHexString(watch.number()))
        .append(" ino:")
        .append(Long.toHexString(stat.ino()))
        .append(" sdev:")
        .append(Long.toHexString(kernelDevice(stat.dev())))
        .append(" mask:")
        .append(Integer.toHexString(watch.mask()))
        .append(" ignored_mask:0 \n");
  }

  /** A device number as the kernel keeps it, from the form that stat(2) shows. */
  private static long kernelDevice(long device) {
    long major = device >>> 8 & 0xfff;
    long minor = device & 0xff | device >>> 12 & 0xf_ff00;
    return major << MINOR_BITS | minor;
  }
}
