package dev.skerry.sentry.platform;

import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What the host tells of a fault (sigaction(2)).
 *
 * @param code si_code
 * @param address si_addr
 */
record HostFault(int code, long address) {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int HEAD = 24;
  private static final int CODE = 8;
  private static final int ADDRESS = 16;

  /** Reads a siginfo_t; null if it cannot be read. */
  static @Nullable HostFault read(UserMemory memory, long info) {
    byte[] head = new byte[HEAD];
    if (memory.copyIn(info, head, 0, HEAD) < 0) {
      return null;
    }
    return new HostFault((int) INT.get(head, CODE), (long) LONG.get(head, ADDRESS));
  }
}
