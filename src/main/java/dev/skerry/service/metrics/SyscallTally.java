package dev.skerry.service.metrics;

import dev.skerry.control.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns one sentry's running totals into increments. Used by one thread at a time. */
public final class SyscallTally {
  /** A sentry that makes up names cannot fill the service's memory with meters. */
  private static final int MOST_NAMES = 512;

  private final Map<String, Reply.SyscallCount> last = new HashMap<>();

  /** Adds what is new in the totals to the meters. */
  public void add(List<Reply.SyscallCount> totals, SandboxMeters meters) {
    for (Reply.SyscallCount total : totals) {
      boolean known = last.containsKey(total.name());
      if (!total.name().matches("[a-z0-9_]{1,40}") || (!known && last.size() >= MOST_NAMES)) {
        continue;
      }
      Reply.SyscallCount before =
          last.getOrDefault(total.name(), new Reply.SyscallCount(total.name(), 0, 0));
      meters.syscalls(
          new Reply.SyscallCount(
              total.name(), total.count() - before.count(), total.failed() - before.failed()));
      last.put(total.name(), total);
    }
  }
}
