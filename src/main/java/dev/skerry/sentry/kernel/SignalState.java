package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import org.jspecify.annotations.Nullable;

/** The signal state of one task. Guarded by {@link TaskSet}. */
final class SignalState {
  final PendingSignals pending = new PendingSignals();
  long mask;
  boolean hasSavedMask;
  private long savedMask;

  /** The signals that sigtimedwait(2) waits for: they reach the task although blocked. */
  long awaited;

  AlternateStack alternateStack = AlternateStack.NONE;

  /** A stop of the whole group awaits this task. */
  boolean stopPending;

  /** The stop of the group is not complete before this task's. */
  boolean stopCounts;

  boolean stopped;

  /** A signal was forced whose default action holds even for init. */
  boolean forced;

  /** What lets a stopped task go on. */
  @Nullable Runnable afterStop;

  void setMask(long set) {
    mask = set & ~Signal.UNSTOPPABLE;
  }

  void useMask(long set) {
    savedMask = mask;
    hasSavedMask = true;
    setMask(set);
  }

  void restoreMask() {
    if (hasSavedMask) {
      hasSavedMask = false;
      mask = savedMask;
    }
  }

  /** The mask that a handler's end restores. */
  long maskForHandler() {
    return hasSavedMask ? savedMask : mask;
  }
}
