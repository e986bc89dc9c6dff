package dev.skerry.oci;

import java.util.List;

/** The names of getrlimit(2), in the order of their numbers on x86-64. */
final class RlimitNames {
  private static final List<String> NAMES =
      List.of(
          "CPU",
          "FSIZE",
          "DATA",
          "STACK",
          "CORE",
          "RSS",
          "NPROC",
          "NOFILE",
          "MEMLOCK",
          "AS",
          "LOCKS",
          "SIGPENDING",
          "MSGQUEUE",
          "NICE",
          "RTPRIO",
          "RTTIME");

  private RlimitNames() {}

  /** The number of "RLIMIT_X", or -1. */
  static int number(String name) {
    return name.startsWith("RLIMIT_") ? NAMES.indexOf(name.substring(7)) : -1;
  }
}
