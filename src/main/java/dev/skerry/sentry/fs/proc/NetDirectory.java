package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.inet.MulticastGroups;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * /proc/PID/net (proc_pid_net(5)): the loopback interface, and the sockets that have addresses.
 * Tables of protocols that are not there show their headings alone.
 */
final class NetDirectory extends FixedDirectory {
  private static final String SOCKET_COLUMNS =
      " st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  private static final String V4 = "  sl  local_address rem_address  " + SOCKET_COLUMNS;
  private static final String V6 =
      "  sl  local_address                         remote_address                       "
          + SOCKET_COLUMNS;

  private static final String DEV =
      """
      Inter-|   Receive                                                |  Transmit
       face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs\
       drop fifo colls carrier compressed
      """;

  private static final String ROUTE6_HEAD =
      "00000000000000000000000000000001 80 00000000000000000000000000000000 00"
          + " 00000000000000000000000000000000 00000000 00000001 00000000 80200001       lo\n";

  /** The groups of all hosts, that every interface is in. */
  private static final String MULTICAST6 =
      """
      1    lo              ff020000000000000000000000000001     1 0000000C 0
      1    lo              ff010000000000000000000000000001     1 00000008 0
      """;

  /** What has no route of its own is rejected. */
  private static final String IPV6_ROUTE =
      ROUTE6_HEAD
          + "00000000000000000000000000000000 00 00000000000000000000000000000000 00"
          + " 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

  private static final String FIB =
      """
      :
        +-- 127.0.0.0/8 2 0 2
           +-- 127.0.0.0/31 1 0 0
              |-- 127.0.0.0
                 /8 host LOCAL
              |-- 127.0.0.1
                 /32 host LOCAL
           |-- 127.255.255.255
              /32 link BROADCAST
      """;

  private static final String PTYPE =
      """
      Type Device      Function
      0800          ip_rcv
      86dd          ipv6_rcv
      """;

  /** Tables that are made of what is counted. */
  private static final String[] COUNTED = {
    "igmp6", "netstat", "protocols", "snmp", "snmp6", "sockstat", "sockstat6", "softnet_stat",
  };

  /** Tables that are as they are, with what they show on a loopback interface. */
  private static final String[] FIXED = {
    "anycast6",
    "",
    "arp",
    "IP address       HW type     Flags       HW address            Mask     Device\n",
    "dev_mcast",
    "",
    "icmp",
    V4 + " ref pointer drops             \n",
    "icmp6",
    V6 + " ref pointer drops\n",
    "if_inet6",
    "00000000000000000000000000000001 01 80 10 80       lo\n",
    "ip6_flowlabel",
    "Label S Owner  Users  Linger Expires  Dst                              Opt\n",
    "ipv6_route",
    IPV6_ROUTE,
    "mcfilter",
    "Idx Device        MCA        SRC    INC    EXC\n",
    "mcfilter6",
    "Idx Device                Multicast Address                   Source Address    INC   "
        + " EXC\n",
    "psched",
    "000003e8 00000040 000f4240 3b9aca00\n",
    "ptype",
    PTYPE,
    "rt6_stats",
    "0001 0001 0000 0001 0000 0000 0000\n",
    "rt_cache",
    "Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT"
        + "\tTOS\tHHRef\tHHUptod\tSpecDst                          \n",
  };

  private final Subject subject;

