package dev.skerry.sentry.usermem;

/**
 * The memory side of a read or a write: guest memory in one or several pieces, or a byte array of
 * the sentry's own. It remembers how far it got. Linux: struct iov_iter.
 */
public interface IoBuffer {
  /** Bytes not yet moved. */
  long remaining();

  /**
   * Moves bytes out of the sentry into the buffer (a guest's read).
   *
   * @return the bytes moved, at most {@link #remaining}; less than {@code length} after a fault;
   *     -EFAULT if none could be moved
   */
  long put(byte[] source, int offset, int length);

  /** Moves bytes from the buffer into the sentry (a guest's write); else as {@link #put}. */
  long get(byte[] target, int offset, int length);

  /**
   * Moves bytes from a host file into the buffer.
   *
   * @param position in the file, or -1 for the file's own position
   * @param length at most so many
   * @return the bytes moved, 0 at the end of the file, or a negative error if none were moved
   */
  long putFromFile(int hostFd, long position, long length);

  /** Moves bytes from the buffer to a host file; else as {@link #putFromFile}. */
  long getToFile(int hostFd, long position, long length);

  /** Passes over bytes, at most {@link #remaining}, as if they had been moved. */
  void skip(long count);

  /** Takes back the last {@code count} of the bytes moved, so that they can be moved again. */
  void rewind(long count);
}
