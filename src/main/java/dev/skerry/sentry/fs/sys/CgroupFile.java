package dev.skerry.sentry.fs.sys;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSet;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;

/** A file of the sandbox's control group (Documentation/admin-guide/cgroup-v2.rst). */
final class CgroupFile extends GeneratedFile {
  static final String[] NAMES = {
    "cgroup.controllers",
    "cgroup.events",
    "cgroup.max.depth",
    "cgroup.max.descendants",
    "cgroup.procs",
    "cgroup.stat",
    "cgroup.subtree_control",
    "cgroup.threads",
    "cgroup.type",
    "cpu.max",
    "cpu.stat",
    "cpu.weight",
    "cpuset.cpus",
    "cpuset.cpus.effective",
    "cpuset.mems",
    "cpuset.mems.effective",
    "memory.current",
    "memory.high",
    "memory.low",
    "memory.max",
    "memory.min",
    "memory.stat",
    "memory.swap.current",
    "memory.swap.max",
    "pids.current",
    "pids.max",
  };

  private static final int PERIOD_MICROS = 100_000;

  private final Kernel kernel;
  private final String name;

  CgroupFile(CgroupFileSystem fileSystem, Kernel kernel, String name) {
    super(fileSystem, fileSystem.nextNumber(), 0444);
    this.kernel = kernel;
    this.name = name;
  }

  @Override
  protected String text() throws ErrnoException {
    return switch (name) {
      case "cgroup.controllers" -> "cpuset cpu memory pids\n";
      case "cgroup.events" -> "populated 1\nfrozen 0\n";
      case "cgroup.max.depth", "cgroup.max.descendants" -> "max\n";
      case "cgroup.procs" -> processes();
      case "cgroup.stat" -> "nr_descendants 0\nnr_dying_descendants 0\n";
      case "cgroup.subtree_control", "cpuset.cpus", "cpuset.mems" -> "\n";
      case "cgroup.threads" -> threads();
      case "cgroup.type" -> "domain\n";
      case "cpu.max" -> kernel.processors() * PERIOD_MICROS + " " + PERIOD_MICROS + "\n";
      case "cpu.stat" -> cpuStat();
      case "cpu.weight" -> "100\n";
      case "cpuset.cpus.effective" ->
          kernel.processors() == 1 ? "0\n" : "0-" + (kernel.processors() - 1) + "\n";
      case "cpuset.mems.effective" -> "0\n";
      case "memory.current" -> kernel.usage().memoryBytes() + "\n";
      case "memory.high" -> "max\n";
      case "memory.low", "memory.min", "memory.swap.current", "memory.swap.max" -> "0\n";
      case "memory.max" -> kernel.memoryBytes() + "\n";
      case "memory.stat" -> "anon " + kernel.usage().memoryBytes() + "\nfile 0\nshmem 0\n";
      case "pids.current" -> kernel.tasks().liveCount() + "\n";
      case "pids.max" -> mostTasks() + "\n";
      default -> throw ErrnoException.of(Errno.ENOENT);
    };
  }

  private String mostTasks() {
    int most = kernel.tasks().most();
    return most >= TaskSet.USUAL_MOST ? "max" : Integer.toString(most);
  }

  private String cpuStat() {
    long micros = kernel.usage().cpuNanos() / 1000;
    return "usage_usec "
        + micros
        + "\nuser_usec "
        + micros
        + "\nsystem_usec 0\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n";
  }

  private PidNamespace readerPids() {
    Task reader = Task.current();
    return reader == null ? kernel.pids() : reader.pidNamespace();
  }

  private String processes() {
    StringBuilder out = new StringBuilder();
    for (ThreadGroup group : kernel.tasks().groups()) {
      int number = readerPids().number(group);
      if (!group.isZombie() && number != 0) {
        out.append(number).append('\n');
      }
    }
    return out.toString();
  }

  private String threads() {
    StringBuilder out = new StringBuilder();
    for (ThreadGroup group : kernel.tasks().groups()) {
      for (Task task : group.threads()) {
        int number = readerPids().number(task);
        if (number != 0) {
          out.append(number).append('\n');
        }
      }
    }
    return out.toString();
  }
}
