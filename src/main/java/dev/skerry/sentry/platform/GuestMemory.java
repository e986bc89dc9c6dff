package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Guest memory through the host's process_vm calls, as seen by one guest thread. */
final class GuestMemory implements UserMemory {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int STRING_CHUNK = 256;
  private static final int PAGE = 4096;

  private final HostOs host = Host.os();

  /** Changes when a thread other than the first executes a program. */
  private volatile int hostTid;

  GuestMemory(int hostTid) {
    this.hostTid = hostTid;
  }

  void setHostTid(int tid) {
    hostTid = tid;
  }

  private static boolean inRange(long address, long length) {
    return address >= 0 && length >= 0 && address <= END - length;
  }

  /** How much of a range lies below the end, where the stack of a program may begin. */
  private static int below(long address, int length) {
    return address < 0 || address >= END || length <= 0 ? 0 : (int) Math.min(length, END - address);
  }

  @Override
  public long copyIn(long address, byte[] target, int offset, int length) {
    return copyInPartly(address, target, offset, length) == length ? length : -Errno.EFAULT;
  }

  @Override
  public long copyOut(long address, byte[] source, int offset, int length) {
    return copyOutPartly(address, source, offset, length) == length ? length : -Errno.EFAULT;
  }

  @Override
  public int copyInPartly(long address, byte[] target, int offset, int length) {
    int there = below(address, length);
    return there == 0
        ? 0
        : (int) Math.max(0, host.readGuest(hostTid, address, target, offset, there));
  }

  @Override
  public int copyOutPartly(long address, byte[] source, int offset, int length) {
    int there = below(address, length);
    return there == 0
        ? 0
        : (int) Math.max(0, host.writeGuest(hostTid, address, source, offset, there));
  }

  /** Never of the stub: nobody else may make its code another. */
  private static boolean isGuests(long address, long length) {
    return inRange(address, length)
        && (address + length <= StubLayout.BASE || address >= StubLayout.END);
  }

  @Override
  public int peek(long address, byte[] target, int offset, int length) {
    if (!isGuests(address, length)) {
      return 0;
    }
    int done = copyInPartly(address, target, offset, length);
    return done == length
        ? done
        : done + HostProc.readMemory(hostTid, address + done, target, offset + done, length - done);
  }

  @Override
  public int poke(long address, byte[] source, int offset, int length) {
    if (!isGuests(address, length)) {
      return 0;
    }
    int done = copyOutPartly(address, source, offset, length);
    return done == length
        ? done
        : done
            + HostProc.writeMemory(hostTid, address + done, source, offset + done, length - done);
  }

  @Override
  public long copyOutFromFile(long address, long length, int hostFd, long position) {
    if (!inRange(address, length)) {
      return -Errno.EFAULT;
    }
    return host.fileToGuest(hostFd, position, hostTid, address, length);
  }

  @Override
  public long copyInToFile(long address, long length, int hostFd, long position) {
    if (!inRange(address, length)) {
      return -Errno.EFAULT;
    }
    return host.guestToFile(hostFd, position, hostTid, address, length);
  }

  /**
   * The host offers no such operation on another process, so it is a read and a write: atomic
   * towards other calls of the sentry's, which it is synchronized with, not towards the guest's own
   * instructions.
   */
  @Override
  public long compareAndSwapInt(long address, int expected, int update) {
    synchronized (GuestMemory.class) {
      long before = loadInt(address);
      if (before < 0 || (int) before != expected) {
        return before;
      }
      long result = storeInt(address, update);
      return result < 0 ? result : before;
    }
  }

  @Override
  public long loadInt(long address) {
    if (!inRange(address, Integer.BYTES)) {
      return -Errno.EFAULT;
    }
    long value = host.readGuestInt(hostTid, address);
    return value < 0 ? -Errno.EFAULT : value;
  }

  @Override
  public long storeInt(long address, int value) {
    return storeWord(address, value, Integer.BYTES);
  }

  @Override
  public long storeLong(long address, long value) {
    return storeWord(address, value, Long.BYTES);
  }

  private long storeWord(long address, long value, int size) {
    if (!inRange(address, size) || host.writeGuestWord(hostTid, address, value, size) < 0) {
      return -Errno.EFAULT;
    }
    return 0;
  }

  @Override
  public int readInt(long address) throws ErrnoException {
    return (int) ErrnoException.check(loadInt(address));
  }

  @Override
  public long readLong(long address) throws ErrnoException {
    return (long) LONG.get(readBytes(address, Long.BYTES), 0);
  }

  @Override
  public byte[] readBytes(long address, int length) throws ErrnoException {
    byte[] bytes = new byte[length];
    ErrnoException.check(copyIn(address, bytes, 0, length));
    return bytes;
  }

  @Override
  public void writeInt(long address, int value) throws ErrnoException {
    ErrnoException.check(storeInt(address, value));
  }

  @Override
  public void writeLong(long address, long value) throws ErrnoException {
    ErrnoException.check(storeLong(address, value));
  }

  @Override
  public void writeBytes(long address, byte[] value) throws ErrnoException {
    ErrnoException.check(copyOut(address, value, 0, value.length));
  }

  @Override
  public String readString(long address, int max) throws ErrnoException {
    byte[] bytes = new byte[Math.min(max, STRING_CHUNK)];
    int have = 0;
    while (have < max) {
      if (have == bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.min(max, bytes.length * 4));
      }
      // Up to the end of a page at most: the next one may not be there, nor be needed.
      int toPageEnd = PAGE - (int) ((address + have) & (PAGE - 1));
      int part = Math.min(bytes.length - have, toPageEnd);
      ErrnoException.check(copyIn(address + have, bytes, have, part));
      for (int i = have; i < have + part; i++) {
        if (bytes[i] == 0) {
          return new String(bytes, 0, i, StandardCharsets.ISO_8859_1);
        }
      }
      have += part;
    }
    throw ErrnoException.of(Errno.ENAMETOOLONG);
  }
}
