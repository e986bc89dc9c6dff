package dev.skerry.oci;

import org.jspecify.annotations.Nullable;

/** Reads {@code linux.resources}. */
final class ResourcesReader {
  private static final String NOT_SUPPORTED =
      "is not supported: no such limit is applied to a sandbox";

  /** Less cannot even hold a first process's page tables and stack. */
  private static final long LEAST_MEMORY = 4L << 20;

  private ResourcesReader() {}

  static LinuxSpec.ResourcesSpec read(Fields resources) {
    long memory = memory(resources.object("memory"));
    Fields cpu = resources.object("cpu");
    long quota = 0;
    long period = 0;
    long shares = 0;
    if (cpu != null) {
      quota = Math.max(0, cpu.number("quota", -1, Long.MAX_VALUE, 0));
      period = cpu.number("period", 0, 1_000_000, 0);
      shares = cpu.number("shares", 0, 262_144, 0);
      checkCpu(cpu, quota, period, shares);
    }
    int pids = pids(resources.object("pids"));
    for (Fields device : resources.objects("devices")) {
      device(device);
    }
    resources.refuse("blockIO", NOT_SUPPORTED);
    resources.refuse("hugepageLimits", NOT_SUPPORTED);
    resources.refuse("network", NOT_SUPPORTED);
    resources.refuse("rdma", NOT_SUPPORTED);
    resources.refuse("unified", NOT_SUPPORTED);
    resources.end();
    return new LinuxSpec.ResourcesSpec(memory, quota, period, shares, pids);
  }

  private static long memory(@Nullable Fields memory) {
    if (memory == null) {
      return 0;
    }
    Long limit = memory.number("limit", -1, Long.MAX_VALUE >> 1);
    long bytes = limit == null || limit < 0 ? 0 : limit;
    if (limit != null && limit >= 0 && limit < LEAST_MEMORY) {
      memory.error("limit", "must be at least " + LEAST_MEMORY + " bytes, or -1 for the default");
    }
    Long swap = memory.number("swap", -1, Long.MAX_VALUE >> 1);
    if (swap != null && swap != bytes) {
      memory.error("swap", "must be absent or equal to limit: a sandbox is not swapped");
    }
    for (String name : new String[] {"reservation", "kernel", "kernelTCP", "swappiness"}) {
      memory.refuse(name, NOT_SUPPORTED);
    }
    for (String name : new String[] {"disableOOMKiller", "useHierarchy", "checkBeforeUpdate"}) {
      if (memory.flag(name)) {
        memory.error(name, "is not supported");
      }
    }
    memory.end();
    return bytes;
  }

  private static void checkCpu(Fields cpu, long quota, long period, long shares) {
    if (quota > 0 && quota < 1000) {
      cpu.error("quota", "must be at least 1000 microseconds");
    }
    if (period > 0 && period < 1000) {
      cpu.error("period", "must be at least 1000 microseconds");
    }
    if (shares == 1) {
      cpu.error("shares", "must be at least 2");
    }
    for (String name :
        new String[] {"burst", "realtimeRuntime", "realtimePeriod", "cpus", "mems", "idle"}) {
      cpu.refuse(name, NOT_SUPPORTED);
    }
    cpu.end();
  }

  private static int pids(@Nullable Fields pids) {
    if (pids == null) {
      return 0;
    }
    long limit = pids.number("limit", -1, 1 << 22, 0);
    pids.end();
    return (int) Math.max(0, limit);
  }

  private static void device(Fields device) {
    boolean allow = device.flag("allow");
    device.take("type");
    device.take("major");
    device.take("minor");
    device.take("access");
    device.end();
    if (allow) {
      device.problems().warn(device.pointer(), "ignored: a sandbox has none of the host's devices");
    }
  }
}
