package dev.skerry.sentry.fs.proc;

import dev.skerry.hostos.Host;

/** Random UUIDs of version 4 (RFC 9562). */
final class RandomIdentity {
  /** Of this sandbox, which a process of its own serves. */
  static final String OF_BOOT = make();

  private static final int BYTES = 16;

  private RandomIdentity() {}

  static String make() {
    byte[] bytes = new byte[BYTES];
    Host.os().getRandom(bytes, 0, BYTES);
    bytes[6] = (byte) (bytes[6] & 0x0f | 0x40);
    bytes[8] = (byte) (bytes[8] & 0x3f | 0x80);
    StringBuilder out = new StringBuilder(36);
    for (int i = 0; i < BYTES; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) {
        out.append('-');
      }
      out.append(Numbers.hex(bytes[i] & 0xff, 2));
    }
    return out.toString();
  }
}
