package dev.skerry.sentry.platform;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A guest's memory: {@link #SIZE} bytes from {@link #BASE} on; everything else faults. */
public final class FakeMemory implements UserMemory {
  public static final long BASE = 0x10000;
  public static final int SIZE = 0x40000;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes = new byte[SIZE];

  private int available(long address, int length) {
    if (address < BASE || address >= BASE + SIZE) {
      return 0;
    }
    return (int) Math.min(length, BASE + SIZE - address);
  }

  @Override
  public long copyIn(long address, byte[] target, int offset, int length) {
    return copyInPartly(address, target, offset, length) < length ? -Errno.EFAULT : length;
  }

  @Override
  public long copyOut(long address, byte[] source, int offset, int length) {
    return copyOutPartly(address, source, offset, length) < length ? -Errno.EFAULT : length;
  }

  @Override
  public int peek(long address, byte[] target, int offset, int length) {
    return copyInPartly(address, target, offset, length);
  }

  @Override
  public int poke(long address, byte[] source, int offset, int length) {
    return copyOutPartly(address, source, offset, length);
  }

  @Override
  public synchronized int copyInPartly(long address, byte[] target, int offset, int length) {
    int n = available(address, length);
    if (n > 0) {
      System.arraycopy(bytes, (int) (address - BASE), target, offset, n);
    }
    return n;
  }

  @Override
  public synchronized int copyOutPartly(long address, byte[] source, int offset, int length) {
    int n = available(address, length);
    if (n > 0) {
      System.arraycopy(source, offset, bytes, (int) (address - BASE), n);
    }
    return n;
  }

  @Override
  public long copyOutFromFile(long address, long length, int hostFd, long position) {
    throw new UnsupportedOperationException("no host files here");
  }

  @Override
  public long copyInToFile(long address, long length, int hostFd, long position) {
    throw new UnsupportedOperationException("no host files here");
  }

  @Override
  public synchronized long compareAndSwapInt(long address, int expected, int update) {
    long before = loadInt(address);
    if (before >= 0 && (int) before == expected) {
      storeInt(address, update);
    }
    return before;
  }

  @Override
  public long loadInt(long address) {
    byte[] word = new byte[4];
    return copyIn(address, word, 0, 4) < 0 ? -Errno.EFAULT : (int) INT.get(word, 0) & 0xffff_ffffL;
  }

  @Override
  public long storeInt(long address, int value) {
    byte[] word = new byte[4];
    INT.set(word, 0, value);
    return Math.min(copyOut(address, word, 0, 4), 0);
  }

  @Override
  public long storeLong(long address, long value) {
    byte[] word = new byte[8];
    LONG.set(word, 0, value);
    return Math.min(copyOut(address, word, 0, 8), 0);
  }

  @Override
  public int readInt(long address) throws ErrnoException {
    return (int) ErrnoException.check(loadInt(address));
  }

  @Override
  public long readLong(long address) throws ErrnoException {
    return (long) LONG.get(readBytes(address, 8), 0);
  }

  @Override
  public byte[] readBytes(long address, int length) throws ErrnoException {
    byte[] read = new byte[length];
    ErrnoException.check(copyIn(address, read, 0, length));
    return read;
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
    for (int length = 0; length < max; length++) {
      if (readBytes(address + length, 1)[0] == 0) {
        return new String(readBytes(address, length), StandardCharsets.ISO_8859_1);
      }
    }
    throw ErrnoException.of(Errno.ENAMETOOLONG);
  }
}
