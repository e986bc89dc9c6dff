package dev.skerry.service.lifecycle;

import dev.skerry.oci.Problems;
import dev.skerry.service.config.DataDirectory;
import dev.skerry.service.config.SkerryConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which of the host's files the operator lets sandboxes have. */
@Singleton
class RootRules {
  private final boolean hostAllowed;
  private final List<Path> directories;

  @Inject
  RootRules(SkerryConfig config, DataDirectory data) {
    this.hostAllowed = config.rootfs().host();
    this.directories = data.rootfsDirectories();
  }

  /** The host's root; an error if the operator has not switched it on. */
  Path host(String pointer, Problems problems) {
    if (!hostAllowed) {
      problems.error(
          pointer, "the host's root is not allowed here; skerry.rootfs.host switches it on");
    }
    return Path.of("/");
  }

  /**
   * A directory below one of the operator's, all links resolved. Null, and an error, if it is not.
   */
  @Nullable Path directory(String path, String pointer, Problems problems) {
    Path real = existing(path, pointer, problems);
    if (real != null && !Files.isDirectory(real)) {
      problems.error(pointer, "is no directory");
      return null;
    }
    return real;
  }

  /** A directory or file below one of the operator's directories, likewise. */
  @Nullable Path existing(String path, String pointer, Problems problems) {
    if (!path.startsWith("/")) {
      return null;
    }
    try {
      Path real = Path.of(path).toRealPath();
      for (Path directory : directories) {
        if (Files.exists(directory) && real.startsWith(directory.toRealPath())) {
          return real;
        }
      }
    } catch (IOException | InvalidPathException e) {
      // Whether it exists is told only where the operator has allowed to look.
      if (directories.stream().anyMatch(directory -> below(path, directory))) {
        problems.error(pointer, "does not exist");
        return null;
      }
    }
    problems.error(
        pointer, "lies outside the directories that are allowed; see skerry.rootfs.directories");
    return null;
  }

  private static boolean below(String path, Path directory) {
    try {
      return Path.of(path).normalize().startsWith(directory.normalize());
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
