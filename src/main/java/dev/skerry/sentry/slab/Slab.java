package dev.skerry.sentry.slab;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A kind of small object that guests make the sentry keep. Each object is counted when it is made
 * and when it is given up; the kinds with a size share one bound, so that no guest can fill the
 * sentry's heap: whoever makes an object asks {@link #take}, or asks {@link #isFull} before and
 * then {@link #charge}s. One sandbox is one process, so the counts are the sandbox's. Linux: struct
 * kmem_cache.
 */
public enum Slab {
  /** Open file descriptions that are neither of a socket nor of a pipe. */
  FILE("files", 300),
  SOCKET("sockets", 900),
  /** Ends of pipes and FIFOs, each with half of its pipe. */
  PIPE("pipes", 500),
  /** Slots of descriptor tables, in use or not. */
  DESCRIPTOR("descriptorSlots", 5),
  /** Names that open directories have read and not told yet. */
  DIRECTORY_ENTRY("directoryEntries", 60),
  EPOLL_ITEM("epollItems", 250),
  POSIX_TIMER("posixTimers", 200),
  /** Locks of fcntl(2) and flock(2). */
  FILE_LOCK("fileLocks", 120),
  /** Mounts in trees. */
  MOUNT("mounts", 400),
  /** File systems that guests mount, with what proc and sysfs make of their own. */
  FILE_SYSTEM("fileSystems", 16_000),
  /** Namespaces of all kinds, with two maps of ids. */
  NAMESPACE("namespaces", 8_000),
  /** Tables of descriptors that are told of what happens in a directory. */
  DIRECTORY_NOTICE("directoryNotices", 300),
  /** Signals that were sent and not yet taken. */
  QUEUED_SIGNAL("queuedSignals", 100),
  /** Values of System V semaphores. */
  SEMAPHORE("semaphores", 8),
  /** What the end of a process undoes, one for each semaphore of a set (SEM_UNDO). */
  SEMAPHORE_UNDO("semaphoreUndos", 4),
  /** Operations of semop(2) that wait. */
  SEMAPHORE_OPERATION("semaphoreOperations", 40),
  /** Bytes of System V messages, and of what keeps them. */
  MESSAGE_BYTE("messageBytes", 1),
  /** Rules of landlock_add_rule(2), each with the file that it keeps. */
  LANDLOCK_RULE("landlockRules", 300),
  INOTIFY_WATCH("inotifyWatches", 0),
  /** System V shared memory, semaphore sets and message queues. */
  IPC_OBJECT("ipcObjects", 0),
  /** Files in memory, which {@code MemoryAccount.RECORDS} bounds. */
  TMPFS_INODE("tmpfsInodes", 0),
  /** Files of the gofer's that are known, each with a descriptor of the gofer's. */
  GOFER_INODE("goferInodes", 0),
  /** Files of the gofer's whose descriptor is the sentry's too. */
  DONATED_FILE("donatedFiles", 0);

  /** The part of the heap that they may take, in bytes. */
  private static final long LIMIT = Runtime.getRuntime().maxMemory() / 5;

  private static final AtomicLong BYTES = new AtomicLong();
  private static final AtomicIntegerArray COUNTS = new AtomicIntegerArray(values().length);

  private final String label;
  private final int size;

  /**
   * @param size an object's bytes on the heap with all that comes with it; 0 if something else
   *     bounds them
   */
  Slab(String label, int size) {
    this.label = label;
    this.size = size;
  }

  /** What the kind is called in reports. */
  public String label() {
    return label;
  }

  /** An object's bytes on the heap; 0 if something else bounds them. */
  public int size() {
    return size;
  }

  /** How many there are. */
  public int count() {
    return COUNTS.get(ordinal());
  }

  /** Counts objects if there is room; returns whether there was. */
  public boolean take(int objects) {
    long wanted = (long) objects * size;
    if (BYTES.addAndGet(wanted) > LIMIT && wanted > 0) {
      BYTES.addAndGet(-wanted);
      return false;
    }
    COUNTS.addAndGet(ordinal(), objects);
    return true;
  }

  /** Counts more. */
  public void charge(int objects) {
    COUNTS.addAndGet(ordinal(), objects);
    BYTES.addAndGet((long) objects * size);
  }

  /** Objects are given up. */
  public void give(int objects) {
    COUNTS.addAndGet(ordinal(), -objects);
    BYTES.addAndGet(-(long) objects * size);
  }

  /** Whether there is no room for more objects of the kinds with a size. */
  public static boolean isFull() {
    return BYTES.get() > LIMIT;
  }

  /** What all of them take, in bytes. */
  public static long bytes() {
    return BYTES.get();
  }

  /** The most that they may take, in bytes. */
  public static long limit() {
    return LIMIT;
  }
}
