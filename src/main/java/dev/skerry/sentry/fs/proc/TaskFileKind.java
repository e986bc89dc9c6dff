package dev.skerry.sentry.fs.proc;

import org.jspecify.annotations.Nullable;

/** The plain files of /proc/PID. */
enum TaskFileKind {
  ARCH_STATUS("arch_status", 0444),
  AUXV("auxv", 0400),
  CGROUP("cgroup", 0444),
  CHILDREN("children", 0444),
  CMDLINE("cmdline", 0444),
  COMM("comm", 0644),
  COREDUMP_FILTER("coredump_filter", 0644),
  CPUSET("cpuset", 0444),
  ENVIRON("environ", 0400),
  GID_MAP("gid_map", 0644),
  IO("io", 0400),
  LIMITS("limits", 0444),
  LOGINUID("loginuid", 0644),
  MAPS("maps", 0444),
  MEM("mem", 0600),
  MOUNTINFO("mountinfo", 0444),
  MOUNTS("mounts", 0444),
  MOUNTSTATS("mountstats", 0400),
  NUMA_MAPS("numa_maps", 0444),
  OOM_ADJ("oom_adj", 0644),
  OOM_SCORE("oom_score", 0444),
  OOM_SCORE_ADJ("oom_score_adj", 0644),
  PERSONALITY("personality", 0400),
  SCHED("sched", 0644),
  SCHEDSTAT("schedstat", 0444),
  SESSIONID("sessionid", 0444),
  SETGROUPS("setgroups", 0644),
  SMAPS("smaps", 0444),
  SMAPS_ROLLUP("smaps_rollup", 0444),
  STACK("stack", 0400),
  STAT("stat", 0444),
  STATM("statm", 0444),
  STATUS("status", 0444),
  SYSCALL("syscall", 0400),
  TIMENS_OFFSETS("timens_offsets", 0644),
  TIMERS("timers", 0444),
  TIMERSLACK_NS("timerslack_ns", 0666),
  UID_MAP("uid_map", 0644),
  WCHAN("wchan", 0444);

  static final TaskFileKind[] ALL = values();

  private final String fileName;
  private final int permissions;

  TaskFileKind(String fileName, int permissions) {
    this.fileName = fileName;
    this.permissions = permissions;
  }

  static @Nullable TaskFileKind named(String name) {
    for (TaskFileKind kind : ALL) {
      if (kind.fileName.equals(name)) {
        return kind;
      }
    }
    return null;
  }

  String fileName() {
    return fileName;
  }

  int permissions() {
    return permissions;
  }

  /** The file's part of its inode number. */
  int index() {
    return ordinal() + 1;
  }

  /** Whether threads do not have it. */
  private boolean processOnly() {
    return switch (this) {
      case COREDUMP_FILTER, MOUNTSTATS, TIMENS_OFFSETS, TIMERS, TIMERSLACK_NS -> true;
      default -> false;
    };
  }

  /** Whether a directory of a process has it, or the directory of a thread below "task". */
  boolean isThere(boolean inTaskList) {
    return inTaskList ? !processOnly() : this != CHILDREN;
  }

  /** Whether only those may open it who may look into the process. */
  boolean isPrivate() {
    return switch (this) {
      case AUXV, ENVIRON, MAPS, MEM, NUMA_MAPS, PERSONALITY, SMAPS, SMAPS_ROLLUP, TIMERS -> true;
      default -> false;
    };
  }
}
