package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.OptionTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The filter of a raw socket for ICMP (icmp(7)): which types it does not receive. */
final class IcmpOptions extends TransportOptions {
  private static final int SOL_RAW = 255;
  private static final int SOL_ICMPV6 = 58;

  /** ICMP_FILTER and ICMPV6_FILTER. */
  private static final int FILTER = 1;

  private static final int BYTES4 = 4;
  private static final int BYTES6 = 32;
  private static final OptionTable NONE = new OptionTable();

  private final boolean six;
  private final boolean raw;

  /** A bit for each type that is not received. Guarded by this, as options change meanwhile. */
  private final byte[] filter;

  IcmpOptions(boolean six, boolean raw) {
    super(NONE);
    this.six = six;
    this.raw = raw;
    this.filter = new byte[six ? BYTES6 : BYTES4];
  }

  @Override
  boolean isLevel(int level) {
    return level == (six ? SOL_ICMPV6 : SOL_RAW);
  }

  boolean drops(int type) {
    synchronized (filter) {
      int index = type / 8;
      return index < filter.length && (filter[index] >> type % 8 & 1) != 0;
    }
  }

  private void check(int name) throws ErrnoException {
    if (name != FILTER || !raw) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
  }

  @Override
  byte[] get(int name, int room, Connection connection) throws ErrnoException {
    check(name);
    if (room < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    synchronized (filter) {
      return Arrays.copyOf(filter, Math.min(room, filter.length));
    }
  }

  @Override
  void set(int name, byte[] value) throws ErrnoException {
    check(name);
    synchronized (filter) {
      int length = Math.min(value.length, filter.length);
      System.arraycopy(value, 0, filter, 0, length);
    }
  }

  /** The checksum of the Internet protocols over some bytes (RFC 1071), to be stored big-endian. */
  static int checksum(byte[] bytes, int offset, long start) {
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    long sum = start;
    int at = offset;
    for (; at + 1 < bytes.length; at += 2) {
      sum += words.getShort(at) & 0xffff;
    }
    if (at < bytes.length) {
      sum += (bytes[at] & 0xff) << 8;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }
}
