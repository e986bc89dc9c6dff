package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;

/**
 * What RLIMIT_AS and RLIMIT_DATA leave of an address space (getrlimit(2)), by what the host says is
 * mapped. Linux: may_expand_vm() of mm/mmap.c.
 */
final class SpaceLimits {
  private static final long PAGE_MASK = 4095;

  private SpaceLimits() {}

  /** Whether the task has any such limit; all else is for those few. */
  static boolean areSet(Task task) {
    Rlimits limits = task.group().limits();
    return limits.soft(Rlimits.AS) != Rlimits.INFINITY
        || limits.soft(Rlimits.DATA) != Rlimits.INFINITY;
  }

  /**
   * Whether so many bytes more may be mapped: zero or -ENOMEM.
   *
   * @param data whether they are private and can be written
   */
  static long check(Task task, long bytes, boolean data) {
    int thread = task.thread().hostTid();
    Rlimits limits = task.group().limits();
    boolean allowed = fits(limits, Rlimits.AS, task.mm().mappedBytes(thread), bytes);
    if (allowed && data) {
      allowed = fits(limits, Rlimits.DATA, task.mm().dataBytes(thread), bytes);
    }
    return allowed ? 0 : -Errno.ENOMEM;
  }

  /** Whether a range may become writable, and so data, as far as it is private. */
  static boolean mayBecomeData(Task task, long address, long length) {
    int thread = task.thread().hostTid();
    long more = task.mm().readOnlyBytes(thread, address, address + length);
    return fits(task.group().limits(), Rlimits.DATA, task.mm().dataBytes(thread), more);
  }

  private static boolean fits(Rlimits limits, int resource, long used, long more) {
    long soft = limits.soft(resource);
    if (soft == Rlimits.INFINITY) {
      return true;
    }
    long sum = used + more;
    return sum >= 0 && Long.compareUnsigned(sum, soft & ~PAGE_MASK) <= 0;
  }

  /** As {@link #check}, for a mapping at an address, which may take the place of others. */
  static long checkMapping(Task task, long address, long length, boolean replaces, boolean data) {
    long bytes = (length + PAGE_MASK) & ~PAGE_MASK;
    if (replaces && bytes >= 0) {
      bytes -= task.mm().mappedBytes(task.thread().hostTid(), address, address + bytes);
    }
    return bytes < 0 ? -Errno.ENOMEM : check(task, bytes, data);
  }

  /** Whether the break may move (check_data_rlimit() of include/linux/mm.h). */
  static boolean mayMoveBreak(Task task, long wanted) {
    MemoryManager.Layout layout = task.mm().layout();
    long before = task.mm().programBreak(task.thread().hostTid());
    if (wanted < layout.brkStart()) {
      return true;
    }
    long data = wanted - layout.brkStart() + layout.dataEnd() - layout.dataStart();
    if (task.group().limits().exceeds(Rlimits.DATA, data)) {
      return false;
    }
    long pages = ((wanted + PAGE_MASK) & ~PAGE_MASK) - ((before + PAGE_MASK) & ~PAGE_MASK);
    return pages <= 0 || check(task, pages, true) == 0;
  }
}
