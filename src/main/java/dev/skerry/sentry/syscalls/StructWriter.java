package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Builds a struct of the ABI field by field, little-endian, and copies it out in one piece. */
final class StructWriter {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;

  StructWriter(int size) {
    this(new byte[size]);
  }

  /** Changes fields of a struct that is there. */
  StructWriter(byte[] present) {
    bytes = present;
  }

  StructWriter putByte(int offset, int value) {
    bytes[offset] = (byte) value;
    return this;
  }

  StructWriter putShort(int offset, int value) {
    SHORT.set(bytes, offset, (short) value);
    return this;
  }

  StructWriter putInt(int offset, int value) {
    INT.set(bytes, offset, value);
    return this;
  }

  StructWriter putLong(int offset, long value) {
    LONG.set(bytes, offset, value);
    return this;
  }

  /** Latin-1 text, cut off to leave a NUL within {@code size} bytes. */
  StructWriter putBytes(int offset, byte[] source) {
    System.arraycopy(source, 0, bytes, offset, source.length);
    return this;
  }

  /** The struct as it is now; not a copy. */
  byte[] bytes() {
    return bytes;
  }

  StructWriter putString(int offset, int size, String text) {
    int length = Math.min(text.length(), size - 1);
    for (int i = 0; i < length; i++) {
      bytes[offset + i] = (byte) text.charAt(i);
    }
    return this;
  }

  void copyOut(UserMemory memory, long address) throws ErrnoException {
    memory.writeBytes(address, bytes);
  }

  /** Zero or -EFAULT. */
  long tryCopyOut(UserMemory memory, long address) {
    return Math.min(memory.copyOut(address, bytes, 0, bytes.length), 0);
  }
}
