package dev.skerry.sentry.seccomp;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What stands between a task and its system calls: a program, and the ones installed before it.
 * Shared by tasks, and counted, so that the sandbox's programs together have a bound. Linux: struct
 * seccomp_filter.
 */
public final class CallFilter {
  public static final int MODE_STRICT = 1;
  public static final int MODE_FILTER = 2;

  public static final int KILL_PROCESS = 0x80000000;
  public static final int KILL_THREAD = 0;
  public static final int TRAP = 0x30000;
  public static final int ERRNO = 0x50000;
  public static final int USER_NOTIF = 0x7fc00000;
  public static final int TRACE = 0x7ff00000;
  public static final int LOG = 0x7ffc0000;
  public static final int ALLOW = 0x7fff0000;

  /** Whom a program leaves calls to (SECCOMP_FILTER_FLAG_NEW_LISTENER). */
  public interface Listener {
    /** No task uses the program any more. Called without locks but the set of tasks'. */
    void unused();
  }

  /** The part of a result that is the action. */
  public static final int ACTION = 0xffff0000;

  /**
   * MAX_INSNS_PER_PATH of kernel/seccomp.c: instructions of a chain, four more for each program.
   */
  private static final int MOST_IN_CHAIN = (1 << 18) / FilterProgram.INSTRUCTION;

  private static final int PENALTY = 4;

  /** Instructions of all programs of the sandbox; Linux charges them to its memory controller. */
  private static final int MOST = 1 << 20;

  private static final AtomicInteger TOTAL = new AtomicInteger();

  /** The strict mode, in which a task may read, write and end; nothing can be put on top of it. */
  public static final CallFilter STRICT = new CallFilter(null, null, null, false);

  private final @Nullable FilterProgram program;
  private final @Nullable CallFilter before;
  private final int chainCost;
  private final AtomicInteger users = new AtomicInteger(1);
  private final @Nullable Listener listener;
  private final boolean logs;

  private CallFilter(
      @Nullable FilterProgram program,
      @Nullable CallFilter before,
      @Nullable Listener listener,
      boolean logs) {
    this.program = program;
    this.before = before;
    this.listener = listener;
    this.logs = logs;
    int own = program == null ? 0 : program.length() + PENALTY;
    this.chainCost = own + (before == null ? 0 : before.chainCost);
  }

  /**
   * A filter on top of another, used once; null if there are too many instructions. It takes over
   * the caller's use of {@code before}.
   *
   * @param logs whether what it refuses is to be logged (SECCOMP_FILTER_FLAG_LOG): noted only
   */
  public static @Nullable CallFilter add(
      FilterProgram program,
      @Nullable CallFilter before,
      @Nullable Listener listener,
      boolean logs) {
    CallFilter filter = new CallFilter(program, before, listener, logs);
    if (filter.chainCost - PENALTY > MOST_IN_CHAIN) {
      return null;
    }
    if (TOTAL.addAndGet(program.length()) > MOST) {
      TOTAL.addAndGet(-program.length());
      return null;
    }
    return filter;
  }

  /** One more task uses it. */
  public void acquire() {
    users.incrementAndGet();
  }

  /** A task uses it no more. */
  public void release() {
    CallFilter filter = this;
    while (filter != null && filter.program != null && filter.users.decrementAndGet() == 0) {
      TOTAL.addAndGet(-filter.program.length());
      if (filter.listener != null) {
        filter.listener.unused();
      }
      filter = filter.before;
    }
  }

  /** SECCOMP_MODE_ of prctl(2) for a task's filter, null for none. */
  public static int mode(@Nullable CallFilter filter) {
    return filter == null ? 0 : filter == STRICT ? MODE_STRICT : MODE_FILTER;
  }

  /** How many programs a task's filter consists of; null for none. */
  public static int count(@Nullable CallFilter top) {
    int count = 0;
    for (CallFilter filter = top; filter != null; filter = filter.before) {
      count += filter.program == null ? 0 : 1;
    }
    return count;
  }

  /** The filter that is the so manyth from the first one, zero being that; null for none. */
  public static @Nullable CallFilter nth(@Nullable CallFilter top, long place) {
    long above = count(top) - 1 - place;
    if (place < 0 || above < 0) {
      return null;
    }
    CallFilter filter = top;
    for (long i = 0; i < above && filter != null; i++) {
      filter = filter.before;
    }
    return filter;
  }

  /** Its own program; null for the strict mode. */
  public @Nullable FilterProgram program() {
    return program;
  }

  public boolean logs() {
    return logs;
  }

  /** Whether this is the other filter, or was put on top of it; null stands for none. */
  public boolean descendsFrom(@Nullable CallFilter other) {
    CallFilter filter = this;
    while (filter != null && filter != other) {
      filter = filter.before;
    }
    return filter == other;
  }

  /** Whether a program of a task's filter has a listener; null for none. */
  public static boolean hasListener(@Nullable CallFilter top) {
    for (CallFilter filter = top; filter != null; filter = filter.before) {
      if (filter.listener != null) {
        return true;
      }
    }
    return false;
  }

  /** The listener of the program whose answer {@link #decide} took; null for none. */
  public @Nullable Listener listenerFor(int number, long instructionPointer, long[] arguments) {
    for (CallFilter filter = this; filter != null; filter = filter.before) {
      FilterProgram present = filter.program;
      if (present != null
          && (present.run(number, instructionPointer, arguments) & ACTION) == USER_NOTIF) {
        return filter.listener;
      }
    }
    return null;
  }

  /**
   * Asks every program, and takes the most severe answer; of equals the latest program's.
   *
   * @return an action with its data
   */
  public int decide(int number, long instructionPointer, long[] arguments) {
    int decision = ALLOW;
    for (CallFilter filter = this; filter != null; filter = filter.before) {
      FilterProgram present = filter.program;
      if (present != null) {
        int result = present.run(number, instructionPointer, arguments);
        if ((result & ACTION) < (decision & ACTION)) {
          decision = result;
        }
      }
    }
    return decision;
  }
}
