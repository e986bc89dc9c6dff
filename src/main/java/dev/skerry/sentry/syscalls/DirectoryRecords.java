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
   * @param size of the guest's buffer; none of that size can hold an entry if it is negative
   */
  DirectoryRecords(int size, boolean wide) {
    this.limit = Math.clamp(size, 0, MOST);
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

  /** The bytes of the whole entries that the guest got; -EINVAL if not one fitted; -EFAULT. */
  long copyOut(UserMemory memory, long address) {
    if (used == 0) {
      return full ? -Errno.EINVAL : 0;
    }
    long result = memory.copyOut(address, bytes, 0, used);
    return result == -Errno.EFAULT ? copySingly(memory, address) : result;
  }

  private long copySingly(UserMemory memory, long address) {
    int copied = 0;
    while (copied < used) {
      int length = (short) SHORT.get(bytes, copied + 16);
      long result = memory.copyOut(address + copied, bytes, copied, length);
      if (result < 0) {
        return copied == 0 ? result : copied;
      }
      copied += length;
    }
    return copied;
  }

  /** How many bytes there are. */
  int length() {
    return used;
  }

  /** The position in the directory after the entries in the first bytes. */
  long positionAfter(int length) {
    long position = 0;
    for (int at = 0; at < length; at += (short) SHORT.get(bytes, at + 16)) {
      position = (long) LONG.get(bytes, at + 8);
    }
    return position;
  }
}
