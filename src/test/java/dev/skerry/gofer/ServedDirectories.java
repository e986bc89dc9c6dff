package dev.skerry.gofer;

import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A gofer in this process, unconfined, that serves directories of the host over real sockets. */
public final class ServedDirectories implements AutoCloseable {
  private final List<SocketPair> pairs = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Integer> roots = new ArrayList<>();

  /**
   * @param limit of handles
   */
  public ServedDirectories(int channels, int limit, boolean writable, Path... directories) {
    int self = open("/proc/self/fd");
    List<MountPoint> mounts = new ArrayList<>();
    for (Path directory : directories) {
      mounts.add(new MountPoint(open(directory.toString()), writable));
    }
    HandleTable handles = new HandleTable(limit);
    for (int i = 0; i < channels; i++) {
      SocketPair pair = SocketPair.make();
      pairs.add(pair);
      FileServer server = new FileServer(mounts, handles, self);
      Thread thread = new Thread(new Channel(pair.gofer(), server, Limits.MESSAGE));
      thread.start();
      threads.add(thread);
    }
  }

  private int open(String path) {
    int fd = Host.os().openat2(-100, path, HostFiles.O_PATH, 0, 0);
    if (fd < 0) {
      throw new IllegalStateException(path + ": " + fd);
    }
    roots.add(fd);
    return fd;
  }

  /** The sentry's ends. */
  public int[] channels() {
    return pairs.stream().mapToInt(SocketPair::sentry).toArray();
  }

  /** Whether every channel has ended by itself; waits a little for it. */
  public boolean hasEnded() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join(5000);
      if (thread.isAlive()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void close() {
    pairs.forEach(pair -> Host.os().close(pair.sentry()));
    roots.forEach(Host.os()::close);
  }
}
