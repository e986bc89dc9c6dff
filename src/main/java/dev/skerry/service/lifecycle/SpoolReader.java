package dev.skerry.service.lifecycle;

import dev.skerry.control.SpoolFrame;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads the frames of a spool one after another, while the sentry may still append. Uses a buffer
 * of little more than one frame, however long the spool is.
 */
public final class SpoolReader implements Closeable {
  private final Path file;
  private final ByteBuffer buffer;
  private @Nullable FileChannel channel;
  private long filePosition;
  private long validLength;
  private long sequence;

  /**
   * @param file may not exist yet
   */
  public SpoolReader(Path file) {
    this.file = file;
    this.buffer =
        ByteBuffer.allocate(2 * (SpoolFrame.HEADER + SpoolFrame.MOST_DATA))
            .order(ByteOrder.LITTLE_ENDIAN)
            .limit(0);
  }

  /** The next frame, or null if none is there in full. */
  public @Nullable SpoolFrame next() throws IOException {
    if (!holdsFrame() && !(fill() && holdsFrame())) {
      return null;
    }
    int length = buffer.getInt();
    int stream = Byte.toUnsignedInt(buffer.get());
    long number = buffer.getLong();
    long time = buffer.getLong();
    if (stream < SpoolFrame.STDOUT || stream > SpoolFrame.EXIT || number != sequence + 1) {
      throw new IOException("the spool is damaged after frame " + sequence);
    }
    byte[] data = new byte[length];
    buffer.get(data);
    sequence = number;
    validLength += SpoolFrame.HEADER + length;
    return new SpoolFrame(stream, number, time, data);
  }

  private boolean holdsFrame() throws IOException {
    if (buffer.remaining() < SpoolFrame.HEADER) {
      return false;
    }
    int length = buffer.getInt(buffer.position());
    if (length < 0 || length > SpoolFrame.MOST_DATA) {
      throw new IOException("the spool is damaged after frame " + sequence);
    }
    return buffer.remaining() >= SpoolFrame.HEADER + length;
  }

  private boolean fill() throws IOException {
    FileChannel open = channel();
    if (open == null) {
      return false;
    }
    buffer.compact();
    int got = open.read(buffer, filePosition);
    buffer.flip();
    filePosition += Math.max(got, 0);
    return got > 0;
  }

  private @Nullable FileChannel channel() throws IOException {
    if (channel == null) {
      try {
        channel = FileChannel.open(file, StandardOpenOption.READ);
      } catch (NoSuchFileException notYet) {
        return null;
      }
    }
    return channel;
  }

  /** The number of the last frame that was read, 0 before the first. */
  public long sequence() {
    return sequence;
  }

  /** Bytes of all frames that were read: where the next begins. */
  long validLength() {
    return validLength;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }
}
