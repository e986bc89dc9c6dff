package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Packets of ICMP and ICMPv6 as they lie in memory (RFC 792, RFC 4443). */
final class IcmpPackets {
  static final int REPLY = 0;
  static final int ECHO = 8;
  static final int ECHO6 = 128;
  static final int REPLY6 = 129;

  private static final int HEADER = 8;
  private static final int CHECKSUM = 2;
  private static final int IP_HEADER = 20;

  private IcmpPackets() {}

  /** Puts the checksum in, if there is room for it. */
  static void sign(byte[] packet, boolean six, SocketAddress.Inet from, SocketAddress.Inet to) {
    if (packet.length < CHECKSUM + 2) {
      return;
    }
    packet[CHECKSUM] = 0;
    packet[CHECKSUM + 1] = 0;
    int sum = IcmpOptions.checksum(packet, 0, six ? pseudo(packet.length, from, to) : 0);
    packet[CHECKSUM] = (byte) (sum >> 8);
    packet[CHECKSUM + 1] = (byte) sum;
  }

  /** The sum of what ICMPv6 counts in of the packet's header (RFC 8200). */
  private static long pseudo(int length, SocketAddress.Inet from, SocketAddress.Inet to) {
    long sum = (long) length + IcmpSocket.IPPROTO_ICMPV6;
    for (byte[] host : new byte[][] {from.host(), to.host()}) {
      ByteBuffer words = ByteBuffer.wrap(host).order(ByteOrder.BIG_ENDIAN);
      for (int at = 0; at + 1 < host.length; at += 2) {
        sum += words.getShort(at) & 0xffff;
      }
    }
    return sum;
  }

  /** Whether it is a whole echo request with the right checksum. */
  static boolean isEcho(
      byte[] packet, boolean six, SocketAddress.Inet from, SocketAddress.Inet to) {
    return packet.length >= HEADER
        && packet[0] == (byte) (six ? ECHO6 : ECHO)
        && packet[1] == 0
        && IcmpOptions.checksum(packet, 0, six ? pseudo(packet.length, from, to) : 0) == 0;
  }

  /** The reply to an echo request. */
  static byte[] reply(byte[] request, boolean six, SocketAddress.Inet from, SocketAddress.Inet to) {
    byte[] reply = Arrays.copyOf(request, request.length);
    reply[0] = (byte) (six ? REPLY6 : REPLY);
    sign(reply, six, from, to);
    return reply;
  }

  /** With the header of IPv4 in front, which a raw socket sees. */
  static byte[] withHeader(
      byte[] packet, SocketAddress.Inet from, SocketAddress.Inet to, int hops) {
    byte[] whole = new byte[IP_HEADER + packet.length];
    ByteBuffer header = ByteBuffer.wrap(whole).order(ByteOrder.BIG_ENDIAN);
    header.put(0, (byte) 0x45).putShort(2, (short) whole.length);
    // Not to be taken to pieces.
    header.put(6, (byte) 0x40).put(8, (byte) hops).put(9, (byte) IcmpSocket.IPPROTO_ICMP);
    header.put(12, from.unmapped().host()).put(16, to.unmapped().host());
    byte[] alone = Arrays.copyOf(whole, IP_HEADER);
    header.putShort(10, (short) IcmpOptions.checksum(alone, 0, 0));
    header.put(IP_HEADER, packet);
    return whole;
  }
}
