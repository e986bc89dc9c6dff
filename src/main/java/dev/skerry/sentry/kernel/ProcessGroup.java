package dev.skerry.sentry.kernel;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A job (setpgid(2)). Guarded by {@link TaskSet}. */
public final class ProcessGroup {
  private final int id;
  private final Session session;
  private final TaskSet tasks;
  private final Set<ThreadGroup> members = new LinkedHashSet<>();

  ProcessGroup(int id, Session session, TaskSet tasks) {
    this.id = id;
    this.session = session;
    this.tasks = tasks;
  }

  public int id() {
    return id;
  }

  public Session session() {
    return session;
  }

  Set<ThreadGroup> members() {
    return members;
  }

  /** Sends a signal to every member, on the kernel's own behalf. */
  public void signal(SigInfo info) {
    synchronized (tasks) {
      for (ThreadGroup member : members) {
        Signals.send(member, info);
      }
    }
  }

  /**
   * Whether no member has a parent in another group of the same session: then nobody could ever
   * continue a stopped member (setpgid(2), "orphaned").
   */
  public boolean isOrphaned() {
    synchronized (tasks) {
      return isOrphanedWithout(null);
    }
  }

  boolean isOrphanedWithout(@Nullable ThreadGroup leaving) {
    for (ThreadGroup member : members) {
      if (member == leaving || member.isZombie()) {
        continue;
      }
      ThreadGroup parent = member.parent();
      if (parent != null
          && parent.processGroup() != this
          && parent.processGroup().session == session) {
        return false;
      }
    }
    return true;
  }

  boolean hasStoppedMember() {
    for (ThreadGroup member : members) {
      if (member.isStopped()) {
        return true;
      }
    }
    return false;
  }
}
