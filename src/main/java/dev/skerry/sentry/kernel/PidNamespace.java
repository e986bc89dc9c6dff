package dev.skerry.sentry.kernel;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A PID namespace (pid_namespaces(7)). Everywhere in the sentry tasks, jobs and sessions have the
 * ids of the sandbox's first namespace; one further down has numbers of its own for what is in it
 * or below, and they are translated where a guest gives or gets them. Fields are guarded by {@link
 * TaskSet}. Linux: struct pid_namespace.
 */
public final class PidNamespace extends Namespace {
  /** How deep they may be nested (MAX_PID_NS_LEVEL). */
  private static final int MOST_LEVEL = 32;

  private final TaskSet tasks;
  private final @Nullable PidNamespace parent;
  private final int level;
  private final Map<Integer, Integer> ids = new HashMap<>();
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private int last;
  private @Nullable ThreadGroup init;

  /** The processes in it and below that have not ended. */
  private int live;

  /** Init has ended, or is about to: nothing is started any more. */
  private boolean dying;

  /** What init's end has waited with until it is the only one. */
  private @Nullable Runnable whenAlone;

  PidNamespace(TaskSet tasks) {
    super(NamespaceKind.PID);
    this.tasks = tasks;
    this.parent = null;
    this.level = 0;
  }

  private PidNamespace(PidNamespace parent, UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.PID, owner);
    this.tasks = parent.tasks;
    this.parent = parent;
    this.level = parent.level + 1;
    parent.acquire();
  }

  /** One below. */
  @Override
  public PidNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    if (level >= MOST_LEVEL) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    return new PidNamespace(this, newOwner);
  }

  @Override
  protected void freed() {
    if (parent != null) {
      parent.release();
    }
  }

  @Override
  public @Nullable PidNamespace parentNamespace() {
    return parent;
  }

  int level() {
    return level;
  }

  /** Whether it is {@code ancestor} or below it. */
  public boolean isIn(PidNamespace ancestor) {
    PidNamespace at = this;
    while (at != null && at.level > ancestor.level) {
      at = at.parent;
    }
    return at == ancestor;
  }

  /** The number here of what has the id; 0 if it cannot be seen from here. */
  public int number(int id) {
    if (parent == null) {
      return id;
    }
    synchronized (tasks) {
      return numbers.getOrDefault(id, 0);
    }
  }

  /** The id of what has the number here; -1 for nothing. */
  public int id(int number) {
    if (parent == null) {
      return number;
    }
    synchronized (tasks) {
      return ids.getOrDefault(number, -1);
    }
  }

  /** The task with the number here, or null. */
  public @Nullable Task find(int number) {
    return tasks.find(id(number));
  }

  /** The process with the number here, or null. */
  public @Nullable ThreadGroup findGroup(int number) {
    return tasks.findGroup(id(number));
  }

  /** The number of a process here; 0 for null, and for one that cannot be seen. */
  public int number(@Nullable ThreadGroup group) {
    return group == null ? 0 : number(group.tgid());
  }

  /** The number of a task here. */
  public int number(Task task) {
    return number(task.tid());
  }

  /** The numbers of an id from here down to a namespace, as in NSpid of /proc/PID/status. */
  public String numbers(int id, PidNamespace deepest) {
    String rest = "";
    PidNamespace at = deepest;
    while (at != null && at.level > level) {
      rest = "\t" + at.number(id) + rest;
      at = at.parent;
    }
    return number(id) + rest;
  }

  /** The process that orphans come to; null before there is one. */
  @Nullable ThreadGroup init() {
    return init;
  }

  /** Whether there is or was an init. */
  public boolean hasInit() {
    synchronized (tasks) {
      return init != null;
    }
  }

  void setInit(ThreadGroup group) {
    init = group;
  }

  boolean isDying() {
    return dying;
  }

  /**
   * Whether a process may begin here with numbers that its maker has chosen.
   *
   * @param wanted from here upwards
   * @return zero, -EINVAL, -EPERM or -EEXIST
   */
  long checkNumbers(int[] wanted, Credentials maker) {
    if (wanted.length > level + 1) {
      return -Errno.EINVAL;
    }
    PidNamespace at = this;
    for (int number : wanted) {
      if (at == null || number < 1 || number >= TaskSet.PID_MAX) {
        return -Errno.EINVAL;
      }
      if (number != 1 && at.init == null) {
        return -Errno.EINVAL;
      }
      if (!maker.mayRestore(at.owner())) {
        return -Errno.EPERM;
      }
      if (at.isTaken(number)) {
        return -Errno.EEXIST;
      }
      at = at.parent;
    }
    return 0;
  }

  private boolean isTaken(int number) {
    return parent == null ? tasks.isUsed(number) : ids.containsKey(number);
  }

  /**
   * Gives what has the id a number here and in every namespace above but the first.
   *
   * @param wanted the numbers that it is to have, from here upwards
   */
  void enter(int id, int[] wanted) {
    int depth = 0;
    for (PidNamespace at = this; at.parent != null; at = at.parent) {
      int number = depth < wanted.length ? wanted[depth] : at.next();
      at.ids.put(number, id);
      at.numbers.put(id, number);
      depth++;
    }
  }

  private int next() {
    do {
      last = last + 1 >= TaskSet.PID_MAX ? TaskSet.RESERVED : last + 1;
    } while (ids.containsKey(last));
    return last;
  }

  /** The number given out last, as in /proc/sys/kernel/ns_last_pid. */
  public int lastNumber() {
    synchronized (tasks) {
      return parent == null ? tasks.lastPid() : last;
    }
  }

  /** The next number is the first free one behind this. */
  public void setLastNumber(int number) {
    synchronized (tasks) {
      if (parent == null) {
        tasks.setLastPid(number);
      } else {
        last = number;
      }
    }
  }

  /** The id is not in use any more. */
  void leave(int id) {
    for (PidNamespace at = this; at.parent != null; at = at.parent) {
      Integer number = at.numbers.remove(id);
      if (number != null) {
        at.ids.remove(number);
      }
    }
  }

  void processBegins() {
    for (PidNamespace at = this; at != null; at = at.parent) {
      at.live++;
    }
  }

  /** A process has ended: whoever waits to be alone may go on. */
  void processEnded(Kernel kernel) {
    for (PidNamespace at = this; at != null; at = at.parent) {
      at.live--;
      Runnable next = at.whenAlone;
      if (next != null && at.live == 1) {
        at.whenAlone = null;
        kernel.runQueue().add(next);
      }
    }
  }

  /**
   * Init ends: kills all others. Linux: zap_pid_ns_processes().
   *
   * @param conclusion runs later, when they have ended
   * @return false if init is alone already
   */
  boolean killAll(Runnable conclusion) {
    dying = true;
    if (live == 1) {
      return false;
    }
    whenAlone = conclusion;
    for (ThreadGroup group : tasks.groups()) {
      if (group != init && group.pidNamespace().isIn(this)) {
        Exit.kill(group, Signal.SIGKILL);
      }
    }
    return true;
  }
}
