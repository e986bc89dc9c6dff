package dev.skerry.sentry.auth;

/** The kinds of namespaces (namespaces(7)). */
public enum NamespaceKind {
  CGROUP("cgroup", 0x0200_0000, 0xeffffffbL),
  IPC("ipc", 0x0800_0000, 0xefffffffL),
  MNT("mnt", 0x0002_0000, 0xeffffff8L),
  NET("net", 0x4000_0000, 0xeffffff9L),
  PID("pid", 0x2000_0000, 0xeffffffcL),
  TIME("time", 0x80, 0xeffffffaL),
  USER("user", 0x1000_0000, 0xeffffffdL),
  UTS("uts", 0x0400_0000, 0xeffffffeL);

  private final String label;
  private final int flag;
  private final long firstNumber;

  NamespaceKind(String label, int flag, long firstNumber) {
    this.label = label;
    this.flag = flag;
    this.firstNumber = firstNumber;
  }

  /** The name of its file in /proc/PID/ns. */
  public String label() {
    return label;
  }

  /** The CLONE_NEW flag. */
  public int flag() {
    return flag;
  }

  /** The inode number of the first one (include/linux/proc_ns.h). */
  long firstNumber() {
    return firstNumber;
  }
}
