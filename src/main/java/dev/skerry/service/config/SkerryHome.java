package dev.skerry.service.config;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where the parts of a sandbox are: launcher, stub, library, jars and AOT caches. */
@Singleton
public class SkerryHome {
  private final Path home;
  private final Path javaHome;

  @Inject
  SkerryHome(SkerryConfig config) {
    this.home = real(config.home().orElse(Path.of("/nonexistent")));
    this.javaHome = real(config.javaHome().orElse(Path.of(System.getProperty("java.home"))));
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath();
    }
  }

  public Path home() {
    return home;
  }

  public Path javaHome() {
    return javaHome;
  }

  public Path java() {
    return javaHome.resolve("bin/java");
  }

  public Path launcher() {
    return nativeParts().resolve("skerry-launcher");
  }

  public Path stub() {
    return nativeParts().resolve("skerry-stub");
  }

  /** The directory with {@code libskerry.so}. */
  public Path nativeParts() {
    return home.resolve("native");
  }

  public Path sentryJar() {
    return home.resolve("skerry-sentry.jar");
  }

  public Path goferJar() {
    return home.resolve("skerry-gofer.jar");
  }

  public Optional<Path> sentryCache() {
    return ifThere(home.resolve("sentry.aot"));
  }

  public Optional<Path> goferCache() {
    return ifThere(home.resolve("gofer.aot"));
  }

  private static Optional<Path> ifThere(Path path) {
    return Files.isReadable(path) ? Optional.of(path) : Optional.empty();
  }

  /** Those parts that are not there; empty if a sandbox can be started. */
  public List<Path> missing() {
    List<Path> missing = new ArrayList<>();
    for (Path part : List.of(launcher(), java())) {
      if (!Files.isExecutable(part)) {
        missing.add(part);
      }
    }
    for (Path part :
        List.of(stub(), nativeParts().resolve("libskerry.so"), sentryJar(), goferJar())) {
      if (!Files.isReadable(part)) {
        missing.add(part);
      }
    }
    return missing;
  }
}
