package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.inet.Bound;
import dev.skerry.sentry.socket.inet.NetCounter;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.sysctl.Sysctl;
import java.util.List;

/**
 * /proc/net/snmp, snmp6, netstat, sockstat and protocols (proc_pid_net(5)): names as Linux has
 * them. What cannot happen on a loopback interface that loses nothing is zero.
 */
final class NetStatistics {
  private static final int TCP_ESTABLISHED = 1;
  private static final int CLOSE_WAIT = 8;

  private static final String IP =
      "Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors ForwDatagrams InUnknownProtos"
          + " InDiscards InDelivers OutRequests OutDiscards OutNoRoutes ReasmTimeout ReasmReqds"
          + " ReasmOKs ReasmFails FragOKs FragFails FragCreates OutTransmits";
  private static final String ICMP =
      "InMsgs InErrors InCsumErrors InDestUnreachs InTimeExcds InParmProbs InSrcQuenchs InRedirects"
          + " InEchos InEchoReps InTimestamps InTimestampReps InAddrMasks InAddrMaskReps OutMsgs"
          + " OutErrors OutRateLimitGlobal OutRateLimitHost OutDestUnreachs OutTimeExcds"
          + " OutParmProbs OutSrcQuenchs OutRedirects OutEchos OutEchoReps OutTimestamps"
          + " OutTimestampReps OutAddrMasks OutAddrMaskReps";
  private static final String TCP =
      "RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets"
          + " CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors";
  private static final String UDP =
      "InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors"
          + " IgnoredMulti MemErrors";
  private static final String TCP_EXT =
      "SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled RcvPruned OfoPruned"
          + " OutOfWindowIcmps LockDroppedIcmps ArpFilter TW TWRecycled TWKilled PAWSActive"
          + " PAWSEstab DelayedACKs DelayedACKLocked DelayedACKLost ListenOverflows ListenDrops"
          + " TCPHPHits TCPPureAcks TCPHPAcks TCPRenoRecovery TCPSackRecovery TCPSACKReneging"
          + " TCPTimeouts TCPLossProbes TCPAbortOnData TCPAbortOnClose TCPAbortOnMemory"
          + " TCPAbortOnTimeout TCPAbortOnLinger TCPAbortFailed TCPMemoryPressures TCPBacklogDrop"
          + " TCPDSACKRecv TCPDSACKOfoRecv TCPRcvCoalesce TCPOFOQueue TCPSynRetrans TCPOrigDataSent"
          + " TCPKeepAlive TCPDelivered";
  private static final String IP_EXT =
      "InNoRoutes InTruncatedPkts InMcastPkts OutMcastPkts InBcastPkts OutBcastPkts InOctets"
          + " OutOctets InMcastOctets OutMcastOctets InBcastOctets OutBcastOctets InCsumErrors"
          + " InNoECTPkts InECT1Pkts InECT0Pkts InCEPkts ReasmOverlaps";

  private static final String[] SIX = {
    "Ip6InReceives",
    "Ip6InHdrErrors",
    "Ip6InTooBigErrors",
    "Ip6InNoRoutes",
    "Ip6InAddrErrors",
    "Ip6InUnknownProtos",
    "Ip6InTruncatedPkts",
    "Ip6InDiscards",
    "Ip6InDelivers",
    "Ip6OutForwDatagrams",
    "Ip6OutRequests",
    "Ip6OutDiscards",
    "Ip6OutNoRoutes",
    "Ip6ReasmTimeout",
    "Ip6ReasmReqds",
    "Ip6ReasmOKs",
    "Ip6ReasmFails",
    "Ip6FragOKs",
    "Ip6FragFails",
    "Ip6FragCreates",
    "Ip6InMcastPkts",
    "Ip6OutMcastPkts",
    "Ip6InOctets",
    "Ip6OutOctets",
    "Ip6InMcastOctets",
    "Ip6OutMcastOctets",
    "Ip6InBcastOctets",
    "Ip6OutBcastOctets",
    "Ip6InNoECTPkts",
    "Ip6InECT1Pkts",
    "Ip6InECT0Pkts",
    "Ip6InCEPkts",
    "Ip6OutTransmits",
    "Icmp6InMsgs",
    "Icmp6InErrors",
    "Icmp6OutMsgs",
    "Icmp6OutErrors",
    "Icmp6InCsumErrors",
    "Icmp6InDestUnreachs",
    "Icmp6InEchos",
    "Icmp6InEchoReplies",
    "Icmp6OutDestUnreachs",
    "Icmp6OutEchos",
    "Icmp6OutEchoReplies",
    "Udp6InDatagrams",
    "Udp6NoPorts",
    "Udp6InErrors",
    "Udp6OutDatagrams",
    "Udp6RcvbufErrors",
    "Udp6SndbufErrors",
    "Udp6InCsumErrors",
    "Udp6IgnoredMulti",
    "Udp6MemErrors",
  };

