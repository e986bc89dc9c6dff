package dev.skerry.sentry.fs.epoll;

import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitEntry;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** A watched file. Linux: struct epitem. */
final class EpollItem extends WaitEntry implements Runnable {
  static final int EPOLLEXCLUSIVE = 1 << 28;
  static final int EPOLLWAKEUP = 1 << 29;
  static final int EPOLLONESHOT = 1 << 30;
  static final int EPOLLET = 1 << 31;
  private static final int PRIVATE = EPOLLEXCLUSIVE | EPOLLWAKEUP | EPOLLONESHOT | EPOLLET;
  private static final int EVERYTHING = 0x3fff;

  final EpollFile epoll;
  final int fd;
  final OpenFileDescription file;
  private final @Nullable WaitQueue queue;

  /** What is asked for, with the private bits; written under the epoll's monitor. */
  volatile int events;

  /** Guarded by the epoll's monitor. */
  long data;

  /** Whether it is on the list of ready items; guarded by that. */
  boolean listed;

  EpollItem(EpollFile epoll, int fd, OpenFileDescription file, int events, long data) {
    super(EVERYTHING);
    this.epoll = epoll;
    this.fd = fd;
    this.file = file;
    this.queue = file.waitQueue();
    this.events = events;
    this.data = data;
  }

  void attach() {
    file.addReleaseListener(this);
    if (queue != null) {
      queue.add(this);
    }
  }

  void detach() {
    if (queue != null) {
      queue.remove(this);
    }
    file.removeReleaseListener(this);
  }

  /** The last descriptor of the file was closed: it is watched no longer. */
  @Override
  public void run() {
    epoll.remove(this);
  }

  boolean isEdgeTriggered() {
    return (events & EPOLLET) != 0;
  }

  /** Reported once: nothing more until EPOLL_CTL_MOD. */
  void disarm() {
    events &= PRIVATE;
  }

  boolean isOneShot() {
    return (events & EPOLLONESHOT) != 0;
  }

  /** The events asked for that hold now. */
  int ready() {
    int wanted = events;
    if ((wanted & ~PRIVATE) == 0) {
      return 0;
    }
    return file.poll() & (wanted | Events.ALWAYS) & EVERYTHING;
  }

  @Override
  protected boolean woken(int happened) {
    int wanted = events;
    return (wanted & ~PRIVATE) != 0
        && (happened & (wanted | Events.ALWAYS)) != 0
        && epoll.becameReady(this);
  }

  @Override
  protected boolean isExclusive() {
    return (events & EPOLLEXCLUSIVE) != 0;
  }
}
