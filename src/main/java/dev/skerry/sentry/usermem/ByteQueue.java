package dev.skerry.sentry.usermem;

import dev.skerry.abi.Errno;

/** A bounded queue of bytes. Its memory grows with use. Not thread-safe. Linux: struct kfifo. */
public final class ByteQueue {
  private static final int FIRST_SIZE = 256;
  private static final byte[] NONE = new byte[0];

  private final int most;
  private byte[] data = NONE;
  private int start;
  private int size;

  /**
   * @param most how many bytes fit
   */
  public ByteQueue(int most) {
    this.most = most;
  }

  public int size() {
    return size;
  }

  public int room() {
    return most - size;
  }

  /** Adds one byte, which must fit. */
  public void add(byte value) {
    reserve(1);
    data[(start + size++) % data.length] = value;
  }

  /** Adds bytes, which must fit. */
  public void add(byte[] source, int offset, int length) {
    reserve(length);
    int end = end();
    int first = Math.min(length, data.length - end);
    System.arraycopy(source, offset, data, end, first);
    System.arraycopy(source, offset + first, data, 0, length - first);
    size += length;
  }

  private int end() {
    return data.length == 0 ? 0 : (start + size) % data.length;
  }

  private void reserve(int more) {
    int needed = size + more;
    if (needed > most) {
      throw new IllegalArgumentException(more + " bytes do not fit");
    }
    if (needed <= data.length) {
      return;
    }
    int length = Math.max(FIRST_SIZE, data.length);
    while (length < needed) {
      length *= 2;
    }
    byte[] grown = new byte[Math.min(length, Math.max(most, needed))];
    peek(grown, 0, size);
    data = grown;
    start = 0;
  }

  /** Copies the first bytes without removing them. */
  public void peek(byte[] target, int offset, int length) {
    int first = Math.min(length, data.length - start);
    System.arraycopy(data, start, target, offset, first);
    System.arraycopy(data, 0, target, offset + first, length - first);
  }

  /** Removes the first bytes. */
  public void skip(int length) {
    if (length > size) {
      throw new IllegalArgumentException(length + " of " + size);
    }
    size -= length;
    start = size == 0 ? 0 : (start + length) % data.length;
  }

  /** Removes the last bytes. */
  public void cut(int length) {
    if (length > size) {
      throw new IllegalArgumentException(length + " of " + size);
    }
    size -= length;
  }

  /** Forgets everything, and gives the memory back. */
  public void clear() {
    data = NONE;
    start = 0;
    size = 0;
  }

  /**
   * Moves bytes out, as many as there are and the target takes.
   *
   * @return the bytes moved, or -EFAULT if a fault let none move
   */
  public long readTo(IoBuffer target) {
    return copyTo(target, true);
  }

  /** As {@link #readTo}, but the bytes stay (MSG_PEEK). */
  public long peekTo(IoBuffer target) {
    return copyTo(target, false);
  }

  private long copyTo(IoBuffer target, boolean remove) {
    int wanted = (int) Math.min(size, target.remaining());
    int done = 0;
    while (done < wanted) {
      int at = (start + done) % data.length;
      int part = Math.min(wanted - done, data.length - at);
      long moved = target.put(data, at, part);
      done += (int) Math.max(moved, 0);
      if (moved < part) {
        break;
      }
    }
    if (remove) {
      skip(done);
    }
    return done == 0 && wanted > 0 ? -Errno.EFAULT : done;
  }

  /**
   * Moves bytes in, at most {@code length} and as many as fit.
   *
   * @return the bytes moved, or -EFAULT if a fault let none move
   */
  public long writeFrom(IoBuffer source, int length) {
    int wanted = (int) Math.min(Math.min(length, room()), source.remaining());
    reserve(wanted);
    int done = 0;
    while (done < wanted) {
      int at = end();
      int part = Math.min(wanted - done, data.length - at);
      long moved = source.get(data, at, part);
      size += (int) Math.max(moved, 0);
      done += (int) Math.max(moved, 0);
      if (moved < part) {
        break;
      }
    }
    return done == 0 && wanted > 0 ? -Errno.EFAULT : done;
  }
}
