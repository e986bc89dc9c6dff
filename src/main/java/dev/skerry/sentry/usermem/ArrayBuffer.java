package dev.skerry.sentry.usermem;

import dev.skerry.hostos.Host;

/** A byte array of the sentry's own as the memory side of a read or a write. */
public final class ArrayBuffer implements IoBuffer {
  private final byte[] bytes;
  private final int end;
  private int position;

  /** All of the array. */
  public ArrayBuffer(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  public ArrayBuffer(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.position = offset;
    this.end = offset + length;
  }

  /** Where in the array the next byte goes to or comes from. */
  public int position() {
    return position;
  }

  @Override
  public long remaining() {
    return (long) end - position;
  }

  @Override
  public long put(byte[] source, int offset, int length) {
    System.arraycopy(source, offset, bytes, position, length);
    position += length;
    return length;
  }

  @Override
  public long get(byte[] target, int offset, int length) {
    System.arraycopy(bytes, position, target, offset, length);
    position += length;
    return length;
  }

  @Override
  public long putFromFile(int hostFd, long position, long length) {
    int part = (int) Math.min(length, remaining());
    long moved =
        position < 0
            ? Host.os().read(hostFd, bytes, this.position, part)
            : Host.os().pread(hostFd, bytes, this.position, part, position);
    this.position += (int) Math.max(moved, 0);
    return moved;
  }

  @Override
  public long getToFile(int hostFd, long position, long length) {
    int part = (int) Math.min(length, remaining());
    long moved =
        position < 0
            ? Host.os().write(hostFd, bytes, this.position, part)
            : Host.os().pwrite(hostFd, bytes, this.position, part, position);
    this.position += (int) Math.max(moved, 0);
    return moved;
  }

  @Override
  public void skip(long count) {
    position += (int) count;
  }

  @Override
  public void rewind(long count) {
    position -= (int) count;
  }
}
