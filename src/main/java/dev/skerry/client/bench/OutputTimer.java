package dev.skerry.client.bench;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Keeps what is written, and when the first byte came. */
final class OutputTimer extends OutputStream {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private volatile long firstByteAt;

  @Override
  public synchronized void write(int value) {
    note();
    bytes.write(value);
  }

  @Override
  public synchronized void write(byte[] source, int offset, int length) {
    if (length > 0) {
      note();
    }
    bytes.write(source, offset, length);
  }

  private void note() {
    if (firstByteAt == 0) {
      firstByteAt = System.nanoTime();
    }
  }

  /** Nanoseconds since a time of System.nanoTime; -1 without output. */
  long firstByteSince(long start) {
    return firstByteAt == 0 ? -1 : firstByteAt - start;
  }

  synchronized String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
