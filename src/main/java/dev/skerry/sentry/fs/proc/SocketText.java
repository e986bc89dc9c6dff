package dev.skerry.sentry.fs.proc;

import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.inet.Bound;
import dev.skerry.sentry.socket.inet.PortTable;
import dev.skerry.sentry.socket.unix.UnixSocket;
import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The rows of /proc/net/tcp and its like (proc_pid_net(5)). Kernel addresses show as zero. */
final class SocketText {
  private static final int ROW_WIDTH = 149;

  private SocketText() {}

  /** The sockets of one family, numbered. */
  static String rows(PortTable table, int family) {
    return rows(table.all().stream().map(Bound::row).toList(), family);
  }

  static String rows(List<Bound.Row> rows, int family) {
    StringBuilder out = new StringBuilder();
    int number = 0;
    for (Bound.Row row : rows) {
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

  /** The sockets of AF_UNIX that processes have open. */
  static String unix(Kernel kernel) {
    Map<Long, UnixSocket.Row> rows = new TreeMap<>();
    for (ThreadGroup group : kernel.tasks().groups()) {
      Task task = group.anyThread();
      if (task != null) {
        addRows(rows, task.files());
      }
    }
    StringBuilder out = new StringBuilder();
    rows.values().forEach(row -> unix(out, row));
    return out.toString();
  }

  private static void addRows(Map<Long, UnixSocket.Row> rows, FdTable files) {
    for (int fd : files.descriptors()) {
      OpenFileDescription file = files.acquire(fd);
      if (file != null) {
        if (file instanceof UnixSocket socket) {
          UnixSocket.Row row = socket.row();
          rows.put(row.inode(), row);
        }
        file.drop();
      }
    }
  }

  private static void unix(StringBuilder out, UnixSocket.Row row) {
    out.append(row.isConnected() ? "0000000000000000: 00000003" : "0000000000000000: 00000002");
    out.append(" 00000000 ").append(row.listens() ? "00010000 " : "00000000 ");
    out.append(hex(row.type(), 4)).append(row.isConnected() ? " 03 " : " 01 ");
    String inode = Long.toString(row.inode());
    out.append(" ".repeat(Math.max(0, 5 - inode.length()))).append(inode);
    String name = row.name().name();
    if (!name.isEmpty()) {
      out.append(' ').append(name.replace('\0', '@'));
    }
    out.append('\n');
  }
}
