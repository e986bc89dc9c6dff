package dev.skerry.client.bench;

import dev.skerry.client.api.ClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Who takes part: the host, what is installed beside it, and Skerry. */
final class Contenders {
  private static final List<String> RUNC = List.of("runc");
  private static final List<String> RUNSC =
      List.of("runsc", "--platform=ptrace", "--network=none", "--ignore-cgroups");

  private Contenders() {}

  /**
   * With this machine's programs.
   *
   * @param scratch a directory to work in
   * @param sources shown to all
   */
  static List<Contender> here(Path scratch, Path sources) {
    List<Contender> all = new ArrayList<>();
    all.add(new CommandContender("native", List.of()));
    if (isInstalled("runc")) {
      all.add(BundleContender.ofMounts("runc", RUNC, scratch, List.of(sources, scratch)));
    }
    if (isInstalled("runsc")) {
      List<String> prefix = new ArrayList<>(RUNSC);
      prefix.addAll(List.of("do", "--"));
      all.add(new CommandContender("runsc", prefix));
    }
    all.add(new SkerryContender(null));
    return all;
  }

  /**
   * With a Debian root, which is made now if it is not there.
   *
   * @param tests where the script is that makes it
   */
  static List<Contender> onDebian(Path scratch, Path tests) throws IOException {
    Path scripts = tests.resolve("rootfs");
    Path root = Path.of(output(scripts.resolve("debian.sh").toString()));
    List<Contender> all = new ArrayList<>();
    all.add(
        new CommandContender(
            "native", List.of(scripts.resolve("chroot.sh").toString(), root.toString())));
    if (isInstalled("runc")) {
      all.add(BundleContender.of("runc", RUNC, scratch, root));
    }
    if (isInstalled("runsc")) {
      all.add(BundleContender.of("runsc", RUNSC, scratch, root));
    }
    all.add(new SkerryContender(root));
    return all;
  }

  private static boolean isInstalled(String program) {
    for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  /** What a command prints; what it says on standard error is the user's. */
  private static String output(String command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() == 0) {
        return output.strip();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ClientException(command + " has failed");
  }
}
