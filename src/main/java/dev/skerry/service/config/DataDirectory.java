package dev.skerry.service.config;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The service's directory: {@code token}, {@code sandboxes/}, {@code rootfs/}; all for the owner only. */
@Singleton
public class DataDirectory {
  private final Path root;
  private final List<Path> roots;

  @Inject
  DataDirectory(SkerryConfig config) {
    this.root = config.data().orElseGet(DataDirectory::inStateHome).toAbsolutePath().normalize();
    this.roots = config.rootfs().directories().orElseGet(() -> List.of(root.resolve("rootfs")));
    try {
      makePrivate(root);
      makePrivate(sandboxes());
      Files.createDirectories(root.resolve("rootfs"));
    } catch (IOException e) {
      throw new UncheckedIOException("the data directory " + root + " cannot be made", e);
    }
  }

  private static Path inStateHome() {
    @Nullable String stateHome = System.getenv("XDG_STATE_HOME");
    Path state =
        stateHome != null && stateHome.startsWith("/")
            ? Path.of(stateHome)
            : Path.of(System.getProperty("user.home"), ".local", "state");
    return state.resolve("skerry");
  }

  /** Makes a directory, and those above it, that only its owner can enter. */
  public static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  public Path root() {
    return root;
  }

  public Path sandboxes() {
    return root.resolve("sandboxes");
  }

  public Path token() {
    return root.resolve("token");
  }

  /** The directories below which root file systems and bind mounts have to lie. */
  public List<Path> rootfsDirectories() {
    return roots;
  }
}
