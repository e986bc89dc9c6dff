package dev.skerry.sentry.waiter;

import java.util.ArrayList;
import java.util.List;

/** Those who wait for something to become ready. */
public final class WaitQueue {
  private final List<WaitEntry> entries = new ArrayList<>(2);

  public synchronized void add(WaitEntry entry) {
    entries.add(entry);
  }

  /** Takes the entry off; afterwards it is not told any more. Nothing happens if it is not on. */
  public synchronized void remove(WaitEntry entry) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i) == entry) {
        entries.remove(i);
        return;
      }
    }
  }

  /** Tells every entry that asked for one of the events. */
  public synchronized void wake(int events) {
    for (int i = 0; i < entries.size(); i++) {
      WaitEntry entry = entries.get(i);
      if ((entry.events & events) != 0) {
        entry.woken(events);
      }
    }
  }

  public synchronized boolean isEmpty() {
    return entries.isEmpty();
  }
}
