package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.SyscallDispatcher;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.seccomp.CallFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the system call of a number, counts it, and turns what its function throws into a result.
 * What is no {@link ErrnoException} is a bug of the sentry's, and ends the sandbox.
 *
 * <p>The counts are approximate where two workers count the same call at the same time.
 */
public final class Dispatcher implements SyscallDispatcher {
  /** Calls that waited when they returned are counted as successful. */
  public record Count(String name, long count, long failed) {}

  /** A call that was asked for and is not there. */
  public record Gap(String call, String detail, long count, String program) {}

  private final SyscallTable table;
  private final boolean logging;
  private final long[] counts = new long[Syscall.COUNT];
  private final long[] failures = new long[Syscall.COUNT];
  private final String[] firstPrograms = new String[Syscall.COUNT];
  private final GapTable gaps = new GapTable();

  /**
   * @param logging whether each call is written to the log
   */
  public Dispatcher(SyscallTable table, boolean logging) {
    this.table = table;
    this.logging = logging;
  }

  @Override
  public long dispatch(Task task, int number, long[] args) {
    return dispatch(task, number, args, false);
  }

  @Override
  public long dispatchTraced(Task task, int number, long[] args) {
    return dispatch(task, number, args, true);
  }

  private long dispatch(Task task, int number, long[] args, boolean traced) {
    CallFilter filter = task.callFilter();
    if (filter != null && !Tracing.suspendsFilters(task)) {
      long refused = SeccompSyscalls.enforce(task, filter, number, args, traced);
      if (refused != SeccompSyscalls.PASSED) {
        return refused;
      }
    }
    return dispatchPassed(task, number, args);
  }

  @Override
  public long dispatchPassed(Task task, int number, long[] args) {
    SyscallTable.Entry entry = table.get(number);
    if (entry == null) {
      return number == -1 ? Results.SKIPPED : -Errno.ENOSYS;
    }
    long result;
    try {
      result = entry.function().call(task, new SyscallArgs(args));
    } catch (ErrnoException e) {
      result = e.result();
    }
    counts[number]++;
    if (result < 0 && result > Results.SKIPPED) {
      failures[number]++;
      gaps.failed(task, number, args, (int) -result);
    }
    if (entry.support() == SyscallTable.Support.UNSUPPORTED) {
      noteGap(task, number);
    }
    if (logging) {
      SyscallLog.write(task, entry.name(), args, result);
    }
    return result;
  }

  @Override
  public void note(Task task, int number, String detail) {
    gaps.note(task, number, detail);
  }

  private void noteGap(Task task, int number) {
    if (firstPrograms[number] == null) {
      firstPrograms[number] = task.comm();
    }
  }

  /** Every call that was made, in the order of the numbers. */
  public List<Count> counts() {
    List<Count> rows = new ArrayList<>();
    for (int number = 0; number < counts.length; number++) {
      if (counts[number] > 0) {
        rows.add(new Count(Syscall.name(number), counts[number], failures[number]));
      }
    }
    return rows;
  }

  /**
   * What was asked for and is not there: calls in the order of their numbers, then parts of calls.
   */
  public List<Gap> gaps() {
    List<Gap> rows = new ArrayList<>();
    for (int number = 0; number < counts.length; number++) {
      String program = firstPrograms[number];
      if (program != null) {
        rows.add(new Gap(Syscall.name(number), "", counts[number], program));
      }
    }
    rows.addAll(gaps.report());
    return rows;
  }

  /** The kernel's calls, all of them. */
  public static Dispatcher install(Kernel kernel, boolean logging) {
    Dispatcher dispatcher = new Dispatcher(AllSyscalls.table(kernel), logging);
    kernel.setDispatcher(dispatcher);
    return dispatcher;
  }
}
