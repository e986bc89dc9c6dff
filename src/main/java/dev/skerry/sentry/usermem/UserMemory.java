package dev.skerry.sentry.usermem;

import dev.skerry.sentry.ErrnoException;

/**
 * The memory of one guest address space. Addresses are unsigned; a range that wraps around or lies
 * outside the user half fails with EFAULT. Data are copied in once and checked in the copy, as the
 * guest's other threads can change the original at any time.
 */
public interface UserMemory {
  /** One more than the highest user address (47-bit, four-level page tables). */
  long END = 0x7fff_ffff_f000L;

  /**
   * Copies from the guest.
   *
   * @return {@code length}, or -EFAULT if any byte cannot be read
   */
  long copyIn(long address, byte[] target, int offset, int length);

  /**
   * Copies to the guest.
   *
   * @return {@code length}, or -EFAULT if any byte cannot be written (some may have been)
   */
  long copyOut(long address, byte[] source, int offset, int length);

  /** As {@link #copyIn}, but tells how many bytes could be copied before the fault. */
  int copyInPartly(long address, byte[] target, int offset, int length);

  /** As {@link #copyOut}, but tells how many bytes could be copied before the fault. */
  int copyOutPartly(long address, byte[] source, int offset, int length);

  /**
   * As {@link #copyInPartly}, but for one who looks into the program from outside: also what the
   * program itself may not read, and never the platform's own part of its address space.
   */
  int peek(long address, byte[] target, int offset, int length);

  /** As {@link #copyOutPartly}, also to private memory that the program itself may not write. */
  int poke(long address, byte[] source, int offset, int length);

  /**
   * Moves bytes from a host file to the guest without a stop on the Java heap.
   *
   * @param position where to read in the file, or -1 for its own position
   * @return the bytes moved, 0 at the end of the file, or a negative error
   */
  long copyOutFromFile(long address, long length, int hostFd, long position);

  /** Moves bytes from the guest to a host file; else as {@link #copyOutFromFile}. */
  long copyInToFile(long address, long length, int hostFd, long position);

  /**
   * Compares and swaps a 32-bit word atomically with respect to the guest.
   *
   * @return the word before as an unsigned number, or -EFAULT
   */
  long compareAndSwapInt(long address, int expected, int update);

  /** A 32-bit word as an unsigned number, or -EFAULT. */
  long loadInt(long address);

  /** Zero, or -EFAULT. */
  long storeInt(long address, int value);

  /** Zero, or -EFAULT. */
  long storeLong(long address, long value);

  /** A 32-bit word. */
  int readInt(long address) throws ErrnoException;

  long readLong(long address) throws ErrnoException;

  byte[] readBytes(long address, int length) throws ErrnoException;

  void writeInt(long address, int value) throws ErrnoException;

  void writeLong(long address, long value) throws ErrnoException;

  void writeBytes(long address, byte[] value) throws ErrnoException;

  /**
   * A NUL-terminated string, one Latin-1 character a byte, so that any name survives.
   *
   * @param max the most bytes including the NUL
   * @throws ErrnoException EFAULT, or ENAMETOOLONG if there is no NUL within {@code max}
   */
  String readString(long address, int max) throws ErrnoException;
}
