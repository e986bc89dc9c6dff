package dev.skerry.sentry.fs.gofer;

/** Which file of the host it is. */
record InodeKey(long dev, long ino) {
  @Override
  public boolean equals(Object other) {
    return other instanceof InodeKey key && key.dev == dev && key.ino == ino;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(dev * 31 + ino);
  }
}
