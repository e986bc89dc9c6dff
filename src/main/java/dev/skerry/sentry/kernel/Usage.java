package dev.skerry.sentry.kernel;

/**
 * Resources used (getrusage(2)).
 *
 * @param cpu nanoseconds of CPU time
 * @param maxRss the most resident memory, in KiB
 */
public record Usage(long cpu, long maxRss) {
  public static final Usage NONE = new Usage(0, 0);

  Usage plus(Usage other) {
    return new Usage(cpu + other.cpu, Math.max(maxRss, other.maxRss));
  }

  /** CPU time in 1/100 s, the unit of times(2). */
  public long ticks() {
    return cpu / 10_000_000;
  }
}
