package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.slab.Slab;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signals sent and not yet delivered. A standard signal is there once at most; real-time signals
 * queue. Guarded by {@link TaskSet}. Linux: struct sigpending.
 */
final class PendingSignals {
  private final ArrayDeque<SigInfo> queue = new ArrayDeque<>(2);
  private long set;

  /** The set of signals that are pending. */
  long set() {
    return set;
  }

  boolean contains(int signal) {
    return (set & Signal.bit(signal)) != 0;
  }

  /** Those that are pending, in the order in which they came. */
  List<SigInfo> list() {
    return List.copyOf(queue);
  }

  int size() {
    return queue.size();
  }

  void add(SigInfo info) {
    set |= Signal.bit(info.signal());
    queue.add(info);
    Slab.QUEUED_SIGNAL.charge(1);
  }

  /** Counts another notice of a timer whose last one is pending; returns whether one is. */
  boolean mergeTimer(SigInfo notice) {
    if (!contains(notice.signal())) {
      return false;
    }
    int count = queue.size();
    boolean merged = false;
    for (int i = 0; i < count; i++) {
      SigInfo info = queue.remove();
      if (info.code() == Signal.SI_TIMER
          && info.signal() == notice.signal()
          && info.pid() == notice.pid()) {
        info = info.withOverrun(info.uid() + notice.uid() + 1);
        merged = true;
      }
      queue.add(info);
    }
    return merged;
  }

  /** Whether a notice of the timer waits. */
  boolean hasTimer(int signal, int timerId) {
    if (contains(signal)) {
      for (SigInfo info : queue) {
        if (info.code() == Signal.SI_TIMER && info.signal() == signal && info.pid() == timerId) {
          return true;
        }
      }
    }
    return false;
  }

  /** Takes the next signal of the set: synchronous ones first, then the lowest number. */
  @Nullable SigInfo take(long wanted) {
    long candidates = set & wanted;
    if (candidates == 0) {
      return null;
    }
    if ((candidates & Signal.SYNCHRONOUS) != 0) {
      candidates &= Signal.SYNCHRONOUS;
    }
    int signal = Long.numberOfTrailingZeros(candidates) + 1;
    SigInfo taken = null;
    boolean more = false;
    for (Iterator<SigInfo> i = queue.iterator(); i.hasNext(); ) {
      SigInfo info = i.next();
      if (info.signal() != signal) {
        continue;
      }
      if (taken == null) {
        taken = info;
        i.remove();
        Slab.QUEUED_SIGNAL.give(1);
      } else {
        more = true;
        break;
      }
    }
    if (!more) {
      set &= ~Signal.bit(signal);
    }
    return taken;
  }

  /** Forgets every signal of the set. */
  void removeAll(long unwanted) {
    if ((set & unwanted) != 0) {
      set &= ~unwanted;
      int before = queue.size();
      queue.removeIf(info -> (Signal.bit(info.signal()) & unwanted) != 0);
      Slab.QUEUED_SIGNAL.give(before - queue.size());
    }
  }

  void clear() {
    set = 0;
    Slab.QUEUED_SIGNAL.give(queue.size());
    queue.clear();
  }
}
