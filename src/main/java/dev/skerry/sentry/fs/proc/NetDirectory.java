package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.vfs.synthetic.FixedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import dev.skerry.sentry.vfs.synthetic.GeneratedInode;
import java.util.Map;

/**
 * /proc/PID/net (proc_pid_net(5)): the loopback interface. Tables of sockets show their headings
 * alone, as they do on Linux for whoever may see no socket.
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
          lo:       0       0    0    0    0     0          0         0        0       0    0\
          0    0     0       0          0
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
    names.put(name, new Table(subject.fileSystem(), number() + names.size() + 1, text));
  }

  private static final class Table extends GeneratedFile {
    private final String text;

    Table(ProcFileSystem fileSystem, long number, String text) {
      super(fileSystem, number, 0444);
      this.text = text;
    }

    @Override
    protected String text() {
      return text;
    }
  }
}
