package dev.skerry.sentry.auth;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.slab.Slab;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What all namespaces have in common: a number, an owner, and users. Tasks, open files and other
 * namespaces use one; with the last of them it is freed. Thread-safe. Linux: struct ns_common.
 */
public abstract class Namespace {
  /**
   * How many there may be of each kind (/proc/sys/user/max_*_namespaces), so that a guest cannot
   * fill the heap with them.
   */
  public static final int MOST = 1024;

  private static final int KINDS = NamespaceKind.values().length;

  /** The number of the first one that is made at run time (PROC_DYNAMIC_FIRST and what follows). */
  private static final long FIRST_NUMBER = 0xf000_0000L;

  private static final AtomicLong NUMBERS = new AtomicLong(FIRST_NUMBER);
  private static final AtomicIntegerArray COUNTS = new AtomicIntegerArray(KINDS);

  private final NamespaceKind kind;
  private final long number;
  private final @Nullable UserNamespace owner;
  private final AtomicInteger users = new AtomicInteger(1);

  /** The sandbox's first namespace of a kind, which is never freed. */
  protected Namespace(NamespaceKind kind) {
    this.kind = kind;
    this.number = kind.firstNumber();
    this.owner = kind == NamespaceKind.USER ? null : UserNamespace.INITIAL;
    users.incrementAndGet();
  }

  /**
   * One more, with one user.
   *
   * @param owner whose capabilities count in it; for a user namespace its parent
   * @throws ErrnoException ENOSPC if there are too many
   */
  protected Namespace(NamespaceKind kind, UserNamespace owner) throws ErrnoException {
    if (COUNTS.incrementAndGet(kind.ordinal()) > MOST || !Slab.NAMESPACE.take(1)) {
      COUNTS.decrementAndGet(kind.ordinal());
      throw ErrnoException.of(Errno.ENOSPC);
    }
    this.kind = kind;
    this.number = NUMBERS.getAndIncrement();
    this.owner = owner;
    owner.acquire();
  }

  public final NamespaceKind kind() {
    return kind;
  }

  /** The inode number of its file. */
  public final long number() {
    return number;
  }

  /** As its file's link shows it: "uts:[4026531838]". */
  public final String label() {
    return kind.label() + ":[" + number + "]";
  }

  /** The user namespace that owns it; for a user namespace its parent, null for the first one. */
  public final @Nullable UserNamespace ownerOrNull() {
    return owner;
  }

  /** The user namespace that owns it. */
  public final UserNamespace owner() {
    return owner == null ? UserNamespace.INITIAL : owner;
  }

  /** The one that it was made in, for kinds that are nested (NS_GET_PARENT); null for none. */
  public @Nullable Namespace parentNamespace() {
    return null;
  }

  /** A new one of the kind, with one user, for whoever wants one of his own (unshare(2)). */
  public abstract Namespace unshare(UserNamespace newOwner) throws ErrnoException;

  /** Adds a user to one that has some. */
  public final void acquire() {
    users.incrementAndGet();
  }

  /** Adds a user unless the last one is gone already. */
  public final boolean tryAcquire() {
    return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
  }

  /** A user is gone. */
  public final void release() {
    if (users.decrementAndGet() == 0) {
      Slab.NAMESPACE.give(1);
      COUNTS.decrementAndGet(kind.ordinal());
      freed();
      owner().release();
    }
  }

  /** Nobody uses it any more: frees what it holds. Called once, without locks. */
  protected void freed() {}
}
