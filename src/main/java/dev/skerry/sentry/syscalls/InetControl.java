package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.ErrorQueue;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.socket.inet.PacketReceiver;
import java.util.List;

/**
 * The control messages of datagrams over IP (ip(7), ipv6(7)). Linux: ip_cmsg_send(),
 * ip6_datagram_send_ctl() and their like.
 */
final class InetControl {
  private static final int IPPROTO_IP = 0;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IP_TOS = 1;
  private static final int IP_TTL = 2;
  private static final int IP_PKTINFO = 8;
  private static final int IP_RECVERR = 11;
  private static final int IP_RECVTTL = 12;
  private static final int IP_RECVTOS = 13;
  private static final int IP_ORIGDSTADDR = 20;
  private static final int IPV6_RECVERR = 25;
  private static final int IPV6_RECVPKTINFO = 49;
  private static final int IPV6_PKTINFO = 50;
  private static final int IPV6_RECVHOPLIMIT = 51;
  private static final int IPV6_HOPLIMIT = 52;
  private static final int IPV6_RECVTCLASS = 66;
  private static final int IPV6_TCLASS = 67;
  private static final int IPV6_ORIGDSTADDR = 74;
  private static final int SO_PRIORITY = 12;
  private static final int SO_MARK = 36;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int EXTENDED_ERROR = 16;
  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 28;
  private static final int PKTINFO_BYTES = 12;
  private static final int PKTINFO6_BYTES = 20;
  private static final int LOOPBACK_INDEX = 1;
  private static final int MOST_BYTE = 255;

  /** net.core.optmem_max. */
  private static final int MOST_BYTES = 131072;

  private int hops = Ancillary.Packet.UNSAID;
  private int service = Ancillary.Packet.UNSAID;

  private InetControl() {}

  /**
   * Reads what a sender of a datagram adds.
   *
   * @throws ErrnoException EINVAL, ENODEV for an interface that is not there, ENOBUFS, EFAULT
   */
  static Ancillary read(Task task, int domain, long address, long length) throws ErrnoException {
    if (address == 0 || length == 0) {
      return Ancillary.NONE;
    }
    if (length < 0 || length > MOST_BYTES) {
      throw ErrnoException.of(Errno.ENOBUFS);
    }
    StructReader bytes = new StructReader(task.memory().readBytes(address, (int) length));
    InetControl control = new InetControl();
    int at = 0;
    while (length - at >= ControlWriter.HEADER) {
      long size = bytes.longAt(at);
      if (size < ControlWriter.HEADER || size > length - at) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      int data = (int) size - ControlWriter.HEADER;
      control.take(domain, bytes, at, data);
      at += ControlWriter.align((int) size);
    }
    Ancillary.Packet packet = new Ancillary.Packet(null, control.hops, control.service, 0);
    return new Ancillary(List.of(), null, packet);
  }

  private void take(int domain, StructReader bytes, int at, int length) throws ErrnoException {
    int level = bytes.intAt(at + 8);
    int type = bytes.intAt(at + 12);
    int data = at + ControlWriter.HEADER;
    if (level == SocketOptions.SOL_SOCKET) {
      boolean known =
          type == SCM_RIGHTS || type == SCM_CREDENTIALS || type == SO_MARK || type == SO_PRIORITY;
      check(known);
    } else if (level == IPPROTO_IP) {
      takeIp(type, bytes, data, length);
    } else if (level == IPPROTO_IPV6 && domain == SocketAddress.AF_INET6) {
      takeIpv6(type, bytes, data, length);
    }
  }

