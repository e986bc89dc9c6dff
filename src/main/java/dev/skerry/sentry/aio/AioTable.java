package dev.skerry.sentry.aio;

import java.util.HashMap;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of all address spaces, by the address of the page that stands for each. They go with
 * their address space. Its monitor guards all.
 */
public final class AioTable {
  /** The most events of all contexts together (/proc/sys/fs/aio-max-nr). */
  public static final int MOST = 65536;

  private final Map<Object, Map<Long, AioContext>> spaces = new WeakHashMap<>();

  /** Whether so many more events are within the bound. */
  public synchronized boolean hasRoom(int events) {
    long total = events;
    for (Map<Long, AioContext> contexts : spaces.values()) {
      for (AioContext context : contexts.values()) {
        total += context.capacity();
      }
    }
    return total <= MOST;
  }

  /**
   * Makes a context.
   *
   * @param space the address space, compared by identity
   */
  public synchronized void add(Object space, long id, int events) {
    spaces.computeIfAbsent(space, any -> new HashMap<>()).put(id, new AioContext(events));
  }

  /** The context of that name; null if there is none. */
  public synchronized @Nullable AioContext find(Object space, long id) {
    Map<Long, AioContext> contexts = spaces.get(space);
    return contexts == null ? null : contexts.get(id);
  }

  /** Takes a context away; false if there is none. */
  public boolean remove(Object space, long id) {
    AioContext context;
    synchronized (this) {
      Map<Long, AioContext> contexts = spaces.get(space);
      context = contexts == null ? null : contexts.remove(id);
      if (contexts != null && contexts.isEmpty()) {
        spaces.remove(space);
      }
    }
    if (context != null) {
      context.destroy();
    }
    return context != null;
  }
}
