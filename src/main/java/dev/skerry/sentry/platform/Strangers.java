package dev.skerry.sentry.platform;

import dev.skerry.abi.Signal;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.mm.HostProc;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Host processes that no guest process stands for: their parents denied that they had made them, or
 * were killed before they could say so. One that makes a call is found by it. One that makes none
 * would compute until the sandbox ends: so it is looked for among init's children, to which all
 * come whose parent has ended, and killed.
 */
final class Strangers {
  private static final int INIT = 1;

  /** For how many looks after something happened that may have left one behind. */
  private static final int MOST_LOOKS = 15;

  /**
   * In how many looks on end one must be seen: a child that says its first word just now is none.
   */
  private static final int PATIENCE = 4;

  private final IntPredicate known;

  /** Init's children that are no guests; empty if the host does not tell (CONFIG_PROC_CHILDREN). */
  private volatile Set<Integer> own = Set.of();

  private final Map<Integer, Integer> seen = new HashMap<>();
  private volatile int looks;

  /**
   * @param known whether a process is a guest, or may still become one
   */
  Strangers(IntPredicate known) {
    this.known = known;
  }

  /** Notes who is there before any guest code runs. */
  void begin() {
    own = Set.copyOf(HostProc.children(INIT));
  }

  /** Something happened that may have left one behind. */
  void suspect() {
    looks = MOST_LOOKS;
  }

  /** Looks whether there are any, if that may be; one thread does. */
  void look() {
    int left = looks;
    if (left == 0 || own.isEmpty()) {
      return;
    }
    looks = left - 1;
    Map<Integer, Integer> before = Map.copyOf(seen);
    seen.clear();
    for (int pid : HostProc.children(INIT)) {
      if (own.contains(pid) || known.test(pid)) {
        continue;
      }
      int times = before.getOrDefault(pid, 0) + 1;
      if (times >= PATIENCE) {
        Host.os().kill(pid, Signal.SIGKILL);
      }
      seen.put(pid, times);
    }
    if (!seen.isEmpty()) {
      suspect();
    }
  }
}
