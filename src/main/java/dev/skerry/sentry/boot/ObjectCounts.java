package dev.skerry.sentry.boot;

import dev.skerry.control.Reply;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.TaskSet;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.platform.Platform;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.vfs.MemoryAccount;
import java.util.ArrayList;
import java.util.List;

/** Counts what the sentry keeps for its guests, from the sizes of its tables. */
final class ObjectCounts {
  private final List<Reply.ObjectCount> rows = new ArrayList<>();

  private ObjectCounts() {}

  static List<Reply.ObjectCount> of(Kernel kernel, Platform platform) {
    ObjectCounts counts = new ObjectCounts();
    counts.tree(kernel.tasks().census());
    counts.add("platformThreads", platform.threads());
    counts.add("timeouts", kernel.timeouts().size());
    for (Slab slab : Slab.values()) {
      counts.add(slab.label(), slab.count());
    }
    counts.add("mounts", kernel.vfs().mountCount());
    counts.add("dentries", kernel.vfs().cachedNames());
    counts.add("hostDescriptors", HostProc.descriptors());
    counts.memory();
    return counts.rows;
  }

  private void add(String name, long count) {
    rows.add(new Reply.ObjectCount(name, count));
  }

  private void tree(TaskSet.Census census) {
    add("tasks", census.tasks());
    add("threadGroups", census.groups());
    add("processGroups", census.processGroups());
    add("sessions", census.sessions());
    add("waits", census.waits());
    add("pendingSignals", census.signals());
  }

  private void memory() {
    add("slabBytes", Slab.bytes());
    add("slabLimitBytes", Slab.limit());
    add("recordBytes", MemoryAccount.RECORDS.used());
    Runtime runtime = Runtime.getRuntime();
    add("heapBytes", runtime.totalMemory() - runtime.freeMemory());
    add("heapCommittedBytes", runtime.totalMemory());
    add("heapLimitBytes", runtime.maxMemory());
  }
}
