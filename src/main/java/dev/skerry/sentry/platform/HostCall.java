package dev.skerry.sentry.platform;

import java.util.Arrays;

/**
 * A host call that the sentry asks a guest thread to make, and lets through once.
 *
 * @param arguments six
 * @param hostFd a file to put under {@code guestFd} first, or -1
 */
public record HostCall(int number, long[] arguments, int hostFd, int guestFd) {
  private static final int ARGUMENTS = 6;

  public static HostCall of(int number, long... arguments) {
    return withFile(-1, -1, number, arguments);
  }

  /** A call with a file under {@code guestFd}, where it stays. */
  public static HostCall withFile(int hostFd, int guestFd, int number, long... arguments) {
    return new HostCall(number, Arrays.copyOf(arguments, ARGUMENTS), hostFd, guestFd);
  }

  boolean matches(int calledNumber, long[] calledArguments) {
    return number == calledNumber && Arrays.equals(arguments, calledArguments);
  }
}
