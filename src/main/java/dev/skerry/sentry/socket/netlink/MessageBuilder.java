package dev.skerry.sentry.socket.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Builds netlink messages, several in one datagram (netlink(7), rtnetlink(7)). */
final class MessageBuilder {
  static final int HEADER = 16;
  private static final int ATTRIBUTE_HEADER = 4;
  private static final int ALIGNMENT = 4;

  /** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
  private static final int TYPE_MASK = 0x3fff;

  private final ByteBuffer buffer = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
  private int start;

  /** Begins a message. */
  MessageBuilder begin(int type, int flags, int sequence, int portId) {
    start = buffer.position();
    buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(portId);
    return this;
  }

  MessageBuilder u8(int value) {
    buffer.put((byte) value);
    return this;
  }

  MessageBuilder u16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  MessageBuilder u32(int value) {
    buffer.putInt(value);
    return this;
  }

  MessageBuilder bytes(byte[] value) {
    buffer.put(value);
    return this;
  }

  MessageBuilder attribute(int type, byte[] value) {
    u16(ATTRIBUTE_HEADER + value.length).u16(type).bytes(value);
    return align();
  }

  MessageBuilder attribute(int type, int value) {
    return u16(ATTRIBUTE_HEADER + Integer.BYTES).u16(type).u32(value);
  }

  MessageBuilder attribute(int type, String value) {
    return attribute(type, (value + "\0").getBytes(StandardCharsets.ISO_8859_1));
  }

  private MessageBuilder align() {
    while ((buffer.position() - start) % ALIGNMENT != 0) {
      buffer.put((byte) 0);
    }
    return this;
  }

  /**
   * The value of the first attribute of a type in a message; null if there is none, or if one
   * before it is malformed.
   */
  static byte @Nullable [] find(ByteBuffer message, int from, int wanted) {
    int at = from;
    while (message.capacity() - at >= ATTRIBUTE_HEADER) {
      int length = message.getShort(at) & 0xffff;
      if (length < ATTRIBUTE_HEADER || length > message.capacity() - at) {
        return null;
      }
      if ((message.getShort(at + 2) & TYPE_MASK) == wanted) {
        byte[] value = new byte[length - ATTRIBUTE_HEADER];
        message.get(at + ATTRIBUTE_HEADER, value);
        return value;
      }
      at += (length + ALIGNMENT - 1) & -ALIGNMENT;
    }
    return null;
  }

  /** Ends the message. */
  MessageBuilder end() {
    buffer.putInt(start, buffer.position() - start);
    return align();
  }

  byte[] toBytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }
}
