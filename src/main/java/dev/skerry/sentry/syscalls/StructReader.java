package dev.skerry.sentry.syscalls;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The fields of a struct of the ABI that was copied in, little-endian. */
record StructReader(byte[] bytes) {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  byte byteAt(int offset) {
    return bytes[offset];
  }

  short shortAt(int offset) {
    return (short) SHORT.get(bytes, offset);
  }

  int intAt(int offset) {
    return (int) INT.get(bytes, offset);
  }

  long longAt(int offset) {
    return (long) LONG.get(bytes, offset);
  }
}
