package dev.skerry.sentry.usermem;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Guest memory, in one or several pieces, as the memory side of a read or a write. */
public final class GuestBuffer implements IoBuffer {
  /** The most bytes that one call moves (MAX_RW_COUNT of include/linux/fs.h). */
  public static final long MOST = 0x7fff_f000L;

  /** The most pieces (UIO_MAXIOV). */
  public static final int MOST_PIECES = 1024;

  private static final int IOVEC_SIZE = 16;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final UserMemory memory;
  private final long[] addresses;
  private final long[] lengths;
  private long remaining;

  /** The piece that comes next, and the bytes of it that are done. */
  private int piece;

  private long done;

  private GuestBuffer(UserMemory memory, long[] addresses, long[] lengths, long remaining) {
    this.memory = memory;
    this.addresses = addresses;
    this.lengths = lengths;
    this.remaining = remaining;
  }

  /** One piece; what is beyond {@link #MOST} bytes is left out. */
  public static GuestBuffer of(UserMemory memory, long address, long length) {
    long part = length < 0 || length > MOST ? MOST : length;
    return new GuestBuffer(memory, new long[] {address}, new long[] {part}, part);
  }

  /**
   * The pieces of an array of struct iovec.
   *
   * @throws ErrnoException EINVAL for too many pieces or a negative length, EFAULT
   */
  public static GuestBuffer ofVector(UserMemory memory, long address, long count)
      throws ErrnoException {
    if (count < 0 || count > MOST_PIECES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int pieces = (int) count;
    byte[] vector = memory.readBytes(address, pieces * IOVEC_SIZE);
    long[] addresses = new long[pieces];
    long[] lengths = new long[pieces];
    long total = 0;
    for (int i = 0; i < pieces; i++) {
      addresses[i] = (long) LONG.get(vector, i * IOVEC_SIZE);
      long length = (long) LONG.get(vector, i * IOVEC_SIZE + 8);
      if (length < 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      if (addresses[i] < 0 || addresses[i] > UserMemory.END - length) {
        throw ErrnoException.of(Errno.EFAULT);
      }
      lengths[i] = Math.min(length, MOST - total);
      total += lengths[i];
    }
    return new GuestBuffer(memory, addresses, lengths, total);
  }

  /** Leaves out all but the next {@code most} bytes. */
  public void limit(long most) {
    long excess = Math.max(remaining - most, 0);
    remaining -= excess;
    for (int i = lengths.length - 1; excess > 0; i--) {
      long cut = Math.min(excess, lengths[i]);
      lengths[i] -= cut;
      excess -= cut;
    }
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public long put(byte[] source, int offset, int length) {
    int total = 0;
    while (total < length) {
      int part = part(length - total);
      int moved = memory.copyOutPartly(addresses[piece] + done, source, offset + total, part);
      advance(moved);
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total == 0 && length > 0 ? -Errno.EFAULT : total;
  }

  @Override
  public long get(byte[] target, int offset, int length) {
    int total = 0;
    while (total < length) {
      int part = part(length - total);
      int moved = memory.copyInPartly(addresses[piece] + done, target, offset + total, part);
      advance(moved);
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total == 0 && length > 0 ? -Errno.EFAULT : total;
  }

  @Override
  public long putFromFile(int hostFd, long position, long length) {
    return file(hostFd, position, length, true);
  }

  @Override
  public long getToFile(int hostFd, long position, long length) {
    return file(hostFd, position, length, false);
  }

  private long file(int hostFd, long position, long length, boolean toGuest) {
    long wanted = Math.min(length, remaining);
    long total = 0;
    while (total < wanted) {
      long part = part(wanted - total);
      long at = position < 0 ? -1 : position + total;
      long address = addresses[piece] + done;
      long moved =
          toGuest
              ? memory.copyOutFromFile(address, part, hostFd, at)
              : memory.copyInToFile(address, part, hostFd, at);
      if (moved < 0) {
        return total > 0 ? total : moved;
      }
      advance(moved);
      total += moved;
      if (moved < part) {
        break;
      }
    }
    return total;
  }

  /** The most of {@code wanted} that the present piece has, after skipping those used up. */
  private int part(long wanted) {
    while (done == lengths[piece]) {
      piece++;
      done = 0;
    }
    return (int) Math.min(wanted, lengths[piece] - done);
  }

  private void advance(long moved) {
    done += moved;
    remaining -= moved;
  }

  @Override
  public void skip(long count) {
    for (long left = count; left > 0; ) {
      int part = part(left);
      advance(part);
      left -= part;
    }
  }

  @Override
  public void rewind(long count) {
    remaining += count;
    while (count > done) {
      count -= done;
      piece--;
      done = lengths[piece];
    }
    done -= count;
  }
}
