package dev.skerry.sentry.kernel;

/**
 * An alternate signal stack (sigaltstack(2)). Linux: stack_t.
 *
 * @param flags SS_DISABLE, SS_AUTODISARM
 */
public record AlternateStack(long address, int flags, long size) {
  public static final int SS_ONSTACK = 1;
  public static final int SS_DISABLE = 2;
  public static final int SS_AUTODISARM = 1 << 31;

  /** sizeof(stack_t). */
  public static final int SIZE = 24;

  static final AlternateStack NONE = new AlternateStack(0, SS_DISABLE, 0);

  boolean isSame(AlternateStack other) {
    return address == other.address && flags == other.flags && size == other.size;
  }

  boolean isEnabled() {
    return size != 0;
  }

  /** Whether the stack pointer lies within. */
  boolean contains(long stackPointer) {
    return Long.compareUnsigned(stackPointer, address) > 0
        && Long.compareUnsigned(stackPointer - address, size) <= 0;
  }

  /** Whether the task is running on it, as a handler's frame must take into account. */
  boolean isInUse(long stackPointer) {
    return (flags & SS_AUTODISARM) == 0 && contains(stackPointer);
  }

  /** What sigaltstack(2) reports as flags. */
  public int reportedFlags(long stackPointer) {
    int state = !isEnabled() ? SS_DISABLE : isInUse(stackPointer) ? SS_ONSTACK : 0;
    return state | (flags & SS_AUTODISARM);
  }
}
