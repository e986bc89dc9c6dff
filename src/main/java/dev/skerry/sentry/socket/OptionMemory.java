package dev.skerry.sentry.socket;

import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;

/**
 * What the options of one socket take beside its own: a filter, memberships in groups. Its monitor
 * guards all. Linux: sk_omem_alloc, sock_kmalloc(), sk_filter_charge().
 */
public final class OptionMemory {
  /** A byte of Linux's takes so many on the heap at most. */
  private static final int ON_HEAP = 4;

  private final SysctlValues settings;
  private long taken;

  /**
   * @param settings of the network that the socket is in
   */
  OptionMemory(SysctlValues settings) {
    this.settings = settings;
  }

  /** Takes as many bytes if net.core.optmem_max and the space of all sockets leave room. */
  public synchronized boolean take(int bytes) {
    boolean fits = taken + bytes < settings.get(Sysctl.OPTMEM_MAX);
    if (!fits || !SocketSpace.take((long) bytes * ON_HEAP)) {
      return false;
    }
    taken += bytes;
    return true;
  }

  public synchronized void give(int bytes) {
    taken -= bytes;
    SocketSpace.give((long) bytes * ON_HEAP);
  }
}
