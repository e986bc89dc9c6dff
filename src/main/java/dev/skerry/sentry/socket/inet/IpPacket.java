package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A packet of IPv4 or IPv6 on its way over the loopback interface (RFC 791, RFC 8200).
 *
 * @param payload what follows its header
 * @param hops the time to live, or hop limit
 * @param service the type of service, or traffic class
 * @param header the header that its sender made; null for one that says the same as the rest
 */
record IpPacket(
    int protocol,
    byte[] payload,
    SocketAddress.Inet from,
    SocketAddress.Inet to,
    int hops,
    int service,
    byte @Nullable [] header) {
  static final int HEADER = 20;
  static final int HEADER6 = 40;

  private static final int DONT_FRAGMENT = 0x4000;
  private static final int VERSION4 = 0x45;
  private static final int VERSION6 = 0x60;
  private static final int WORD = 4;

  boolean isSix() {
    return from.family() == SocketAddress.AF_INET6;
  }

  /** The packet as it lies in memory, from its header on. */
  byte[] whole() {
    byte[] front = header != null ? header : isSix() ? header6() : header4();
    byte[] whole = Arrays.copyOf(front, front.length + payload.length);
    System.arraycopy(payload, 0, whole, front.length, payload.length);
    return whole;
  }

  private byte[] header4() {
    byte[] bytes = new byte[HEADER];
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    words.put(0, (byte) VERSION4).put(1, (byte) service);
    words.putShort(2, (short) (HEADER + payload.length)).putShort(6, (short) DONT_FRAGMENT);
    words.put(8, (byte) hops).put(9, (byte) protocol);
    words.put(12, from.host()).put(16, to.host());
    words.putShort(10, (short) IcmpOptions.checksum(bytes, 0, 0));
    return bytes;
  }

  private byte[] header6() {
    byte[] bytes = new byte[HEADER6];
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    words.put(0, (byte) (VERSION6 | service >> 4)).put(1, (byte) (service << 4));
    words.putShort(4, (short) payload.length).put(6, (byte) protocol).put(7, (byte) hops);
    words.put(8, from.host()).put(24, to.host());
    return bytes;
  }

  /** The sum over what transport protocols count in of the header, to start a checksum with. */
  long pseudo() {
    return pseudo(payload.length, protocol, from, to);
  }

  static long pseudo(int length, int protocol, SocketAddress.Inet from, SocketAddress.Inet to) {
    long sum = (long) length + protocol;
    for (byte[] host : new byte[][] {from.host(), to.host()}) {
      ByteBuffer words = ByteBuffer.wrap(host).order(ByteOrder.BIG_ENDIAN);
      for (int at = 0; at + 1 < host.length; at += 2) {
        sum += words.getShort(at) & 0xffff;
      }
    }
    return sum;
  }

  /**
   * A packet of IPv4 with the header that its sender made, made good where Linux does
   * (raw_send_hdrinc() of net/ipv4/raw.c).
   *
   * @param source the sender's address, where the header has none
   * @return null for something that is no packet
   */
  static @Nullable IpPacket ofWhole(byte[] whole, SocketAddress.Inet source) {
    if (whole.length < HEADER) {
      return null;
    }
    int length = (whole[0] & 0xf) * WORD;
    if (length > whole.length) {
      return null;
    }
    byte[] front = Arrays.copyOf(whole, Math.max(length, HEADER));
    ByteBuffer words = ByteBuffer.wrap(front).order(ByteOrder.BIG_ENDIAN);
    if (length >= HEADER) {
      if (words.getInt(12) == 0) {
        words.put(12, source.unmapped().host());
      }
      words.putShort(2, (short) whole.length).putShort(10, (short) 0);
      words.putShort(10, (short) IcmpOptions.checksum(Arrays.copyOf(front, length), 0, 0));
    }
    return new IpPacket(
        front[9] & 0xff,
        Arrays.copyOfRange(whole, front.length, whole.length),
        address(front, 12),
        address(front, 16),
        front[8] & 0xff,
        front[1] & 0xff,
        front);
  }

  private static SocketAddress.Inet address(byte[] header, int at) {
    byte[] host = Arrays.copyOfRange(header, at, at + WORD);
    return new SocketAddress.Inet(SocketAddress.AF_INET, host, 0, 0);
  }
}
