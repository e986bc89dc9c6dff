package dev.skerry.service.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Tells those who read a spool that it has grown (inotify(7)), so that none has to look all the
 * time.
 */
@Singleton
public class SpoolWatch {
  private final WatchService service;

  @GuardedBy("this")
  private final Map<WatchKey, Set<Runnable>> watchers = new HashMap<>();

  SpoolWatch() {
    try {
      this.service = FileSystems.getDefault().newWatchService();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("spool-watch").start(this::run);
  }

  /** A watcher's place; closing it ends the watch. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /** Calls {@code wake}, which must not block, whenever a file in the directory changes. */
  public synchronized Watch watch(Path directory, Runnable wake) throws IOException {
    WatchKey key = directory.register(service, StandardWatchEventKinds.ENTRY_MODIFY);
    watchers.computeIfAbsent(key, absent -> new HashSet<>()).add(wake);
    return () -> forget(key, wake);
  }

  private synchronized void forget(WatchKey key, Runnable wake) {
    Set<Runnable> others = watchers.get(key);
    if (others != null && others.remove(wake) && others.isEmpty()) {
      watchers.remove(key);
      key.cancel();
    }
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = service.take();
        key.pollEvents();
        key.reset();
        wake(key);
      }
    } catch (InterruptedException | ClosedWatchServiceException end) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void wake(WatchKey key) {
    watchers.getOrDefault(key, Set.of()).forEach(Runnable::run);
  }

  @PreDestroy
  void close() throws IOException {
    service.close();
  }
}
