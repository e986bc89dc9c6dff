package dev.skerry.client.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.client.api.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A runtime that takes OCI bundles, with the same programs in its root as the others have. */
final class BundleContender extends CommandContender {
  private static final List<String> NAMESPACES = List.of("pid", "mount", "ipc", "uts", "network");
  private static final List<String> CAPABILITY_SETS = List.of("bounding", "effective", "permitted");
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_SETGID",
          "CAP_SETUID");
  private static final List<String> SHOWN =
      List.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc");

  private final List<String> runtime;
  private final Path bundles;
  private final @Nullable Path root;
  private final List<Path> shown;
  private int count;

  private BundleContender(
      String name, List<String> runtime, Path scratch, @Nullable Path root, List<Path> shown) {
    super(name, List.of());
    this.runtime = runtime;
    this.bundles = scratch.resolve(name);
    this.root = root;
    this.shown = shown;
  }

  /**
   * With a root of bind mounts.
   *
   * @param runtime its command line up to the subcommand
   * @param scratch a directory to work in
   * @param shown directories that the container sees, beside the machine's programs, at their paths
   */
  static BundleContender ofMounts(
      String name, List<String> runtime, Path scratch, List<Path> shown) {
    List<Path> all = new ArrayList<>();
    for (String path : SHOWN) {
      if (Files.isDirectory(Path.of(path))) {
        all.add(Path.of(path));
      }
    }
    all.addAll(shown);
    return new BundleContender(name, runtime, scratch, null, all);
  }

  /** With a directory as its root, which it cannot write to. */
  static BundleContender of(String name, List<String> runtime, Path scratch, Path root) {
    return new BundleContender(name, runtime, scratch, root, List.of());
  }

  @Override
  List<String> commandLine(List<String> command) throws IOException {
    count++;
    Path bundle = bundles.resolve(Integer.toString(count));
    Files.createDirectories(root == null ? bundle.resolve("rootfs") : bundle);
    Files.writeString(bundle.resolve("config.json"), config(command).toString());
    String id = "skerry-bench-" + ProcessHandle.current().pid() + "-" + count;
    List<String> all = new ArrayList<>(runtime);
    all.addAll(List.of("run", "--bundle", bundle.toString(), id));
    return all;
  }

  private ObjectNode config(List<String> command) {
    ObjectNode config = ServiceClient.JSON.createObjectNode();
    config.put("ociVersion", "1.0.2");
    ObjectNode process = config.putObject("process");
    process.put("cwd", "/");
    process.putObject("user").put("uid", 0).put("gid", 0);
    ArrayNode args = process.putArray("args");
    command.forEach(args::add);
    process
        .putArray("env")
        .add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    ObjectNode capabilities = process.putObject("capabilities");
    for (String set : CAPABILITY_SETS) {
      ArrayNode names = capabilities.putArray(set);
      CAPABILITIES.forEach(names::add);
    }
    config
        .putObject("root")
        .put("path", root == null ? "rootfs" : root.toString())
        .put("readonly", root != null);
    ArrayNode mounts = config.putArray("mounts");
    mount(mounts, "/proc", "proc", "proc");
    mount(mounts, "/dev", "tmpfs", "tmpfs");
    mount(mounts, "/tmp", "tmpfs", "tmpfs");
    mount(mounts, "/dev/shm", "tmpfs", "tmpfs");
    for (Path directory : shown) {
      bind(mounts, directory.toString());
    }
    ArrayNode namespaces = config.putObject("linux").putArray("namespaces");
    for (String namespace : NAMESPACES) {
      namespaces.addObject().put("type", namespace);
    }
    return config;
  }

  private static void mount(ArrayNode mounts, String destination, String type, String source) {
    mounts.addObject().put("destination", destination).put("type", type).put("source", source);
  }

  private static void bind(ArrayNode mounts, String path) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", path).put("type", "bind").put("source", path);
    mount.putArray("options").add("rbind").add("ro");
  }
}