  private static final String PROTOCOLS =
      "protocol  size sockets  memory press maxhdr  slab module     cl co di ac io in de sh ss gs"
          + " se re bi br ha uh gp em\n";

  private final NetworkNamespace network;
  private final StringBuilder out = new StringBuilder(2000);

  private NetStatistics(NetworkNamespace network) {
    this.network = network;
  }

  private long count(NetCounter counter) {
    return network.counter(counter);
  }

  /** A line of names and a line of their values; those not given are zero. */
  private void lines(String table, String names, Object... values) {
    out.append(table).append(": ").append(names).append('\n').append(table).append(':');
    for (String name : names.split(" ")) {
      Object value = 0;
      for (int i = 0; i < values.length; i += 2) {
        value = values[i].equals(name) ? values[i + 1] : value;
      }
      out.append(' ').append(value);
    }
    out.append('\n');
  }

  static String snmp(NetworkNamespace network) {
    NetStatistics all = new NetStatistics(network);
    all.ip();
    all.icmp();
    long segments = all.count(NetCounter.TCP_SEGMENTS) + all.count(NetCounter.TCP_ACTIVE_OPENS);
    all.lines(
        "Tcp",
        TCP,
        "RtoAlgorithm",
        1,
        "RtoMin",
        200,
        "RtoMax",
        120_000,
        "MaxConn",
        -1,
        "ActiveOpens",
        all.count(NetCounter.TCP_ACTIVE_OPENS),
        "PassiveOpens",
        all.count(NetCounter.TCP_PASSIVE_OPENS),
        "AttemptFails",
        all.count(NetCounter.TCP_ATTEMPT_FAILS),
        "EstabResets",
        all.count(NetCounter.TCP_ESTABLISHED_RESETS),
        "CurrEstab",
        all.established(),
        "InSegs",
        segments,
        "OutSegs",
        segments,
        "OutRsts",
        all.count(NetCounter.TCP_RESETS_OUT));
    all.lines(
        "Udp",
        UDP,
        "InDatagrams",
        all.count(NetCounter.UDP_IN),
        "NoPorts",
        all.count(NetCounter.UDP_NO_PORTS),
        "InErrors",
        all.count(NetCounter.UDP_OVERFLOWS),
        "OutDatagrams",
        all.count(NetCounter.UDP_OUT),
        "RcvbufErrors",
        all.count(NetCounter.UDP_OVERFLOWS));
    all.lines("UdpLite", UDP);
    return all.out.toString();
  }

  private void ip() {
    long packets = count(NetCounter.IP_PACKETS);
    lines(
        "Ip",
        IP,
        "Forwarding",
        network.sysctl().get(Sysctl.IP_FORWARD) == 0 ? 2 : 1,
        "DefaultTTL",
        network.sysctl().get(Sysctl.IP_DEFAULT_TTL),
        "InReceives",
        packets,
        "InDelivers",
        packets,
        "OutRequests",
        packets,
        "OutTransmits",
        packets);
  }

  private void icmp() {
    long unreachable = count(NetCounter.ICMP_UNREACHABLE);
    long echoes = count(NetCounter.ICMP_ECHO);
    long replies = count(NetCounter.ICMP_REPLY);
    long all = unreachable + echoes + replies;
    lines(
        "Icmp",
        ICMP,
        "InMsgs",
        all,
        "InDestUnreachs",
        unreachable,
        "InEchos",
        echoes,
        "InEchoReps",
        replies,
        "OutMsgs",
        all,
        "OutDestUnreachs",
        unreachable,
        "OutEchos",
        echoes,
        "OutEchoReps",
        replies);
    StringBuilder names = new StringBuilder();
    StringBuilder values = new StringBuilder();
    long[] counts = {replies, unreachable, echoes};
    int[] types = {0, 3, 8};
    for (String way : new String[] {"InType", "OutType"}) {
      for (int i = 0; i < types.length; i++) {
        if (counts[i] > 0) {
          names.append(' ').append(way).append(types[i]);
          values.append(' ').append(counts[i]);
        }
      }
    }
    if (!names.isEmpty()) {
      out.append("IcmpMsg:").append(names).append("\nIcmpMsg:").append(values).append('\n');
    }
  }

  private int established() {
    int count = 0;
    for (Bound socket : network.tcp().all()) {
      int state = socket.row().state();
      count += state == TCP_ESTABLISHED || state == CLOSE_WAIT ? 1 : 0;
    }
    return count;
  }

