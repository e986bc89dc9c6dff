package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.mm.HostProc;

/** What only the host can say of guest processes. What a guest says itself may be a lie. */
final class HostWitness {
  private HostWitness() {}

  /** Whether the thread belongs to the process, and has not ended. */
  static boolean isThreadOf(int hostTgid, int hostTid) {
    return Host.os().tgkill(hostTgid, hostTid, 0) == 0;
  }

  /**
   * The parent of a process, 1 if that has gone; 0 if the thread is not the first one of a process.
   */
  static int parentOf(int hostTid) {
    int parent = Host.os().parentOf(hostTid);
    if (parent != -Errno.ENOSYS) {
      return parent;
    }
    return isThreadOf(hostTid, hostTid) ? HostProc.stat(hostTid).parent() : 0;
  }
}
