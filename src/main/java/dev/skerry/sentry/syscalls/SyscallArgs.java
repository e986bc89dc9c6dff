package dev.skerry.sentry.syscalls;

/** The arguments of one system call, decoded by C type. Valid until the call returns or parks. */
public final class SyscallArgs {
  private final long[] values;

  public SyscallArgs(long[] values) {
    this.values = values;
  }

  public long longAt(int index) {
    return values[index];
  }

  public int intAt(int index) {
    return (int) values[index];
  }

  /** A pointer; an unsigned 64-bit number. */
  public long addressAt(int index) {
    return values[index];
  }
}
