package dev.skerry.sentry.vfs;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Inode numbers and attributes of files that have no name: pipes, sockets, eventfds. Linux:
 * fs/anon_inodes.c and the kernel-internal mounts of pipefs and sockfs.
 */
public final class AnonymousInodes {
  /** The device of pipes. */
  public static final long PIPE_DEVICE = 0xd;

  /** The device of sockets. */
  public static final long SOCKET_DEVICE = 0x8;

  private static final long SHARED_DEVICE = 0xe;
  private static final long SHARED_NUMBER = 1024;
  private static final int BLOCK_SIZE = 4096;
  private static final long MADE = System.currentTimeMillis() * 1_000_000;
  private static final AtomicLong NEXT = new AtomicLong(SHARED_NUMBER + 1);

  private AnonymousInodes() {}

  /** A number that no other nameless file has. */
  public static long nextNumber() {
    return NEXT.getAndIncrement();
  }

  /** The attributes of a file with an inode of its own; {@code time} is of its making. */
  public static Stat stat(long device, long number, int mode, int uid, int gid, long time) {
    return new Stat(device, number, mode, 1, uid, gid, 0, 0, BLOCK_SIZE, 0, time, time, time, time);
  }

  /** The attributes of the one inode that eventfds, epolls and their like share. */
  public static Stat shared() {
    return stat(SHARED_DEVICE, SHARED_NUMBER, 0600, 0, 0, MADE);
  }
}