  NetDirectory(Subject subject, long number) {
    super(subject.fileSystem(), number);
    this.subject = subject;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected void fill(Map<String, GeneratedInode> names) {
    for (int i = 0; i < FIXED.length; i += 2) {
      add(names, FIXED[i], FIXED[i + 1]);
    }
    for (String name : COUNTED) {
      add(names, name, "");
    }
    add(names, "dev", DEV);
    add(names, "fib_trie", "Main" + FIB + "Local" + FIB);
    add(names, "igmp", "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n");
    add(
        names,
        "netlink",
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops   "
            + " Inode\n");
    add(names, "packet", "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
    add(names, "raw", V4 + " ref pointer drops\n");
    add(names, "raw6", V6 + " ref pointer drops\n");
    add(
        names,
        "route",
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
            + " ".repeat(55)
            + "\n");
    add(names, "tcp", V4 + " ".repeat(53) + "\n");
    add(names, "tcp6", V6 + "\n");
    for (String lite : new String[] {"", "lite"}) {
      add(names, "udp" + lite, " " + V4 + " ref pointer drops" + " ".repeat(12) + "\n");
      add(names, "udp" + lite + "6", V6 + " ref pointer drops\n");
    }
    add(names, "unix", "Num       RefCount Protocol Flags    Type St Inode Path\n");
  }

  private void add(Map<String, GeneratedInode> names, String name, String text) {
    names.put(name, new Table(name, number() + names.size() + 1, text));
  }

  private final class Table extends GeneratedFile {
    private final String name;
    private final String heading;

    Table(String name, long number, String heading) {
      super(subject.fileSystem(), number, 0444);
      this.name = name;
      this.heading = heading;
    }

    @Override
    protected boolean opensForWriting() {
      return true;
    }

    @Override
    protected Changes changes() {
      return Changes.NONE;
    }

    @Override
    protected String text() {
      NetworkNamespace network =
          (NetworkNamespace) subject.task().namespaces().get(NamespaceKind.NET);
      return heading
          + switch (name) {
            case "dev" -> loopback(network.loopback());
            case "tcp" -> SocketText.rows(network.tcp(), SocketAddress.AF_INET);
            case "tcp6" -> SocketText.rows(network.tcp(), SocketAddress.AF_INET6);
            case "raw" -> raw(network, SocketAddress.AF_INET);
            case "raw6" -> raw(network, SocketAddress.AF_INET6);
            case "udp" -> SocketText.rows(network.udp(), SocketAddress.AF_INET);
            case "udp6" -> SocketText.rows(network.udp(), SocketAddress.AF_INET6);
            case "netstat" -> NetStatistics.netstat(network);
            case "protocols" -> NetStatistics.protocols(network, unixSockets());
            case "snmp" -> NetStatistics.snmp(network);
            case "snmp6" -> NetStatistics.snmp6(network);
            case "sockstat" -> NetStatistics.sockstat(network, Slab.SOCKET.count());
            case "sockstat6" -> NetStatistics.sockstat6(network);
            case "softnet_stat" -> received(network.loopback().packets());
            case "igmp" -> groups(network.groups().list());
            case "igmp6" -> MULTICAST6;
            case "udplite" -> SocketText.rows(network.udpLite(), SocketAddress.AF_INET);
            case "udplite6" -> SocketText.rows(network.udpLite(), SocketAddress.AF_INET6);
            case "unix" -> SocketText.unix(subject.kernel());
            default -> "";
          };
    }
  }

  private static String raw(NetworkNamespace network, int family) {
    boolean six = family == SocketAddress.AF_INET6;
    return SocketText.rows(network.raw().rows(six), family);
  }

  private static String groups(List<MulticastGroups.Group> groups) {
    StringBuilder out = new StringBuilder("1\tlo        : ");
    out.append(padded(groups.size(), 5)).append("      V3\n");
    for (MulticastGroups.Group group : groups) {
      out.append("\t\t\t\t");
      for (int i = 3; i >= 0; i--) {
        out.append(Numbers.hex(group.host()[i] & 0xff, 2).toUpperCase(Locale.ROOT));
      }
      out.append(padded(group.members(), 6)).append(" 0:00000000\t\t0\n");
    }
    return out.toString();
  }

  private int unixSockets() {
    String rows = SocketText.unix(subject.kernel());
    return (int) rows.chars().filter(c -> c == '\n').count();
  }

  /** Packets by the processor that received them: the first, for want of knowing better. */
  private String received(long packets) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < subject.kernel().processors(); i++) {
      out.append(Numbers.hex(i == 0 ? packets & 0xffff_ffffL : 0, 8));
      out.append(" 00000000".repeat(11)).append(' ').append(Numbers.hex(i, 8));
      out.append(" 00000000".repeat(2)).append('\n');
    }
    return out.toString();
  }

  /** What is sent is received. */
  private static String loopback(NetworkNamespace.Counters counters) {
    String bytes = padded(counters.bytes(), 8) + padded(counters.packets(), 8);
    return "    lo:"
        + bytes
        + "    0    0    0     0          0         0 "
        + bytes
        + "    0    0    0     0       0          0\n";
  }

  private static String padded(long value, int width) {
    String digits = Long.toString(value);
    return " ".repeat(Math.max(1, width - digits.length())) + digits;
  }
}