  static String netstat(NetworkNamespace network) {
    NetStatistics all = new NetStatistics(network);
    all.lines(
        "TcpExt",
        TCP_EXT,
        "TCPOrigDataSent",
        all.count(NetCounter.TCP_SEGMENTS),
        "TCPDelivered",
        all.count(NetCounter.TCP_SEGMENTS));
    long bytes = all.count(NetCounter.IP_BYTES);
    long packets = all.count(NetCounter.IP_PACKETS);
    all.lines("IpExt", IP_EXT, "InOctets", bytes, "OutOctets", bytes, "InNoECTPkts", packets);
    return all.out.toString();
  }

  static String snmp6(NetworkNamespace network) {
    StringBuilder out = new StringBuilder(2400);
    for (String name : SIX) {
      out.append(name).append(" ".repeat(Math.max(0, 32 - name.length()))).append('\t');
      out.append(six(network, name)).append('\n');
    }
    return out.toString();
  }

  private static long six(NetworkNamespace network, String name) {
    return switch (name) {
      case "Ip6InReceives",
          "Ip6InDelivers",
          "Ip6OutRequests",
          "Ip6OutTransmits",
          "Ip6InNoECTPkts" ->
          network.counter(NetCounter.IP6_PACKETS);
      case "Ip6InOctets", "Ip6OutOctets" -> network.counter(NetCounter.IP6_BYTES);
      case "Icmp6InDestUnreachs", "Icmp6OutDestUnreachs" ->
          network.counter(NetCounter.ICMP6_UNREACHABLE);
      case "Icmp6InEchos", "Icmp6OutEchos" -> network.counter(NetCounter.ICMP6_ECHO);
      case "Icmp6InEchoReplies", "Icmp6OutEchoReplies" -> network.counter(NetCounter.ICMP6_REPLY);
      case "Icmp6InMsgs", "Icmp6OutMsgs" ->
          network.counter(NetCounter.ICMP6_UNREACHABLE)
              + network.counter(NetCounter.ICMP6_ECHO)
              + network.counter(NetCounter.ICMP6_REPLY);
      case "Udp6InDatagrams" -> network.counter(NetCounter.UDP6_IN);
      case "Udp6NoPorts" -> network.counter(NetCounter.UDP6_NO_PORTS);
      case "Udp6OutDatagrams" -> network.counter(NetCounter.UDP6_OUT);
      case "Udp6InErrors", "Udp6RcvbufErrors" -> network.counter(NetCounter.UDP6_OVERFLOWS);
      default -> 0;
    };
  }

  private static int inUse(List<Bound> sockets, int family) {
    int count = 0;
    for (Bound socket : sockets) {
      count += socket.row().local().family() == family ? 1 : 0;
    }
    return count;
  }

  /**
   * @param used how many sockets of all families there are
   */
  static String sockstat(NetworkNamespace network, int used) {
    int tcp = inUse(network.tcp().all(), SocketAddress.AF_INET);
    int udp = inUse(network.udp().all(), SocketAddress.AF_INET);
    return "sockets: used "
        + used
        + "\nTCP: inuse "
        + tcp
        + " orphan 0 tw 0 alloc "
        + tcp
        + " mem 0\nUDP: inuse "
        + udp
        + " mem 0\nUDPLITE: inuse 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n";
  }

  static String sockstat6(NetworkNamespace network) {
    return "TCP6: inuse "
        + inUse(network.tcp().all(), SocketAddress.AF_INET6)
        + "\nUDP6: inuse "
        + inUse(network.udp().all(), SocketAddress.AF_INET6)
        + "\nUDPLITE6: inuse 0\nRAW6: inuse 0\nFRAG6: inuse 0 memory 0\n";
  }

  /** Of each protocol how many sockets there are; a socket's size is the sentry's (Slab). */
  static String protocols(NetworkNamespace network, int unix) {
    List<Bound> tcp = network.tcp().all();
    List<Bound> udp = network.udp().all();
    return PROTOCOLS
        + protocol("UDPv6", inUse(udp, SocketAddress.AF_INET6), false)
        + protocol("TCPv6", inUse(tcp, SocketAddress.AF_INET6), true)
        + protocol("UNIX", unix, false)
        + protocol("UDP", inUse(udp, SocketAddress.AF_INET), false)
        + protocol("TCP", inUse(tcp, SocketAddress.AF_INET), true);
  }

  private static String protocol(String name, int sockets, boolean stream) {
    String count = Integer.toString(sockets);
    String flags = stream ? "y  y  y  y  y  y  y  y" : "y  y  y  n  y  y  y  n";
    return name
        + " ".repeat(10 - name.length())
        + "900  "
        + " ".repeat(Math.max(0, 6 - count.length()))
        + count
        + "      -1   NI       0   yes  kernel      "
        + flags
        + "  y  y  y  y  n  n  y  y  y  n\n";
  }
}
