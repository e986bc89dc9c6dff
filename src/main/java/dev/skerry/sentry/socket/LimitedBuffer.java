package dev.skerry.sentry.socket;

import dev.skerry.sentry.usermem.IoBuffer;

/** The first bytes of a buffer. */
final class LimitedBuffer implements IoBuffer {
  private final IoBuffer whole;
  private long left;

  LimitedBuffer(IoBuffer whole, long limit) {
    this.whole = whole;
    this.left = Math.min(limit, whole.remaining());
  }

  @Override
  public long remaining() {
    return left;
  }

  @Override
  public long put(byte[] source, int offset, int length) {
    return moved(whole.put(source, offset, (int) Math.min(length, left)));
  }

  @Override
  public long get(byte[] target, int offset, int length) {
    return moved(whole.get(target, offset, (int) Math.min(length, left)));
  }

  @Override
  public long putFromFile(int hostFd, long position, long length) {
    return moved(whole.putFromFile(hostFd, position, Math.min(length, left)));
  }

  @Override
  public long getToFile(int hostFd, long position, long length) {
    return moved(whole.getToFile(hostFd, position, Math.min(length, left)));
  }

  private long moved(long count) {
    left -= Math.max(count, 0);
    return count;
  }

  @Override
  public void skip(long count) {
    whole.skip(count);
    left -= count;
  }

  @Override
  public void rewind(long count) {
    whole.rewind(count);
    left += count;
  }
}
