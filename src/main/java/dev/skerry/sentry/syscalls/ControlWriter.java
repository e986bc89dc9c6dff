package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.usermem.UserMemory;

/** Lays control messages out in a receiver's memory (cmsg(3)). Linux: put_cmsg(). */
final class ControlWriter {
  static final int HEADER = 16;

  private final UserMemory memory;
  private final long address;
  private final long room;
  private int used;
  private int flags;

  /**
   * @param room in bytes; 0 if the receiver has no use for any
   */
  ControlWriter(UserMemory memory, long address, long room) {
    this.memory = memory;
    this.address = address;
    this.room = room;
  }

  static int align(int length) {
    return (length + 7) & -8;
  }

  /** What is left for further messages. */
  long left() {
    return room - used;
  }

  /** Bytes written. */
  int used() {
    return used;
  }

  /** MSG_CTRUNC if something did not fit. */
  int flags() {
    return flags;
  }

  void truncated() {
    flags |= SocketFile.MSG_CTRUNC;
  }

  /** Adds a message, cut where the room ends. */
  void put(int level, int type, byte[] data) throws ErrnoException {
    long left = left();
    if (left < HEADER) {
      truncated();
      return;
    }
    int whole = HEADER + data.length;
    int size = (int) Math.min(whole, left);
    if (size < whole) {
      truncated();
    }
    byte[] bytes =
        new StructWriter(whole)
            .putLong(0, size)
            .putInt(8, level)
            .putInt(12, type)
            .putBytes(HEADER, data)
            .bytes();
    ErrnoException.check(memory.copyOut(address + used, bytes, 0, size));
    used += (int) Math.min(align(whole), left);
  }
}
