package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;

/** The ABI's structs for time, as nanoseconds. Times too long for that are cut to 146 years. */
final class Times {
  static final long SECOND = 1_000_000_000L;
  static final long MICROSECOND = 1_000L;

  /** Longer than any sandbox lives, and short enough to be added to a clock. */
  static final long FOREVER = Long.MAX_VALUE / 2;

  /** sizeof(struct timespec) and of struct timeval. */
  static final int SIZE = 16;

  private Times() {}

  /** A struct timespec; EINVAL if it is negative or not normalized, EFAULT. */
  static long timespec(UserMemory memory, long address) throws ErrnoException {
    return timespec(new StructReader(memory.readBytes(address, SIZE)), 0);
  }

  static long timespec(StructReader struct, int offset) throws ErrnoException {
    return nanos(struct.longAt(offset), struct.longAt(offset + 8), SECOND, 1);
  }

  /** A struct timeval; else as {@link #timespec}. */
  static long timeval(StructReader struct, int offset) throws ErrnoException {
    long limit = SECOND / MICROSECOND;
    return nanos(struct.longAt(offset), struct.longAt(offset + 8), limit, MICROSECOND);
  }

  /** A struct timeval whose microseconds may be more than a second, as select(2) takes it. */
  static long looseTimeval(UserMemory memory, long address) throws ErrnoException {
    StructReader struct = new StructReader(memory.readBytes(address, SIZE));
    long seconds = struct.longAt(0);
    long micros = struct.longAt(8);
    if (seconds < 0 || micros < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long limit = SECOND / MICROSECOND;
    return nanos(Math.min(seconds, FOREVER) + micros / limit, micros % limit, limit, MICROSECOND);
  }

  private static long nanos(long seconds, long part, long limit, long unit) throws ErrnoException {
    if (seconds < 0 || part < 0 || part >= limit) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (seconds >= FOREVER / SECOND) {
      return FOREVER;
    }
    return seconds * SECOND + part * unit;
  }

  /** Puts a struct timespec. */
  static StructWriter putTimespec(StructWriter struct, int offset, long nanos) {
    return struct
        .putLong(offset, Math.floorDiv(nanos, SECOND))
        .putLong(offset + 8, Math.floorMod(nanos, SECOND));
  }

  /** Puts a struct timeval, cut to microseconds. */
  static StructWriter putTimeval(StructWriter struct, int offset, long nanos) {
    return struct
        .putLong(offset, Math.floorDiv(nanos, SECOND))
        .putLong(offset + 8, Math.floorMod(nanos, SECOND) / MICROSECOND);
  }

  /** Writes a struct timespec: zero or -EFAULT. */
  static long writeTimespec(UserMemory memory, long address, long nanos) {
    return putTimespec(new StructWriter(SIZE), 0, nanos).tryCopyOut(memory, address);
  }

  /** The moment, in the time of {@link System#nanoTime}, that is so many nanoseconds away. */
  static long deadline(long nanos) {
    return System.nanoTime() + Math.min(nanos, FOREVER - Math.max(System.nanoTime(), 0));
  }
}
