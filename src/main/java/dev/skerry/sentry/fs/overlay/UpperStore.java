package dev.skerry.sentry.fs.overlay;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.Owner;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The directory of the upper file system where changed files lie, each under a number. */
final class UpperStore {
  /**
   * A file in the store.
   *
   * @param name in the store; null for the upper root, which is not in it
   */
  record Stored(@Nullable String name, Inode inode) {}

  private final Inode directory;
  private final AtomicLong last = new AtomicLong();

  UpperStore(Inode directory) {
    this.directory = directory;
  }

  private String nextName() {
    return Long.toString(last.incrementAndGet());
  }

  Stored regular(int mode, Owner owner) throws ErrnoException {
    String name = nextName();
    return new Stored(name, directory.create(name, mode, owner));
  }

  Stored directory(int mode, Owner owner) throws ErrnoException {
    String name = nextName();
    return new Stored(name, directory.mkdir(name, mode, owner));
  }

  Stored symlink(String target, Owner owner) throws ErrnoException {
    String name = nextName();
    return new Stored(name, directory.symlink(name, target, owner));
  }

  /**
   * @param mode with the type bits
   */
  Stored node(int mode, long rdev, Owner owner) throws ErrnoException {
    String name = nextName();
    return new Stored(name, directory.mknod(name, mode, rdev, owner));
  }

  /** Takes a file out; its data live on while it is open. */
  void remove(Stored file) {
    String name = file.name();
    if (name == null) {
      return;
    }
    try {
      if (file.inode().isDirectory()) {
        directory.rmdir(name, file.inode());
      } else {
        directory.unlink(name, file.inode());
      }
    } catch (ErrnoException e) {
      throw new IllegalStateException("the upper layer lost " + name, e);
    }
  }
}
