package dev.skerry.sentry.fs.gofer;

/** A descriptor of a host file, shared by the open descriptions of its inode. */
final class DonatedFile {
  private final int fd;
  private final boolean writable;
  private final InodeReference owner;

  /** Opened before anybody asked for it. Guarded by the {@link DonatedFiles}. */
  boolean ahead;

  /** Users, and one more while it is kept. Guarded by the {@link DonatedFiles}. */
  int references;

  DonatedFile(int fd, boolean writable, InodeReference owner) {
    this.fd = fd;
    this.writable = writable;
    this.owner = owner;
  }

  int fd() {
    return fd;
  }

  boolean isWritable() {
    return writable;
  }

  InodeReference owner() {
    return owner;
  }
}