  private static void check(boolean holds) throws ErrnoException {
    if (!holds) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  private static void checkInterface(int index) throws ErrnoException {
    if (index != 0 && index != LOOPBACK_INDEX) {
      throw ErrnoException.of(Errno.ENODEV);
    }
  }

  private void takeIp(int type, StructReader bytes, int at, int length) throws ErrnoException {
    switch (type) {
      case IP_TTL -> {
        check(length == Integer.BYTES);
        hops = bytes.intAt(at);
        check(hops >= 1 && hops <= MOST_BYTE);
      }
      case IP_TOS -> {
        check(length == Integer.BYTES || length == 1);
        service = length == 1 ? bytes.byteAt(at) & MOST_BYTE : bytes.intAt(at);
        check(service >= 0 && service <= MOST_BYTE);
      }
      case IP_PKTINFO -> {
        check(length == PKTINFO_BYTES);
        checkInterface(bytes.intAt(at));
      }
      default -> check(false);
    }
  }

  private void takeIpv6(int type, StructReader bytes, int at, int length) throws ErrnoException {
    switch (type) {
      case IPV6_HOPLIMIT -> {
        check(length == Integer.BYTES);
        hops = bytes.intAt(at);
        check(hops >= -1 && hops <= MOST_BYTE);
      }
      case IPV6_TCLASS -> {
        check(length == Integer.BYTES);
        int wanted = bytes.intAt(at);
        check(wanted >= -1 && wanted <= MOST_BYTE);
        service = wanted & MOST_BYTE;
      }
      case IPV6_PKTINFO -> {
        check(length >= PKTINFO6_BYTES);
        checkInterface(bytes.intAt(at + 16));
      }
      default -> check(false);
    }
  }

  /** Writes struct sock_extended_err and the address of whoever reports it (ip(7), IP_RECVERR). */
  static void writeError(ControlWriter out, int domain, ErrorQueue.Report report)
      throws ErrnoException {
    boolean six = domain == SocketAddress.AF_INET6;
    StructWriter data =
        new StructWriter(EXTENDED_ERROR + (six ? SOCKADDR_IN6 : SOCKADDR_IN))
            .putInt(0, report.errno())
            .putInt(4, report.origin() | report.type() << 8 | report.code() << 16)
            .putInt(8, report.info())
            .putInt(12, report.data());
    SocketAddress.Inet offender = report.offender();
    if (offender != null) {
      data.putBytes(EXTENDED_ERROR, SocketAddresses.encode(offender.as(domain)));
    }
    out.put(six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVERR : IP_RECVERR, data.bytes());
  }

  /** Writes what the socket's options ask for of a datagram. */
  static void write(ControlWriter out, PacketReceiver socket, Ancillary.Packet packet)
      throws ErrnoException {
    SocketAddress.Inet to = packet.to();
    if (to == null) {
      return;
    }
    boolean six = socket.domain() == SocketAddress.AF_INET6;
    boolean plain = to.unmapped().family() == SocketAddress.AF_INET;
    if (six && socket.hasOption(IPPROTO_IPV6, IPV6_RECVPKTINFO)) {
      byte[] host = to.as(SocketAddress.AF_INET6).host();
      out.put(
          IPPROTO_IPV6,
          IPV6_PKTINFO,
          new StructWriter(PKTINFO6_BYTES).putBytes(0, host).putInt(16, LOOPBACK_INDEX).bytes());
    }
    if (plain) {
      writeIp(out, socket, packet, to.unmapped());
      return;
    }
    if (socket.hasOption(IPPROTO_IPV6, IPV6_RECVHOPLIMIT)) {
      out.put(IPPROTO_IPV6, IPV6_HOPLIMIT, SocketOptions.ofInt(packet.hops()));
    }
    if (socket.hasOption(IPPROTO_IPV6, IPV6_RECVTCLASS)) {
      out.put(IPPROTO_IPV6, IPV6_TCLASS, SocketOptions.ofInt(packet.service()));
    }
    if (socket.hasOption(IPPROTO_IPV6, IPV6_ORIGDSTADDR)) {
      out.put(IPPROTO_IPV6, IPV6_ORIGDSTADDR, SocketAddresses.encode(to));
    }
  }

  /** The address of the interface that a packet has come in by. */
  private static SocketAddress.Inet local(SocketAddress.Inet to) {
    return to.isMulticast() ? SocketAddress.Inet.loopback(SocketAddress.AF_INET, 0) : to;
  }

  private static void writeIp(
      ControlWriter out, PacketReceiver socket, Ancillary.Packet packet, SocketAddress.Inet to)
      throws ErrnoException {
    if (socket.hasOption(IPPROTO_IP, IP_PKTINFO)) {
      out.put(
          IPPROTO_IP,
          IP_PKTINFO,
          new StructWriter(PKTINFO_BYTES)
              .putInt(0, LOOPBACK_INDEX)
              .putBytes(4, local(to).host())
              .putBytes(8, to.host())
              .bytes());
    }
    if (socket.hasOption(IPPROTO_IP, IP_RECVTTL)) {
      out.put(IPPROTO_IP, IP_TTL, SocketOptions.ofInt(packet.hops()));
    }
    if (socket.hasOption(IPPROTO_IP, IP_RECVTOS)) {
      out.put(IPPROTO_IP, IP_TOS, new byte[] {(byte) packet.service()});
    }
    if (socket.hasOption(IPPROTO_IP, IP_ORIGDSTADDR)) {
      out.put(IPPROTO_IP, IP_ORIGDSTADDR, SocketAddresses.encode(to));
    }
  }
}
