package dev.skerry.sentry.kernel;

/**
 * The timer slack of PR_SET_TIMERSLACK(2const), in nanoseconds.
 *
 * @param nanos the one in force
 * @param usual the one that the task started with
 */
record TimerSlack(long nanos, long usual) {
  static final TimerSlack DEFAULT = new TimerSlack(50_000, 50_000);

  /** With another one in force; zero or less stands for the usual one. */
  TimerSlack with(long wanted) {
    return new TimerSlack(wanted <= 0 ? usual : wanted, usual);
  }

  /** What a child starts with. */
  TimerSlack forChild() {
    return nanos == usual ? this : new TimerSlack(nanos, nanos);
  }
}
