package dev.skerry.sentry.fs.epoll;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An epoll instance. Its monitor guards the set of items; the ready list guards itself. */
public final class EpollFile extends OpenFileDescription {
  /** Takes the events of one item. */
  @FunctionalInterface
  public interface Sink {
    /** Returns false if the event could not be taken. */
    boolean event(int events, long data);
  }

  /** Held while epolls come to watch epolls, or more below them. */
  private static final Object TOPOLOGY = new Object();

  private static final int EXCLUSIVE_ALLOWED =
      Events.IN
          | Events.OUT
          | Events.ALWAYS
          | EpollItem.EPOLLWAKEUP
          | EpollItem.EPOLLET
          | EpollItem.EPOLLEXCLUSIVE;

  private record Key(int fd, OpenFileDescription file) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && key.fd == fd && key.file.equals(file);
    }

    @Override
    public int hashCode() {
      return fd * 31 + file.hashCode();
    }
  }

  /** Those in epoll_wait(2). */
  private final WaitQueue waiters = new WaitQueue();

  /** Those who watch this epoll as a file. */
  private final WaitQueue queue = new WaitQueue();

  private final Map<Key, EpollItem> items = new HashMap<>();
  private final ArrayDeque<EpollItem> ready = new ArrayDeque<>();

  public EpollFile(int flags) {
    super(flags);
  }

  @Override
  protected void release() {
    List<EpollItem> all;
    synchronized (this) {
      all = new ArrayList<>(items.values());
      items.clear();
    }
    Slab.EPOLL_ITEM.give(all.size());
    for (EpollItem item : all) {
      item.detach();
    }
    synchronized (ready) {
      ready.clear();
    }
  }

  @Override
  public String displayName() {
    return "anon_inode:[eventpoll]";
  }

  @Override
  public synchronized String details() {
    StringBuilder out = new StringBuilder();
    for (EpollItem item : items.values()) {
      out.append("tfd: ").append(padded(Integer.toString(item.fd), 8));
      out.append(" events: ").append(padded(Integer.toHexString(item.events), 8));
      out.append(" data: ").append(padded(Long.toHexString(item.data), 16));
      out.append('\n');
    }
    return out.toString();
  }

  private static String padded(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }

  /** Where those are who are to have the events. */
  public WaitQueue waiters() {
    return waiters;
  }

  /** There is no position, and yet no error (noop_llseek). */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  /** Readable while an item has events. */
  @Override
  public int poll() {
    return collect(1, (events, data) -> false) != 0 ? Events.READABLE : 0;
  }

  /**
   * Watches a file (EPOLL_CTL_ADD).
   *
   * @param file with a reference that the caller keeps
   * @return zero, -EEXIST, -EPERM for a file that is always ready, -EINVAL, also for too many ways
   *     through epolls, -ELOOP, or -ENOSPC
   */
  public long add(int fd, OpenFileDescription file, int events, long data) {
    if (file == this) {
      return -Errno.EINVAL;
    }
    if ((events & EpollItem.EPOLLEXCLUSIVE) != 0
        && ((events & ~EXCLUSIVE_ALLOWED) != 0 || file instanceof EpollFile)) {
      return -Errno.EINVAL;
    }
    if (file.waitQueue() == null) {
      return -Errno.EPERM;
    }
    if (!(file instanceof EpollFile) && !EpollPaths.isWatched(this)) {
      return insert(fd, file, events, data);
    }
    synchronized (TOPOLOGY) {
      EpollPaths paths = new EpollPaths();
      if (file instanceof EpollFile nested && paths.wouldLoop(this, nested)) {
        return -Errno.ELOOP;
      }
      long result = insert(fd, file, events, data);
      if (result == 0 && paths.areTooMany(file)) {
        delete(fd, file);
        return -Errno.EINVAL;
      }
      return result;
    }
  }

  /** What it watches. */
  synchronized List<OpenFileDescription> watched() {
    List<OpenFileDescription> files = new ArrayList<>();
    for (EpollItem item : items.values()) {
      files.add(item.file);
    }
    return files;
  }

  private long insert(int fd, OpenFileDescription file, int events, long data) {
    EpollItem item =
        new EpollItem(this, fd, file, events & ~EpollItem.EPOLLWAKEUP | Events.ALWAYS, data);
    synchronized (this) {
      Key key = new Key(fd, file);
      if (items.containsKey(key)) {
        return -Errno.EEXIST;
      }
      // As when the user's max_user_watches are used up (epoll(7)).
      if (!Slab.EPOLL_ITEM.take(1)) {
        return -Errno.ENOSPC;
      }
      items.put(key, item);
      item.attach();
      if (item.ready() != 0) {
        becameReady(item);
      }
    }
    return 0;
  }

  /** Changes what is watched for (EPOLL_CTL_MOD): zero, -ENOENT or -EINVAL. */
  public long modify(int fd, OpenFileDescription file, int events, long data) {
    synchronized (this) {
      EpollItem item = items.get(new Key(fd, file));
      if (item == null) {
        return -Errno.ENOENT;
      }
      if (((item.events | events) & EpollItem.EPOLLEXCLUSIVE) != 0) {
        return -Errno.EINVAL;
      }
      item.events = events & ~EpollItem.EPOLLWAKEUP | Events.ALWAYS;
      item.data = data;
      if (item.ready() != 0) {
        becameReady(item);
      }
    }
    return 0;
  }

  /** Stops watching (EPOLL_CTL_DEL): zero or -ENOENT. */
  public long delete(int fd, OpenFileDescription file) {
    EpollItem item;
    synchronized (this) {
      item = items.remove(new Key(fd, file));
    }
    if (item == null) {
      return -Errno.ENOENT;
    }
    Slab.EPOLL_ITEM.give(1);
    forget(item);
    return 0;
  }

  void remove(EpollItem item) {
    synchronized (this) {
      if (items.remove(new Key(item.fd, item.file), item)) {
        Slab.EPOLL_ITEM.give(1);
      }
    }
    forget(item);
  }

  private void forget(EpollItem item) {
    item.detach();
    synchronized (ready) {
      if (item.listed) {
        item.listed = false;
        ready.remove(item);
      }
    }
  }

  /**
   * Called under the locks of the file that has become ready. Those who watch this epoll are told
   * each time: to them it is another edge.
   *
   * @return whether somebody waited for events, and goes on now
   */
  boolean becameReady(EpollItem item) {
    synchronized (ready) {
      if (!item.listed) {
        item.listed = true;
        ready.add(item);
      }
    }
    queue.wake(Events.READABLE);
    return waiters.wake(Events.READABLE);
  }

  private @Nullable EpollItem next() {
    synchronized (ready) {
      EpollItem item = ready.poll();
      if (item != null) {
        item.listed = false;
      }
      return item;
    }
  }

  private void again(EpollItem item, boolean first) {
    synchronized (ready) {
      if (item.listed) {
        return;
      }
      item.listed = true;
      if (first) {
        ready.addFirst(item);
      } else {
        ready.addLast(item);
      }
    }
  }

  /**
   * Reports what is ready, each item at most once (epoll_wait(2)).
   *
   * @return the number of items with events, the one that the sink refused among them if it was the
   *     first
   */
  public synchronized int collect(int most, Sink sink) {
    int count = 0;
    List<EpollItem> still = new ArrayList<>();
    boolean refused = false;
    EpollItem item;
    while (count < most && !refused && (item = next()) != null) {
      if (!items.containsKey(new Key(item.fd, item.file)) || !item.file.tryAcquire()) {
        continue;
      }
      try {
        int events = item.ready();
        if (events == 0) {
          continue;
        }
        if (!sink.event(events, item.data)) {
          again(item, true);
          refused = true;
          count = Math.max(count, 1);
        } else {
          count++;
          if (item.isOneShot()) {
            item.disarm();
          } else if (!item.isEdgeTriggered()) {
            still.add(item);
          }
        }
      } finally {
        item.file.drop();
      }
    }
    for (EpollItem level : still) {
      again(level, false);
    }
    return count;
  }
}
