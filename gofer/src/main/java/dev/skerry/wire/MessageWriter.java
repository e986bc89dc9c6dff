package dev.skerry.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the fields of one message into a buffer of fixed size.
 *
 * <p>A message that does not fit is a bug of the caller's, who bounds what it sends: it shows as a
 * {@link java.nio.BufferOverflowException}.
 */
public final class MessageWriter {
  private final ByteBuffer buffer;

  public MessageWriter(ByteBuffer buffer) {
    this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  public MessageWriter u8(int value) {
    buffer.put((byte) value);
    return this;
  }

  public MessageWriter bool(boolean value) {
    return u8(value ? 1 : 0);
  }

  public MessageWriter i32(int value) {
    buffer.putInt(value);
    return this;
  }

  public MessageWriter i64(long value) {
    buffer.putLong(value);
    return this;
  }

  public MessageWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public MessageWriter bytes(byte[] value, int offset, int length) {
    buffer.putInt(length).put(value, offset, length);
    return this;
  }

  public MessageWriter string(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Text of Latin-1 characters, a byte each: file names. */
  public MessageWriter latin1(String value) {
    return bytes(value.getBytes(StandardCharsets.ISO_8859_1));
  }

  public MessageWriter strings(List<String> values) {
    buffer.putInt(values.size());
    for (String value : values) {
      string(value);
    }
    return this;
  }
}
