package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
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

  private static final String IPV6_ROUTE =
      "00000000000000000000000000000001 80 00000000000000000000000000000000 00"
          + " 00000000000000000000000000000000 00000000 00000001 00000000 80200001       lo\n";

  private static final String SOCKSTAT =
      """
      sockets: used 0
      TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0
      UDP: inuse 0 mem 0
      UDPLITE: inuse 0
      RAW: inuse 0
      FRAG: inuse 0 memory 0
      """;

  private static final String SOCKSTAT6 =
      """
      TCP6: inuse 0
      UDP6: inuse 0
      UDPLITE6: inuse 0
      RAW6: inuse 0
      FRAG6: inuse 0 memory 0
      """;

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
    add(
        names,
        "arp",
        "IP address       HW type     Flags       HW address            Mask     Device\n");
    add(names, "dev", DEV);
    add(names, "if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n");
    add(names, "ipv6_route", IPV6_ROUTE);
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
    add(names, "sockstat", SOCKSTAT);
    add(names, "sockstat6", SOCKSTAT6);
    add(names, "tcp", V4 + " ".repeat(53) + "\n");
    add(names, "tcp6", V6 + "\n");
    add(names, "udp", " " + V4 + " ref pointer drops" + " ".repeat(13) + "\n");
    add(names, "udp6", V6 + " ref pointer drops\n");
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
    protected String text() {
      NetworkNamespace network =
          (NetworkNamespace) subject.task().namespaces().get(NamespaceKind.NET);
      return heading
          + switch (name) {
            case "dev" -> loopback(network.loopback());
            case "tcp" -> SocketText.rows(network.tcp(), SocketAddress.AF_INET);
            case "tcp6" -> SocketText.rows(network.tcp(), SocketAddress.AF_INET6);
            case "udp" -> SocketText.rows(network.udp(), SocketAddress.AF_INET);
            case "udp6" -> SocketText.rows(network.udp(), SocketAddress.AF_INET6);
            case "unix" -> SocketText.unix(subject.kernel());
            default -> "";
          };
    }
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
