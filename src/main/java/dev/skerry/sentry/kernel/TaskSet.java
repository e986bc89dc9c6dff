package dev.skerry.sentry.kernel;

import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every task, process group and session of the sandbox. Its monitor is the lock over the process
 * tree and all signal state: what is said to be guarded by TaskSet is guarded by it. Guest memory
 * is never touched with it held, nor is a file dropped. Linux: tasklist_lock and siglock in one.
 */
public final class TaskSet {
  /** Linux's default for pid_max. */
  public static final int PID_MAX = 32768;

  /** After a wrap-around low numbers stay unused (RESERVED_PIDS of kernel/pid.c). */
  static final int RESERVED = 300;

  /** The most tasks when nothing else limits them. */
  public static final int USUAL_MOST = PID_MAX - RESERVED;

  private final TreeMap<Integer, Task> tasks = new TreeMap<>();
  private final Map<Integer, ProcessGroup> processGroups = new HashMap<>();
  private final Map<Integer, Session> sessions = new HashMap<>();

  /** Where an id belongs to that is not only in the first namespace. */
  private final Map<Integer, PidNamespace> namespaces = new HashMap<>();

  private int most = USUAL_MOST;
  private int last;
  private int live;
  private long forks;

  TaskSet() {}

  /** The task with the thread id, or null; among them leaders that are zombies. */
  public synchronized @Nullable Task find(int tid) {
    return tasks.get(tid);
  }

  /** The process with the id, zombies included, or null. */
  public synchronized @Nullable ThreadGroup findGroup(int tgid) {
    Task task = tasks.get(tgid);
    return task != null && task.group().tgid() == tgid ? task.group() : null;
  }

  public synchronized @Nullable ProcessGroup findProcessGroup(int id) {
    return processGroups.get(id);
  }

  public synchronized @Nullable Session findSession(int id) {
    return sessions.get(id);
  }

  /** Every process in the order of the ids, zombies included. */
  public synchronized List<ThreadGroup> groups() {
    List<ThreadGroup> all = new ArrayList<>();
    for (Task task : tasks.values()) {
      if (task.isLeader()) {
        all.add(task.group());
      }
    }
    return all;
  }

  /** What there is of the process tree. */
  public synchronized Census census() {
    int groups = 0;
    int waits = 0;
    int signals = 0;
    for (Task task : tasks.values()) {
      signals += task.signals.pending.size();
      waits += task.isWaiting() ? 1 : 0;
      if (task.isLeader()) {
        groups++;
        signals += task.group().pending.size();
      }
    }
    return new Census(tasks.size(), groups, processGroups.size(), sessions.size(), waits, signals);
  }

  /**
   * How many objects there are, zombies included.
   *
   * @param waits tasks that wait in a system call
   * @param signals sent and not delivered
   */
  public record Census(
      int tasks, int groups, int processGroups, int sessions, int waits, int signals) {}

  /** The threads that have not ended. */
  public synchronized int liveCount() {
    return live;
  }

  /** How many tasks there have been, as in /proc/stat. */
  public synchronized long forks() {
    return forks;
  }

  /** The id given out last, as in /proc/loadavg. */
  public synchronized int lastPid() {
    return last;
  }

  /** Limits the number of tasks, as the pids controller of cgroups does. */
  public synchronized void setMost(int count) {
    most = Math.min(count, USUAL_MOST);
  }

  /** The most tasks at a time. */
  public synchronized int most() {
    return most;
  }

  /** Whether a process that lives runs the file as its program. */
  synchronized boolean isRunning(Inode inode) {
    for (Task task : tasks.values()) {
      VfsPath program = task.dead ? null : task.mm().executable();
      if (program != null && program.inode().equals(inode)) {
        return true;
      }
    }
    return false;
  }

  /** The next id is the first free one behind this. */
  void setLastPid(int id) {
    last = id;
  }

  /**
   * A free id, with numbers in the namespace; there is one unless {@link #isFull}.
   *
   * @param wanted the numbers that it is to have, from the namespace upwards; they must be free
   */
  int allocate(PidNamespace namespace, int[] wanted) {
    int level = namespace.level();
    int id = level < wanted.length ? wanted[level] : allocate();
    if (level > 0) {
      namespaces.put(id, namespace);
      namespace.enter(id, wanted);
    }
    return id;
  }

  private int allocate() {
    do {
      last = last + 1 >= PID_MAX ? RESERVED : last + 1;
    } while (isUsed(last));
    return last;
  }

  boolean isUsed(int id) {
    return tasks.containsKey(id) || processGroups.containsKey(id) || sessions.containsKey(id);
  }

  private void freeUnlessUsed(int id) {
    if (!namespaces.isEmpty() && !isUsed(id)) {
      PidNamespace namespace = namespaces.remove(id);
      if (namespace != null) {
        namespace.leave(id);
      }
    }
  }

  boolean isFull() {
    return tasks.size() >= most;
  }

  /** How many tasks a user has. */
  int countOf(int uid) {
    int count = 0;
    for (Task task : tasks.values()) {
      if (task.credentials().uid() == uid) {
        count++;
      }
    }
    return count;
  }

  void add(Task task) {
    tasks.put(task.tid(), task);
    live++;
    forks++;
  }

  /** The task runs no more; its id stays in use until {@link #remove}. */
  void ended() {
    live--;
  }

  void remove(Task task) {
    tasks.remove(task.tid(), task);
    freeUnlessUsed(task.tid());
  }

  /** Gives a task the id of its process (execve in a thread). */
  void rename(Task task, int tid) {
    int former = task.tid();
    tasks.remove(former, task);
    task.setTid(tid);
    tasks.put(tid, task);
    freeUnlessUsed(former);
  }

  Session newSession(int id) {
    Session session = new Session(id, this);
    sessions.put(id, session);
    return session;
  }

  ProcessGroup newProcessGroup(int id, Session session) {
    ProcessGroup group = new ProcessGroup(id, session, this);
    processGroups.put(id, group);
    session.groupAdded();
    return group;
  }

  /** Moves a process, or with null takes it out; empty groups and sessions vanish. */
  void move(ThreadGroup member, @Nullable ProcessGroup target) {
    ProcessGroup old = member.processGroupOrNull();
    if (old == target) {
      return;
    }
    if (target != null) {
      target.members().add(member);
      member.setProcessGroup(target);
    }
    if (old != null) {
      old.members().remove(member);
      if (old.members().isEmpty()) {
        processGroups.remove(old.id());
        if (old.session().groupRemoved()) {
          sessions.remove(old.session().id());
          freeUnlessUsed(old.session().id());
        }
        freeUnlessUsed(old.id());
      }
    }
  }
}
