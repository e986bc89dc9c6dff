package dev.skerry.sentry.ipc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.slab.Slab;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The objects of one kind. Its monitor guards all. Linux: struct ipc_ids. */
public final class IpcTable<T extends IpcObject> {
  public static final int IPC_PRIVATE = 0;
  public static final int IPC_CREAT = 01000;
  public static final int IPC_EXCL = 02000;

  private static final int INDEX_BITS = 15;
  private static final int MOST_INDEX = (1 << INDEX_BITS) - 1;
  private static final int MOST_SEQUENCE = 0xffff;

  /** Makes an object. */
  @FunctionalInterface
  public interface Maker<T> {
    T make(int id, int sequence) throws ErrnoException;
  }

  /** Checks a present object against what get asks: EINVAL for one that is too small. */
  @FunctionalInterface
  public interface Check<T> {
    void check(T object) throws ErrnoException;
  }

  private final int most;
  private final IntSupplier limit;
  private final IntSupplier wanted;
  private final AtomicInteger taken;
  private final TreeMap<Integer, T> byIndex = new TreeMap<>();
  private int sequence;
  private int nextIndex;

  /**
   * @param most how many there may be, here and in {@link #another} ones
   * @param limit how many there may be here (SHMMNI, SEMMNI, MSGMNI)
   * @param wanted takes the id that the next object is to get if it can; negative for any
   */
  public IpcTable(int most, IntSupplier limit, IntSupplier wanted) {
    this(most, limit, wanted, new AtomicInteger());
  }

  private IpcTable(int most, IntSupplier limit, IntSupplier wanted, AtomicInteger taken) {
    this.most = most;
    this.limit = limit;
    this.wanted = wanted;
    this.taken = taken;
  }

  /** An empty table for another namespace. All have one limit, for the sake of the heap. */
  public IpcTable<T> another(IntSupplier otherLimit, IntSupplier otherWanted) {
    return new IpcTable<>(most, otherLimit, otherWanted, taken);
  }

  /**
   * shmget(2), semget(2), msgget(2).
   *
   * @return the id
   */
  public synchronized int get(Credentials who, int key, int flags, Check<T> check, Maker<T> maker)
      throws ErrnoException {
    T present = key == IPC_PRIVATE ? null : find(key);
    if (present != null) {
      if ((flags & IPC_CREAT) != 0 && (flags & IPC_EXCL) != 0) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      check.check(present);
      if (!present.allows(who, flags & 0777)) {
        throw ErrnoException.of(Errno.EACCES);
      }
      return present.id();
    }
    if (key != IPC_PRIVATE && (flags & IPC_CREAT) == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (byIndex.size() >= limit.getAsInt()) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      throw ErrnoException.of(Errno.ENOSPC);
    }
    int next = wanted.getAsInt();
    int index = next < 0 ? freeIndex() : freeIndex(next & MOST_INDEX);
    int round = next < 0 || index < (next & MOST_INDEX) ? sequence : next >>> INDEX_BITS;
    try {
      T made = maker.make(round << INDEX_BITS | index, round);
      byIndex.put(index, made);
      Slab.IPC_OBJECT.charge(1);
      return made.id();
    } finally {
      if (!byIndex.containsKey(index)) {
        taken.decrementAndGet();
      }
    }
  }

  private @Nullable T find(int key) {
    for (T object : byIndex.values()) {
      if (object.key() == key) {
        return object;
      }
    }
    return null;
  }

  /**
   * Indices are used in turn, and a sequence number changes with each round, so that ids do not
   * come again soon.
   */
  private int freeIndex() {
    while (byIndex.containsKey(nextIndex)) {
      step();
    }
    int index = nextIndex;
    step();
    return index;
  }

  /** The first one that is free from the given one on, or any. */
  private int freeIndex(int first) {
    int index = first;
    while (index <= MOST_INDEX && byIndex.containsKey(index)) {
      index++;
    }
    return index <= MOST_INDEX ? index : freeIndex();
  }

  private void step() {
    nextIndex++;
    if (nextIndex > MOST_INDEX) {
      nextIndex = 0;
      sequence = (sequence + 1) & MOST_SEQUENCE;
    }
  }

  /** EINVAL for an id that names nothing (any more). */
  public synchronized T byId(int id) throws ErrnoException {
    T object = id < 0 ? null : byIndex.get(id & MOST_INDEX);
    if (object == null || object.id() != id) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return object;
  }

  /** For the _STAT commands: the object at an index. */
  public synchronized T byIndex(int index) throws ErrnoException {
    T object = byIndex.get(index);
    if (object == null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return object;
  }

  /** The highest index in use, or 0. */
  public synchronized int highestIndex() {
    return byIndex.isEmpty() ? 0 : byIndex.lastKey();
  }

  /** Every object. */
  public synchronized List<T> all() {
    return List.copyOf(byIndex.values());
  }

  /** Takes an object out; whoever waits for it gets EIDRM. Nothing happens if it is out already. */
  public void remove(T object) {
    synchronized (this) {
      if (!byIndex.remove(object.id() & MOST_INDEX, object)) {
        return;
      }
      taken.decrementAndGet();
    }
    Slab.IPC_OBJECT.give(1);
    object.remove();
  }
}
