package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import org.jspecify.annotations.Nullable;

/** When messages came (socket(7): SO_TIMESTAMP, SIOCGSTAMP). */
final class Timestamps {
  private static final int SIOCGSTAMP = 0x8906;
  private static final int SIOCGSTAMPNS = 0x8907;

  private Timestamps() {}

  /** Notes the time of a message that was received, and tells it if the socket is asked to. */
  static void write(
      ControlWriter out, Task task, SocketFile socket, Ancillary.@Nullable Packet packet)
      throws ErrnoException {
    int option = socket.options().timestamps();
    long time = packet == null ? 0 : packet.time();
    if (socket.type() == SocketFile.SOCK_STREAM) {
      return;
    }
    if (option == 0) {
      socket.setStamp(time);
      return;
    }
    if (time == 0) {
      time = task.kernel().clock().realtime();
    }
    out.put(SocketOptions.SOL_SOCKET, option, struct(time, isFine(option)).bytes());
  }

  private static boolean isFine(int option) {
    return option == SocketOptions.SO_TIMESTAMPNS || option == SocketOptions.SO_TIMESTAMPNS_NEW;
  }

  /** A struct timespec if fine, or else a struct timeval. */
  private static StructWriter struct(long time, boolean fine) {
    StructWriter struct = new StructWriter(Times.SIZE);
    return fine ? Times.putTimespec(struct, 0, time) : Times.putTimeval(struct, 0, time);
  }

  static boolean isRequest(int request) {
    return request == SIOCGSTAMP || request == SIOCGSTAMPNS;
  }

  /** The time of the last message: -ENOENT before the first. */
  static long ioctl(Task task, SocketFile socket, int request, long address) {
    long time = socket.stamp();
    if (time < 0) {
      return -Errno.ENOENT;
    }
    if (time == 0) {
      time = task.kernel().clock().realtime();
      socket.setStamp(time);
    }
    return struct(time, request == SIOCGSTAMPNS).tryCopyOut(task.memory(), address);
  }
}
