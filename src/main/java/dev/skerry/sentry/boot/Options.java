package dev.skerry.sentry.boot;

/**
 * The sentry's command line.
 *
 * @param channels how many connections to the gofer there are
 * @param workers how many threads serve guests
 * @param strace whether every system call is logged
 * @param watchdogSeconds how long a call may be served before it is logged as stuck; 0 for ever
 * @param watchdogEnds whether a stuck call ends the sandbox
 * @param recording whether the JVM is to write at its end what it has learnt (build/caches.sh)
 */
record Options(
    int channels,
    int workers,
    boolean strace,
    int watchdogSeconds,
    boolean watchdogEnds,
    boolean recording) {
  private static final int WATCHDOG_SECONDS = 30;

  static Options parse(String[] arguments) {
    int channels = 0;
    int workers = 2;
    boolean strace = false;
    int watchdog = WATCHDOG_SECONDS;
    boolean ends = false;
    boolean recording = false;
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case "--channels" -> channels = number(arguments, ++i);
        case "--workers" -> workers = number(arguments, ++i);
        case "--strace" -> strace = true;
        case "--watchdog" -> watchdog = number(arguments, ++i);
        case "--watchdog-ends" -> ends = true;
        case "--recording" -> recording = true;
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    return new Options(channels, workers, strace, watchdog, ends, recording);
  }

  private static int number(String[] arguments, int index) {
    if (index >= arguments.length) {
      throw new IllegalArgumentException("a number is missing at the end");
    }
    return Integer.parseInt(arguments[index]);
  }
}
