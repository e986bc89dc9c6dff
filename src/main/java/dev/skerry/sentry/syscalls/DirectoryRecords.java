package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.DirectorySink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Directory entries as getdents64(2) or, with {@code wide} false, getdents(2) lays them out. */
final class DirectoryRecords implements DirectorySink {
  /** More is never handed out at once, whatever the guest offers. */
  private static final int MOST = 1 << 20;

  private static final int FIRST_SIZE = 4096;
  private static final int HEADER = 18;
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int limit;
  private final boolean wide;
  private byte[] bytes;
  private int used;
  private boolean full;

  /**
   * @param size of the guest's buffer, unsigned
   */
  DirectoryRecords(int size, boolean wide) {
    this.limit = size < 0 || size > MOST ? MOST : size;
    this.wide = wide;
    this.bytes = new byte[Math.min(limit, FIRST_SIZE)];
  }

  @Override
  public boolean entry(String name, long ino, int type, long nextOffset) {
    // Header, name, NUL and the type, which the older form has at the end.
    int length = HEADER + name.length() + 2 + 7 & ~7;
    if (length > limit - used) {
      full = true;
      return false;
    }
    if (used + length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(limit, Math.max(2 * bytes.length, used + length)));
    }
    LONG.set(bytes, used, ino);
    LONG.set(bytes, used + 8, nextOffset);
    SHORT.set(bytes, used + 16, (short) length);
    int at = used + HEADER;
    if (wide) {
      bytes[at++] = (byte) type;
    }
    for (int i = 0; i < name.length(); i++) {
      bytes[at + i] = (byte) name.charAt(i);
    }
    if (!wide) {
      bytes[used + length - 1] = (byte) type;
    }
    used += length;
    return true;
  }

  /** The bytes written; -EINVAL if not one entry fitted; -EFAULT. */
  long copyOut(UserMemory memory, long address) {
    if (used == 0) {
      return full ? -Errno.EINVAL : 0;
    }
    return memory.copyOut(address, bytes, 0, used);
  }
}
