package dev.skerry.sentry.platform;

import java.util.Arrays;

/**
 * A host call that the sentry has asked a stub to make, and will let through once.
 *
 * @param arguments six
 * @param hostFd a file to put under {@code guestFd} first, or -1
 */
record HostCall(int number, long[] arguments, int hostFd, int guestFd) {
  static HostCall of(int number, long... arguments) {
    return new HostCall(number, Arrays.copyOf(arguments, 6), -1, -1);
  }

  boolean matches(int calledNumber, long[] calledArguments) {
    return number == calledNumber && Arrays.equals(arguments, calledArguments);
  }
}
