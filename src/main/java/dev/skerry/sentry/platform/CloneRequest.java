package dev.skerry.sentry.platform;

/**
 * A thread or process that is to be made.
 *
 * @param flags of clone(2); only CLONE_VM, CLONE_THREAD and CLONE_SETTLS count here
 * @param stack the child's stack pointer, or 0 for the parent's
 * @param tls the child's FS base, if CLONE_SETTLS is set
 * @param answer what the parent's call may return as soon as the host has made the child; 0 if the
 *     parent is to wait for more
 */
public record CloneRequest(long flags, long stack, long tls, long answer) {
  private static final int CLONE_VM = 0x100;
  private static final int CLONE_THREAD = 0x10000;
  private static final int CLONE_SETTLS = 0x80000;

  boolean sharesMemory() {
    return (flags & CLONE_VM) != 0;
  }

  boolean isThread() {
    return (flags & CLONE_THREAD) != 0;
  }

  /** The flag CLONE_SETTLS, if it is set. */
  long setTls() {
    return flags & CLONE_SETTLS;
  }
}
