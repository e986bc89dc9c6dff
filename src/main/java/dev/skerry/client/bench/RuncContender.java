package dev.skerry.client.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.client.api.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** runc with a root of bind mounts, so that the same programs are there as for the others. */
final class RuncContender extends CommandContender {
  private static final List<String> NAMESPACES = List.of("pid", "mount", "ipc", "uts", "network");
  private static final List<String> SHOWN =
      List.of("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc");

  private final Path bundles;
  private final List<Path> shown;
  private int count;

  /**
   * @param scratch a directory to work in
   * @param shown directories that the container sees, each at its own path
   */
  RuncContender(Path scratch, Path... shown) {
    super("runc", List.of());
    this.bundles = scratch.resolve("runc");
    this.shown = List.of(shown);
  }

  @Override
  List<String> commandLine(List<String> command) throws IOException {
    count++;
    Path bundle = bundles.resolve(Integer.toString(count));
    Files.createDirectories(bundle.resolve("rootfs"));
    Files.writeString(bundle.resolve("config.json"), config(command).toString());
    String id = "skerry-bench-" + ProcessHandle.current().pid() + "-" + count;
    return List.of("runc", "run", "--bundle", bundle.toString(), id);
  }

  private ObjectNode config(List<String> command) {
    ObjectNode config = ServiceClient.JSON.createObjectNode();
    config.put("ociVersion", "1.0.2");
    ObjectNode process = config.putObject("process");
    process.put("cwd", "/");
    process.putObject("user").put("uid", 0).put("gid", 0);
    ArrayNode args = process.putArray("args");
    command.forEach(args::add);
    process.putArray("env").add("PATH=/usr/local/bin:/usr/bin:/bin");
    config.putObject("root").put("path", "rootfs");
    ArrayNode mounts = config.putArray("mounts");
    mount(mounts, "/proc", "proc", "proc");
    mount(mounts, "/dev", "tmpfs", "tmpfs");
    mount(mounts, "/tmp", "tmpfs", "tmpfs");
    for (String path : SHOWN) {
      if (Files.isDirectory(Path.of(path))) {
        bind(mounts, path);
      }
    }
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
