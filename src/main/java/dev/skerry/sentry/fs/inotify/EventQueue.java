package dev.skerry.sentry.fs.inotify;

import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The events that nobody has read yet. Guarded by the {@link InotifyFile}. */
final class EventQueue {
  static final int IN_Q_OVERFLOW = 0x4000;
  static final int IN_IGNORED = 0x8000;

  private static final InotifyEvent OVERFLOW = new InotifyEvent(-1, IN_Q_OVERFLOW, 0, "");

  private final InotifyLimits limits;
  private final long most = SysctlValues.SYSTEM.get(Sysctl.INOTIFY_EVENTS);
  private final ArrayDeque<InotifyEvent> events = new ArrayDeque<>();
  private long size;
  private boolean overflown;

  EventQueue(InotifyLimits limits) {
    this.limits = limits;
  }

  /** Adds an event unless it repeats the last one; returns whether there is one more now. */
  boolean add(InotifyEvent event) {
    InotifyEvent last = events.peekLast();
    if (events.size() >= most) {
      return overflow();
    }
    if (last != null && event.repeats(last) && (last.mask() & IN_IGNORED) == 0) {
      return false;
    }
    if (!limits.takeEvent(event.heapBytes())) {
      return overflow();
    }
    events.add(event);
    size += event.size();
    return true;
  }

  /** Says once that events are lost. */
  private boolean overflow() {
    if (overflown) {
      return false;
    }
    overflown = true;
    events.add(OVERFLOW);
    size += OVERFLOW.size();
    return true;
  }

  boolean isEmpty() {
    return events.isEmpty();
  }

  @Nullable InotifyEvent first() {
    return events.peek();
  }

  void removeFirst() {
    InotifyEvent gone = events.remove();
    size -= gone.size();
    if (gone == OVERFLOW) {
      overflown = false;
    } else {
      limits.giveEvent(gone.heapBytes());
    }
  }

  void clear() {
    while (!events.isEmpty()) {
      removeFirst();
    }
  }

  /** The bytes that reading everything gives. */
  long size() {
    return size;
  }
}
