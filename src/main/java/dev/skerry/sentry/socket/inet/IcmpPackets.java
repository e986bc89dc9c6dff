package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.SocketAddress;
import java.util.Arrays;

/** Packets of ICMP and ICMPv6 as they lie in memory (RFC 792, RFC 4443). */
final class IcmpPackets {
  static final int REPLY = 0;
  static final int ECHO = 8;
  static final int ECHO6 = 128;
  static final int REPLY6 = 129;

  private static final int HEADER = 8;
  private static final int CHECKSUM = 2;

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

  private static long pseudo(int length, SocketAddress.Inet from, SocketAddress.Inet to) {
    return IpPacket.pseudo(length, IcmpSocket.IPPROTO_ICMPV6, from, to);
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
}
