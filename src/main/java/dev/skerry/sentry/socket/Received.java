package dev.skerry.sentry.socket;

import org.jspecify.annotations.Nullable;

/** What one receive call brings beside the data. */
public final class Received {
  private @Nullable SocketAddress from;
  private Ancillary ancillary = Ancillary.NONE;
  private int flags;
  private long fullLength = -1;
  private boolean tellsSenders;
  private ErrorQueue.@Nullable Item error;
  private boolean stops;

  /** The sender's address, where the family tells. */
  public @Nullable SocketAddress from() {
    return from;
  }

  /** Belongs to the caller, who delivers or drops it. */
  public Ancillary ancillary() {
    return ancillary;
  }

  /** MSG_TRUNC, MSG_EOR. */
  public int flags() {
    return flags;
  }

  /**
   * Whether the reader asked for senders (SO_PASSCRED): then data of two are not read in one go.
   */
  public boolean tellsSenders() {
    return tellsSenders;
  }

  void tellSenders(boolean asked) {
    tellsSenders = asked;
  }

  /** Whether a reader who wants more is to be content with this: what follows is urgent. */
  public boolean stops() {
    return stops;
  }

  void stop() {
    stops = true;
  }

  /** Names the sender. */
  void setFrom(@Nullable SocketAddress sender) {
    from = sender;
  }

  /** What came with MSG_ERRQUEUE; null for ordinary data. */
  public ErrorQueue.@Nullable Item error() {
    return error;
  }

  void setError(ErrorQueue.Item item, int messageFlags) {
    error = item;
    from = item.to();
    flags |= messageFlags;
  }

  /** The message's own length, for MSG_TRUNC; -1 for a stream. */
  public long fullLength() {
    return fullLength;
  }

  public void set(
      @Nullable SocketAddress sender, Ancillary control, int messageFlags, long length) {
    from = sender;
    ancillary = control;
    flags |= messageFlags;
    fullLength = length;
  }
}
