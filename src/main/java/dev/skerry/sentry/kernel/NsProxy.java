package dev.skerry.sentry.kernel;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.PlainNamespace;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.vfs.MountNamespace;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The namespaces that a task is in, but the user namespace of its credentials. Shared by tasks that
 * are in the same ones, and used by each of them. A new PID or time namespace is for children: the
 * task's own PID namespace never changes, its time namespace only with setns(2) and execve(2).
 * Linux: struct nsproxy.
 */
public final class NsProxy {
  private static final NamespaceKind[] KINDS = NamespaceKind.values();

  private final @Nullable Namespace[] namespaces;
  private final TimeNamespace time;
  private final AtomicInteger users = new AtomicInteger(1);

  /**
   * @param time where the tasks are, which gets a user more
   */
  private NsProxy(@Nullable Namespace[] namespaces, TimeNamespace time) {
    this.namespaces = namespaces;
    this.time = time;
    time.acquire();
  }

  /**
   * The first one.
   *
   * @param first namespaces with content; for the other kinds there are empty ones
   */
  public static NsProxy of(Namespace... first) {
    @Nullable Namespace[] all = new Namespace[KINDS.length];
    for (NamespaceKind kind : KINDS) {
      if (kind != NamespaceKind.USER && kind != NamespaceKind.TIME) {
        all[kind.ordinal()] = new PlainNamespace(kind);
      }
    }
    TimeNamespace time = new TimeNamespace();
    all[NamespaceKind.TIME.ordinal()] = time;
    for (Namespace namespace : first) {
      all[namespace.kind().ordinal()] = namespace;
    }
    return new NsProxy(all, time);
  }

  /** The namespace of a kind other than USER; of PID and TIME that of children. */
  public Namespace get(NamespaceKind kind) {
    Namespace namespace = namespaces[kind.ordinal()];
    if (namespace == null) {
      throw new IllegalArgumentException("user namespaces belong to credentials");
    }
    return namespace;
  }

  /** The PID namespace that the task's children begin in. */
  public PidNamespace pidForChildren() {
    return (PidNamespace) get(NamespaceKind.PID);
  }

  /** The clocks of the tasks themselves. */
  public TimeNamespace time() {
    return time;
  }

  /** The clocks that children begin with, and the next program. */
  public TimeNamespace timeForChildren() {
    return (TimeNamespace) get(NamespaceKind.TIME);
  }

  /** The same for a task that goes where its time namespace is; takes over a reference. */
  NsProxy inTime() {
    TimeNamespace next = timeForChildren();
    if (next == time) {
      return this;
    }
    next.freeze();
    NsProxy moved = with(new Namespace[KINDS.length], next);
    leave();
    return moved;
  }

  public MountNamespace mounts() {
    return (MountNamespace) get(NamespaceKind.MNT);
  }

  public UtsNamespace uts() {
    return (UtsNamespace) get(NamespaceKind.UTS);
  }

  /** One more task uses it. */
  NsProxy share() {
    users.incrementAndGet();
    return this;
  }

  /** A task uses it no more. */
  void leave() {
    if (users.decrementAndGet() == 0) {
      time.release();
      for (Namespace namespace : namespaces) {
        if (namespace != null) {
          namespace.release();
        }
      }
    }
  }

  /**
   * The same with new namespaces of the kinds that the flags name (CLONE_NEW).
   *
   * @param owner of the new ones
   * @param fs root and working directory, which follow into a new tree of mounts
   * @throws ErrnoException ENOSPC if there are too many
   */
  public NsProxy unshare(long flags, UserNamespace owner, FsContext fs) throws ErrnoException {
    @Nullable Namespace[] all = new Namespace[KINDS.length];
    try {
      for (NamespaceKind kind : KINDS) {
        Namespace present = namespaces[kind.ordinal()];
        if (present != null && (flags & kind.flag()) != 0) {
          all[kind.ordinal()] =
              kind == NamespaceKind.MNT ? copyTree(owner, fs) : present.unshare(owner);
        }
      }
    } catch (ErrnoException e) {
      for (Namespace made : all) {
        if (made != null) {
          made.release();
        }
      }
      throw e;
    }
    return with(all, time);
  }

  private Namespace copyTree(UserNamespace owner, FsContext fs) throws ErrnoException {
    MountNamespace.Copy copy = mounts().copy(owner);
    fs.moveTo(copy);
    return copy.namespace();
  }

  /** The same with others in place of some (setns(2)), whose references it takes over. */
  public NsProxy with(@Nullable Namespace[] others) {
    if (others[NamespaceKind.TIME.ordinal()] instanceof TimeNamespace entered) {
      entered.freeze();
      return with(others, entered);
    }
    return with(others, time);
  }

  private NsProxy with(@Nullable Namespace[] others, TimeNamespace own) {
    @Nullable Namespace[] all = others.clone();
    for (int i = 0; i < all.length; i++) {
      Namespace present = namespaces[i];
      if (all[i] == null && present != null) {
        present.acquire();
        all[i] = present;
      }
    }
    return new NsProxy(all, own);
  }
}
