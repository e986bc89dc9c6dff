package dev.skerry.client.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the service's frames: byte 0 says which stream, bytes 1 to 8 are the sequence number, the
 * rest is data. Used by one thread at a time.
 */
final class FrameSink {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int EXIT = 3;
  private static final int HEADER = 9;

  /** More than the service ever puts into one frame. */
  private static final int MOST_FRAME = 16 << 20;

  private final OutputStream out;
  private final OutputStream err;
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private volatile long lastSequence;
  private volatile @Nullable JsonNode resource;
  private volatile @Nullable ClientException failure;

  FrameSink(OutputStream out, OutputStream err) {
    this.out = out;
    this.err = err;
  }

  /** Forgets the beginning of a frame that a lost connection left. */
  void restart() {
    partial.reset();
  }

  /** The number of the last frame that was written out; 0 before the first. */
  long lastSequence() {
    return lastSequence;
  }

  /** What the exit frame said; null before it came. */
  @Nullable JsonNode resource() {
    return resource;
  }

  /**
   * @throws ClientException when a frame was malformed, or could not be written out
   */
  void check() {
    ClientException known = failure;
    if (known != null) {
      throw known;
    }
  }

  /**
   * @return false when nothing more is to come: {@link #check} says why
   */
  boolean accept(ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    if (partial.size() + bytes.length > MOST_FRAME) {
      failure = new ClientException("the service sent a frame beyond " + MOST_FRAME + " bytes");
      return false;
    }
    if (!last) {
      partial.writeBytes(bytes);
      return true;
    }
    if (partial.size() > 0) {
      partial.writeBytes(bytes);
      bytes = partial.toByteArray();
      partial.reset();
    }
    return frame(bytes);
  }

  private boolean frame(byte[] bytes) {
    if (bytes.length < HEADER) {
      failure = new ClientException("the service sent a frame without a header");
      return false;
    }
    try {
      switch (bytes[0]) {
        case STDOUT -> out.write(bytes, HEADER, bytes.length - HEADER);
        case STDERR -> err.write(bytes, HEADER, bytes.length - HEADER);
        case EXIT -> resource = ServiceClient.JSON.readTree(bytes, HEADER, bytes.length - HEADER);
        default -> {
          // A stream of a later version: its number counts, its data is not ours.
        }
      }
    } catch (IOException e) {
      failure = new ClientException("cannot write the output: " + e.getMessage(), e);
      return false;
    }
    lastSequence = ByteBuffer.wrap(bytes).getLong(1);
    return true;
  }
}
