package dev.skerry.service.host;

import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** The calls of the host's C library that Java itself does not have. */
public final class Machine {
  private static final POSIX LIBC = POSIXFactory.getPOSIX();

  private static final int SIGKILL = 9;
  private static final int O_RDONLY = 0;
  private static final int O_DIRECTORY = 0x10000;
  private static final int O_CLOEXEC = 0x80000;

  private Machine() {}

  public static boolean isRoot() {
    return LIBC.geteuid() == 0;
  }

  /** Sends SIGKILL; that the process has gone already is no error. */
  static void kill(int pid) {
    LIBC.kill(pid, SIGKILL);
  }

  /** Opens a directory. Returns the descriptor, or -1. */
  static int openDirectory(String path) {
    return LIBC.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  }

  static void close(int fd) {
    LIBC.close(fd);
  }
}
