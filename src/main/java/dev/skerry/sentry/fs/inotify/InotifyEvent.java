package dev.skerry.sentry.fs.inotify;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * One event in a queue.
 *
 * @param name empty if the event is the watched file's own
 */
record InotifyEvent(int watch, int mask, int cookie, String name) {
  /** A struct inotify_event without its name. */
  static final int HEADER = 16;

  private static final int HEAP_BYTES = 112;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** What a reader gets: the name with its zero fills up a multiple of the header. */
  int size() {
    return HEADER + nameSpace();
  }

  private int nameSpace() {
    return name.isEmpty() ? 0 : name.length() / HEADER * HEADER + HEADER;
  }

  /** About what it takes of the heap. */
  int heapBytes() {
    return HEAP_BYTES + name.length();
  }

  /** Whether it says what the one before it said; the cookie does not count. */
  boolean repeats(InotifyEvent before) {
    return mask == before.mask && watch == before.watch && name.equals(before.name);
  }

  byte[] toBytes() {
    byte[] bytes = new byte[size()];
    INT.set(bytes, 0, watch);
    INT.set(bytes, 4, mask);
    INT.set(bytes, 8, cookie);
    INT.set(bytes, 12, nameSpace());
    for (int i = 0; i < name.length(); i++) {
      bytes[HEADER + i] = (byte) name.charAt(i);
    }
    return bytes;
  }
}
