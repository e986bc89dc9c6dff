package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.inet.Bound;
import dev.skerry.sentry.socket.inet.PortTable;
import dev.skerry.sentry.socket.unix.UnixNames;
import java.util.Locale;
import java.util.Map;

/** The rows of /proc/net/tcp and its like (proc_pid_net(5)). Kernel addresses show as zero. */
final class SocketText {
  private static final int ROW_WIDTH = 149;

  private SocketText() {}

  /** The sockets of one family, numbered. */
  static String rows(PortTable table, int family) {
    StringBuilder out = new StringBuilder();
    int number = 0;
    for (Bound socket : table.all()) {
      Bound.Row row = socket.row();
      if (row.local().family() == family) {
        int start = out.length();
        String label = Integer.toString(number++);
        out.append(" ".repeat(Math.max(0, 4 - label.length()))).append(label).append(": ");
        row(out, row);
        while (out.length() - start < ROW_WIDTH) {
          out.append(' ');
        }
        out.append('\n');
      }
    }
    return out.toString();
  }

  private static void row(StringBuilder out, Bound.Row row) {
    address(out, row.local());
    out.append(' ');
    address(out, row.remote().as(row.local().family()));
    out.append(' ').append(hex(row.state(), 2));
    out.append(' ').append(hex(row.sendQueue(), 8));
    out.append(':').append(hex(row.receiveQueue(), 8));
    String uid = Integer.toUnsignedString(row.uid());
    out.append(" 00:00000000 00000000 ");
    out.append(" ".repeat(Math.max(0, 5 - uid.length()))).append(uid);
    out.append("        0 ").append(row.inode()).append(" 1 0000000000000000 0");
  }

  /** The host in words of 32 bits as the processor reads them, that is, from the last byte on. */
  private static void address(StringBuilder out, SocketAddress.Inet address) {
    byte[] host = address.host();
    for (int word = 0; word < host.length; word += 4) {
      for (int i = 3; i >= 0; i--) {
        out.append(hex(host[word + i] & 0xff, 2));
      }
    }
    out.append(':').append(hex(address.port(), 4));
  }

  private static String hex(long value, int digits) {
    return Numbers.hex(value, digits).toUpperCase(Locale.ROOT);
  }

  /** The sockets that have names; only their numbers and names are told. */
  static String unix(UnixNames names) {
    StringBuilder out = new StringBuilder();
    for (Map.Entry<Long, String> socket : names.shown().entrySet()) {
      out.append("0000000000000000: 00000002 00000000 00010000 0001 01 ");
      out.append(socket.getKey()).append(' ').append(socket.getValue()).append('\n');
    }
    return out.toString();
  }
}
