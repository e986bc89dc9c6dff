package dev.skerry.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the fields of one message; every read is checked against the bytes that are there. */
public final class MessageReader {
  private final ByteBuffer buffer;

  /** Reads from the buffer's position to its limit. The buffer's position moves along. */
  public MessageReader(ByteBuffer buffer) {
    this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  public int remaining() {
    return buffer.remaining();
  }

  public int u8() throws WireException {
    need(1);
    return Byte.toUnsignedInt(buffer.get());
  }

  public boolean bool() throws WireException {
    int value = u8();
    if (value > 1) {
      throw new WireException("boolean is " + value);
    }
    return value == 1;
  }

  public int i32() throws WireException {
    need(4);
    return buffer.getInt();
  }

  public long i64() throws WireException {
    need(8);
    return buffer.getLong();
  }

  /** A counted sequence of at most {@code max} bytes. */
  public byte[] bytes(int max) throws WireException {
    int length = count(max, 1);
    byte[] value = new byte[length];
    buffer.get(value);
    return value;
  }

  /** UTF-8 text of at most {@code max} bytes. */
  public String string(int max) throws WireException {
    return new String(bytes(max), StandardCharsets.UTF_8);
  }

  /** Text of at most {@code max} Latin-1 characters, a byte each: file names. */
  public String latin1(int max) throws WireException {
    return new String(bytes(max), StandardCharsets.ISO_8859_1);
  }

  /** At most {@code maxItems} texts of at most {@code max} bytes each. */
  public List<String> strings(int maxItems, int max) throws WireException {
    int length = count(maxItems, 4);
    List<String> items = new ArrayList<>(length);
    for (int i = 0; i < length; i++) {
      items.add(string(max));
    }
    return items;
  }

  /** A count of at most {@code max} items of at least {@code itemSize} bytes each. */
  public int count(int max, int itemSize) throws WireException {
    int count = i32();
    if (count < 0 || count > max || (long) count * itemSize > buffer.remaining()) {
      throw new WireException("count " + count + " is out of bounds");
    }
    return count;
  }

  /** Checks that the message ends here. */
  public void end() throws WireException {
    if (buffer.hasRemaining()) {
      throw new WireException(buffer.remaining() + " bytes too many");
    }
  }

  private void need(int bytes) throws WireException {
    if (buffer.remaining() < bytes) {
      throw new WireException("message ends early");
    }
  }
}
