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
  private int piece;

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
      lengths[i] = Math.min(length, MOST - total);
      total += lengths[i];
    }
    return new GuestBuffer(memory, addresses, lengths, total);
  }

  @Override
  public long remaining() {
    return remaining;
  }

  @Override
  public long put(byte[] source, int offset, int length) {
    int done = 0;
    while (done < length) {
      int part = part(length - done);
      int moved = memory.copyOutPartly(addresses[piece], source, offset + done, part);
      advance(moved);
      done += moved;
      if (moved < part) {
        break;
      }
    }
    return done == 0 && length > 0 ? -Errno.EFAULT : done;
  }

  @Override
  public long get(byte[] target, int offset, int length) {
    int done = 0;
    while (done < length) {
      int part = part(length - done);
      int moved = memory.copyInPartly(addresses[piece], target, offset + done, part);
      advance(moved);
      done += moved;
      if (moved < part) {
        break;
      }
    }
    return done == 0 && length > 0 ? -Errno.EFAULT : done;
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
    long done = 0;
    while (done < wanted) {
      long part = part(wanted - done);
      long at = position < 0 ? -1 : position + done;
      long moved =
          toGuest
              ? memory.copyOutFromFile(addresses[piece], part, hostFd, at)
              : memory.copyInToFile(addresses[piece], part, hostFd, at);
      if (moved < 0) {
        return done > 0 ? done : moved;
      }
      advance(moved);
      done += moved;
      if (moved < part) {
        break;
      }
    }
    return done;
  }

  /** The most of {@code wanted} that the present piece has, after skipping those used up. */
  private int part(long wanted) {
    while (lengths[piece] == 0) {
      piece++;
    }
    return (int) Math.min(wanted, lengths[piece]);
  }

  private void advance(long moved) {
    addresses[piece] += moved;
    lengths[piece] -= moved;
    remaining -= moved;
  }
}
