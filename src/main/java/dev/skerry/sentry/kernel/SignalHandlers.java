package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import dev.skerry.sentry.waiter.WaitQueue;
import java.util.Arrays;

/**
 * The actions of a process, or of several that share them (CLONE_SIGHAND). Guarded by {@link
 * TaskSet}. Linux: struct sighand_struct.
 */
public final class SignalHandlers {
  private final SignalAction[] actions;
  private final WaitQueue arrivals = new WaitQueue();

  SignalHandlers() {
    actions = new SignalAction[Signal.MAX + 1];
    Arrays.fill(actions, SignalAction.DEFAULT_ACTION);
  }

  private SignalHandlers(SignalAction[] actions) {
    this.actions = actions;
  }

  SignalAction get(int signal) {
    return actions[signal];
  }

  void set(int signal, SignalAction action) {
    actions[signal] = action;
  }

  SignalHandlers copy() {
    return new SignalHandlers(actions.clone());
  }

  /** For a new program: what was ignored stays so, handlers are gone. */
  SignalHandlers copyForExec() {
    SignalHandlers fresh = new SignalHandlers();
    for (int signal = 1; signal <= Signal.MAX; signal++) {
      if (actions[signal].isIgnore()) {
        fresh.actions[signal] = new SignalAction(SignalAction.IGNORE, 0, 0, 0);
      }
    }
    return fresh;
  }

  /** Told (POLLIN) whenever a signal becomes pending; for signalfd and sigtimedwait. */
  public WaitQueue arrivals() {
    return arrivals;
  }
}
