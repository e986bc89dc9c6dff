package dev.skerry.service.config;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service's directory: {@code token}, {@code sandboxes/}, {@code rootfs/}; all for the owner
 * only. The lock on the file {@code lock} keeps a second service away, which would adopt and end
 * the first one's sandboxes.
 */
@Singleton
public class DataDirectory {
  private final Path root;
  private final List<Path> roots;
  private final FileChannel lock;

  @Inject
  DataDirectory(SkerryConfig config) {
    this.root = config.data().orElseGet(DataDirectory::inStateHome).toAbsolutePath().normalize();
    this.roots = config.rootfs().directories().orElseGet(() -> List.of(root.resolve("rootfs")));
    try {
      makePrivate(root);
      makePrivate(sandboxes());
      Files.createDirectories(root.resolve("rootfs"));
      lock = lock(root.resolve("lock"));
    } catch (IOException e) {
      throw new UncheckedIOException("the data directory " + root + " cannot be used: " + e, e);
    }
  }

  private FileChannel lock(Path file) throws IOException {
    FileAttribute<Set<PosixFilePermission>> ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    FileChannel channel =
        FileChannel.open(
            file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), ownerOnly);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // A service in this very JVM: no other way to say so.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new IllegalStateException("another service uses the data directory " + root);
  }

  @PreDestroy
  void unlock() throws IOException {
    lock.close();
  }

  private static Path inStateHome() {
    @Nullable String stateHome = System.getenv("XDG_STATE_HOME");
    Path state =
        stateHome != null && stateHome.startsWith("/")
            ? Path.of(stateHome)
            : home().resolve(".local").resolve("state");
    return state.resolve("skerry");
  }

  /** $HOME comes before the password file's entry, which is what Java reads. */
  private static Path home() {
    @Nullable String home = System.getenv("HOME");
    return Path.of(home != null && home.startsWith("/") ? home : System.getProperty("user.home"));
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
