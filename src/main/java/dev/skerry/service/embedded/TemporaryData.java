package dev.skerry.service.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Data directories that go with their service, or, when that was killed, at a later one's start.
 */
final class TemporaryData {
  private static final String PREFIX = "skerry-run-";

  /** A service that is starting has no lock yet. */
  private static final Duration LONGEST_START = Duration.ofMinutes(10);

  private TemporaryData() {}

  /** One that only this user can enter. */
  static Path make() throws IOException {
    return Files.createTempDirectory(PREFIX);
  }

  /**
   * Removes those that no service uses any more.
   *
   * @param own a new one of this user's, and all others that count are that user's too
   */
  static void removeAbandoned(Path own) throws IOException {
    UserPrincipal user = Files.getOwner(own);
    Path directory = Path.of(System.getProperty("java.io.tmpdir"));
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path path : all) {
        removeIfAbandoned(path, user);
      }
    }
  }

  private static void removeIfAbandoned(Path path, UserPrincipal user) {
    try {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(user)
          && isOld(path)
          && isUnlocked(path.resolve("lock"))) {
        delete(path);
      }
    } catch (IOException e) {
      // Somebody else removes it at this moment, or a sandbox in it is still ending: then the next
      // service does.
      return;
    }
  }

  private static boolean isOld(Path path) throws IOException {
    Instant changed = Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toInstant();
    return changed.plus(LONGEST_START).isBefore(Instant.now());
  }

  /** Whether it is a service's, by its lock of DataDirectory, and none holds that. */
  private static boolean isUnlocked(Path lock) throws IOException {
    if (!Files.exists(lock, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      return channel.tryLock() != null;
    }
  }

  /** Removes it and all below. Links are removed, not followed. */
  static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
