package dev.skerry.client.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.client.api.ServiceClient;
import dev.skerry.client.api.TerminalSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the body of {@code POST /v1/runs} out of the options of {@code skerry run}. */
public final class SpecComposer {
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** What container tools leave to root by common custom. */
  private static final List<String> ROOT_CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private final RunOptions options;

  public SpecComposer(RunOptions options) {
    this.options = options;
  }

  /**
   * @param size of the caller's terminal; null without one
   */
  public ObjectNode compose(@Nullable TerminalSize size) {
    ObjectNode body = ServiceClient.JSON.createObjectNode();
    ObjectNode spec = body.putObject("spec");
    spec.put("ociVersion", "1.2.0");
    composeProcess(spec.putObject("process"));
    composeRoot(spec, body.putObject("rootfs"));
    composeResources(spec);
    ObjectNode labels = ServiceClient.JSON.createObjectNode();
    for (Map.Entry<String, String> label : options.labels.entrySet()) {
      labels.put(label.getKey(), label.getValue());
    }
    if (!labels.isEmpty()) {
      body.set("labels", labels);
    }
    if (options.timeoutSeconds > 0) {
      body.put("wallTimeoutSeconds", options.timeoutSeconds);
    }
    if (size != null) {
      body.putObject("terminalSize").put("rows", size.rows()).put("columns", size.columns());
    }
    return body;
  }

  private void composeProcess(ObjectNode process) {
    process.put("terminal", options.terminal);
    process.put("cwd", options.cwd);
    ArrayNode args = process.putArray("args");
    options.command.forEach(args::add);
    ArrayNode env = process.putArray("env");
    if (!sets("PATH")) {
      env.add(DEFAULT_PATH);
    }
    String term = System.getenv("TERM");
    if (options.terminal && !sets("TERM")) {
      env.add("TERM=" + (term == null || term.isEmpty() ? "xterm" : term));
    }
    options.environment().forEach(env::add);
    GuestUser user =
        options.user == null
            ? GuestUser.ROOT
            : GuestUser.parse(options.user, options.rootfs == null ? Path.of("/") : options.rootfs);
    process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
    ObjectNode capabilities = process.putObject("capabilities");
    putCapabilities(capabilities, "bounding");
    if (user.uid() == 0) {
      putCapabilities(capabilities, "effective");
      putCapabilities(capabilities, "permitted");
    }
  }

  private boolean sets(String name) {
    for (String variable : options.environment()) {
      if (variable.startsWith(name + "=")) {
        return true;
      }
    }
    return false;
  }

  private static void putCapabilities(ObjectNode capabilities, String set) {
    ArrayNode names = capabilities.putArray(set);
    ROOT_CAPABILITIES.forEach(names::add);
  }

  private void composeRoot(ObjectNode spec, ObjectNode rootfs) {
    Path directory = options.rootfs;
    if (directory == null) {
      rootfs.put("type", "host");
    } else {
      rootfs.put("type", "directory");
      rootfs.put("path", directory.toAbsolutePath().normalize().toString());
      rootfs.put("overlay", options.overlay);
    }
    if (options.readOnly) {
      spec.putObject("root").put("readonly", true);
    }
  }

  private void composeResources(ObjectNode spec) {
    if (options.memoryBytes == 0 && options.pids == 0) {
      return;
    }
    ObjectNode resources = spec.putObject("linux").putObject("resources");
    if (options.memoryBytes > 0) {
      resources.putObject("memory").put("limit", options.memoryBytes);
    }
    if (options.pids > 0) {
      resources.putObject("pids").put("limit", options.pids);
    }
  }
}
