package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Datagrams of UDP as they lie in packets (RFC 768). */
final class UdpPackets {
  static final int HEADER = 8;
  private static final int LENGTH = 4;
  private static final int CHECKSUM = 6;

  /** A datagram without headers. */
  record Datagram(byte[] data, SocketAddress.Inet from, SocketAddress.Inet to) {}

  private UdpPackets() {}

  static IpPacket of(
      int protocol,
      byte[] data,
      SocketAddress.Inet from,
      SocketAddress.Inet to,
      Ancillary.Packet headers) {
    byte[] payload = new byte[HEADER + data.length];
    ByteBuffer words = ByteBuffer.wrap(payload).order(ByteOrder.BIG_ENDIAN);
    words.putShort((short) from.port()).putShort((short) to.port());
    words.putShort((short) payload.length);
    System.arraycopy(data, 0, payload, HEADER, data.length);
    IpPacket packet =
        new IpPacket(protocol, payload, from, to, headers.hops(), headers.service(), null);
    int sum = IcmpOptions.checksum(payload, 0, packet.pseudo());
    words.putShort(CHECKSUM, (short) (sum == 0 ? 0xffff : sum));
    return packet;
  }

  /** The datagram in a packet; null if it is cut short or its checksum is wrong. */
  static @Nullable Datagram read(IpPacket packet) {
    byte[] payload = packet.payload();
    if (payload.length < HEADER) {
      return null;
    }
    ByteBuffer words = ByteBuffer.wrap(payload).order(ByteOrder.BIG_ENDIAN);
    int length = words.getShort(LENGTH) & 0xffff;
    boolean unsigned = words.getShort(CHECKSUM) == 0 && !packet.isSix();
    if (length < HEADER
        || length > payload.length
        || !(unsigned || IcmpOptions.checksum(payload, 0, packet.pseudo()) == 0)) {
      return null;
    }
    return new Datagram(
        Arrays.copyOfRange(payload, HEADER, length),
        packet.from().withPort(words.getShort(0) & 0xffff),
        packet.to().withPort(words.getShort(2) & 0xffff));
  }
}
