package dev.skerry.sentry.mm;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.hostos.StatxLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The host's /proc, of the sandbox's own PID namespace, opened before the sentry leaves its root.
 */
public final class HostProc {
  private static final int O_RDONLY_PATH = 0x200000 | 0x10000; // O_PATH | O_DIRECTORY
  private static final int O_WRONLY = 1;
  private static final int RESOLVE_BENEATH = 8;
  private static final int MOST_BYTES = 4 << 20;
  private static final int SMALL = 2048;

  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Below which descriptor files may be opened, says the sentry's seccomp policy. */
  private static final int DESCRIPTOR = 1023;

  private static volatile int directory = -1;

  private HostProc() {}

  /** Opens the directory; a negative result is the host's error. */
  public static int open() {
    HostOs host = Host.os();
    int opened = host.openat2(HostOs.AT_FDCWD, "/proc", O_RDONLY_PATH, 0, 0);
    if (opened < 0) {
      return opened;
    }
    directory = host.fcntl(opened, F_DUPFD_CLOEXEC, DESCRIPTOR);
    host.close(opened);
    return directory == DESCRIPTOR || directory < 0 ? directory : -Errno.EMFILE;
  }

  /**
   * Opens a file of the sentry's own again, for reading only, so that a mapping of it cannot be
   * made writable.
   *
   * @return the new descriptor, or a negative error
   */
  public static int reopenReadOnly(int hostFd) {
    return Host.os().openat2(directory, "self/fd/" + hostFd, 0, 0, 0);
  }

  /** How many descriptors the sentry has; 0 if the host does not tell (before Linux 6.2). */
  public static int descriptors() {
    long[] attributes = new long[StatxLayout.COUNT];
    int result = Host.os().statx(directory, "self/fd", 0, attributes);
    return result < 0 ? 0 : (int) attributes[StatxLayout.SIZE];
  }

  /** The CPU time of a thread in nanoseconds. */
  public static long threadCpu(int hostTid) {
    String text = readSmall(hostTid + "/schedstat");
    int end = text.indexOf(' ');
    return end <= 0 ? 0 : Long.parseLong(text, 0, end, 10);
  }

  /** The text of a thread's status (proc_pid_status(5)); empty if it is gone. */
  public static String status(int hostTid) {
    return read(hostTid + "/status");
  }

  /** What a thread's schedstat tells; empty if it is gone. */
  public static String schedstat(int hostTid) {
    return read(hostTid + "/schedstat");
  }

  /** The scheduler's figures of a thread (proc_pid_sched(5)); empty if it is gone. */
  public static String sched(int hostTid) {
    return read(hostTid + "/sched");
  }

  /** The text of a thread's arch_status; empty on processors that have nothing to tell. */
  public static String architecture(int hostTid) {
    return readSmall(hostTid + "/arch_status");
  }

  /** What the host tells of a thread and its address space; nothing if it is gone. */
  public static HostTaskStat stat(int hostTid) {
    return HostTaskStat.parse(readSmall(hostTid + "/stat"));
  }

  /** As {@link #stat}, of the one thread alone where that makes a difference. */
  public static HostTaskStat threadStat(int hostTid) {
    return HostTaskStat.parse(readSmall(hostTid + "/task/" + hostTid + "/stat"));
  }

  /** The most memory that was resident in an address space, in KiB; 0 if the thread is gone. */
  public static long peakResident(int hostTid) {
    String status = readSmall(hostTid + "/status");
    int at = status.indexOf("VmHWM:");
    long value = 0;
    for (int i = at < 0 ? status.length() : at + 6; i < status.length(); i++) {
      char c = status.charAt(i);
      if (c >= '0' && c <= '9') {
        value = 10 * value + (c - '0');
      } else if (value > 0) {
        break;
      }
    }
    return value;
  }

  /** The resident pages of an address space that belong to no file; 0 if the thread is gone. */
  public static long privatePages(int hostTid) {
    // Size, resident, shared (proc_pid_statm(5)).
    String[] fields = read(hostTid + "/statm").split(" ");
    return fields.length < 3 ? 0 : Long.parseLong(fields[1]) - Long.parseLong(fields[2]);
  }

  /**
   * The processes whose parent is a process of one thread; empty if the host does not tell, or it
   * is gone.
   */
  public static List<Integer> children(int hostTgid) {
    List<Integer> found = new ArrayList<>();
    String text = read(hostTgid + "/task/" + hostTgid + "/children");
    for (int at = 0, end; (end = text.indexOf(' ', at)) > at; at = end + 1) {
      found.add(Integer.parseInt(text, at, end, 10));
    }
    return found;
  }

  /** What the host tells of its processors. */
  public static String cpuinfo() {
    return read("cpuinfo");
  }

  /**
   * Reads a thread's memory, whatever its protection.
   *
   * @return the bytes up to the first that is not there
   */
  public static int readMemory(int hostTid, long address, byte[] target, int offset, int length) {
    int fd = openMemory(hostTid, 0);
    return fd < 0 ? 0 : closed(fd, Host.os().pread(fd, target, offset, length, address));
  }

  /**
   * Writes a thread's memory. The host writes to a private copy where the thread itself may not,
   * and not at all to a shared mapping that the thread may not write (FOLL_FORCE).
   *
   * @return the bytes up to the first that cannot be written
   */
  public static int writeMemory(int hostTid, long address, byte[] source, int offset, int length) {
    int fd = openMemory(hostTid, O_WRONLY);
    return fd < 0 ? 0 : closed(fd, Host.os().pwrite(fd, source, offset, length, address));
  }

  private static int openMemory(int hostTid, int flags) {
    return Host.os().openat2(directory, hostTid + "/mem", flags, 0, RESOLVE_BENEATH);
  }

  private static int closed(int fd, long moved) {
    Host.os().close(fd);
    return (int) Math.max(moved, 0);
  }

  /**
   * A file that the host makes as a whole and that is small, or empty text if it cannot be read.
   */
  private static String readSmall(String path) {
    HostOs host = Host.os();
    int fd = host.openat2(directory, path, 0, 0, RESOLVE_BENEATH);
    if (fd < 0) {
      return "";
    }
    byte[] bytes = new byte[SMALL];
    long length = host.read(fd, bytes, 0, SMALL);
    host.close(fd);
    return new String(bytes, 0, (int) Math.max(length, 0), StandardCharsets.ISO_8859_1);
  }

  /** The first bytes of a file below /proc, or empty text if it cannot be read. */
  static String read(String path) {
    HostOs host = Host.os();
    int fd = host.openat2(directory, path, 0, 0, RESOLVE_BENEATH);
    if (fd < 0) {
      return "";
    }
    try {
      byte[] bytes = new byte[16384];
      int length = 0;
      while (length < MOST_BYTES) {
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, 2 * length);
        }
        long n = host.read(fd, bytes, length, bytes.length - length);
        if (n <= 0) {
          break;
        }
        length += (int) n;
      }
      return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    } finally {
      host.close(fd);
    }
  }
}
