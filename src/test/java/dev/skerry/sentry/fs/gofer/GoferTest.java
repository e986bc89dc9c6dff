package dev.skerry.sentry.fs.gofer;

import dev.skerry.gofer.ServedDirectories;
import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Owner;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The sentry's client and the gofer, over real sockets, on a real directory. */
abstract class GoferTest {
  static final int CHANNELS = 3;
  static final Owner OWNER = new Owner(0, 0);

  @TempDir Path directory;

  ServedDirectories gofer;
  GoferConnection connection;
  final AtomicInteger losses = new AtomicInteger();

  @BeforeAll
  static void asTheGoferDoes() {
    Host.os().setUmask(0);
  }

  @AfterEach
  void end() {
    if (gofer != null) {
      gofer.close();
    }
  }

  GoferFileSystem attach(boolean writable, boolean exclusive, int limit) throws ErrnoException {
    gofer = new ServedDirectories(CHANNELS, limit, writable, directory);
    connection = new GoferConnection(gofer.channels(), losses::incrementAndGet);
    return GoferFileSystem.attach(connection, 0, "9pfs-/", exclusive, 77);
  }

  GoferFileSystem attach() throws ErrnoException {
    return attach(true, true, Limits.HANDLES);
  }

  static OpenFileDescription open(Inode file, int flags) throws ErrnoException {
    return file.open(new KernelMount(file.fileSystem(), 0).place("file", file), flags);
  }
}
