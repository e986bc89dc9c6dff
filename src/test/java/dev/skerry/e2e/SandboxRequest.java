package dev.skerry.e2e;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The body of a request that makes a sandbox, built step by step; by default on the host's root.
 */
public final class SandboxRequest {
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Map<String, Object> process = new LinkedHashMap<>();
  private final Map<String, Object> spec = new LinkedHashMap<>();
  private final Map<String, Object> body = new LinkedHashMap<>();
  private final List<String> environment = new ArrayList<>(List.of(PATH));
  private final List<Map<String, Object>> mounts = new ArrayList<>();

  private SandboxRequest(List<String> arguments) {
    process.put("args", arguments);
    process.put("env", environment);
    process.put("cwd", "/");
    process.put("user", Map.of("uid", 0, "gid", 0));
    spec.put("ociVersion", "1.2.0");
    spec.put("process", process);
    body.put("spec", spec);
    body.put("rootfs", Map.of("type", "host"));
  }

  public static SandboxRequest of(String... arguments) {
    return new SandboxRequest(List.of(arguments));
  }

  /** A script for {@code /bin/sh}. */
  public static SandboxRequest shell(String script) {
    return of("/bin/sh", "-c", script);
  }

  public SandboxRequest environment(String... variables) {
    environment.addAll(List.of(variables));
    return this;
  }

  /** No variable but these. */
  public SandboxRequest onlyEnvironment(String... variables) {
    environment.clear();
    return environment(variables);
  }

  public SandboxRequest cwd(String cwd) {
    process.put("cwd", cwd);
    return this;
  }

  /** Exactly these capabilities, effective and permitted, and as the bound. */
  public SandboxRequest capabilities(List<String> names) {
    process.put("capabilities", Map.of("bounding", names, "effective", names, "permitted", names));
    return this;
  }

  public SandboxRequest user(int uid, int gid) {
    process.put("user", Map.of("uid", uid, "gid", gid));
    return this;
  }

  public SandboxRequest terminal(int rows, int columns) {
    process.put("terminal", true);
    body.put("terminalSize", Map.of("rows", rows, "columns", columns));
    return this;
  }

  public SandboxRequest processField(String name, Object value) {
    process.put(name, value);
    return this;
  }

  public SandboxRequest specField(String name, Object value) {
    spec.put(name, value);
    return this;
  }

  public SandboxRequest field(String name, Object value) {
    body.put(name, value);
    return this;
  }

  public SandboxRequest directory(String path, boolean overlay) {
    body.put("rootfs", Map.of("type", "directory", "path", path, "overlay", overlay));
    return this;
  }

  public SandboxRequest readOnly() {
    spec.put("root", Map.of("path", "/", "readonly", true));
    return this;
  }

  public SandboxRequest mount(String destination, String type, String source, String... options) {
    mounts.add(
        Map.of(
            "destination",
            destination,
            "type",
            type,
            "source",
            source,
            "options",
            List.of(options)));
    spec.put("mounts", mounts);
    return this;
  }

  public SandboxRequest memory(long bytes) {
    return resources("memory", Map.of("limit", bytes));
  }

  public SandboxRequest tasks(int limit) {
    return resources("pids", Map.of("limit", limit));
  }

  private SandboxRequest resources(String name, Map<String, Object> value) {
    spec.put("linux", Map.of("resources", Map.of(name, value)));
    return this;
  }

  public SandboxRequest wallTimeout(int seconds) {
    body.put("wallTimeoutSeconds", seconds);
    return this;
  }

  /** As JSON will have it. */
  public Map<String, Object> body() {
    return body;
  }
}
