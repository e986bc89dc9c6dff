package dev.skerry.sentry.usermem;

/** Where a guest's output goes. Called with the lock of the file that writes held. */
public interface OutputSink {
  /**
   * Whether more is welcome. If not, the writer waits until the file or the terminal that writes
   * here is told that the sink is ready.
   */
  boolean isReady();

  /**
   * Takes all of the bytes, at most 64 KiB at a time; called only after {@link #isReady}, between
   * which and this others may have written too. Must not block for long.
   *
   * @return {@code length}, or a negative error, which the guest gets
   */
  long write(byte[] source, int offset, int length);
}
