package dev.skerry.sentry.kernel;

/** A terminal that controls a session (credentials(7), tty_ioctl(4)). */
public interface ControllingTerminal {
  /** The device number, as in /proc/PID/stat. */
  long device();

  /**
   * The session has given the terminal up or lost it. Called without locks; the signals of a hangup
   * are the kernel's affair.
   */
  void released(Session session);
}
