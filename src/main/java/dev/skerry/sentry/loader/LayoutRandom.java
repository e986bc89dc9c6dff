package dev.skerry.sentry.loader;

/**
 * Random places for what the host does not place itself. It draws on the random bytes that the host
 * gives each fresh address space, through a secret of the sentry's, so that a program which learns
 * a place learns nothing of the bytes.
 */
final class LayoutRandom {
  private static long secret = System.nanoTime();

  private LayoutRandom() {}

  /** Sixty-four bits. */
  static synchronized long next(byte[] seed) {
    for (byte one : seed) {
      secret = mix(secret + one);
    }
    secret = mix(secret);
    return mix(secret ^ 0x9e3779b97f4a7c15L);
  }

  /** The finalizer of MurmurHash3. */
  private static long mix(long value) {
    long z = value + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 33)) * 0xff51afd7ed558ccdL;
    z = (z ^ (z >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return z ^ (z >>> 33);
  }
}
