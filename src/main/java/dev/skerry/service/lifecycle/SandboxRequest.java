package dev.skerry.service.lifecycle;

import dev.skerry.oci.Fields;
import dev.skerry.oci.Problems;
import dev.skerry.oci.RuntimeSpec;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's wish for a sandbox, its fields checked one by one.
 *
 * @param wallTimeoutSeconds from creation to the end; 0 for what is configured, as with {@code
 *     outputLimitBytes}
 * @param rows of the terminal, 0 if not said, as {@code columns}
 */
public record SandboxRequest(
    RuntimeSpec spec,
    RootFs rootfs,
    Map<String, String> labels,
    long wallTimeoutSeconds,
    long outputLimitBytes,
    int rows,
    int columns) {
  private static final int MOST_LABELS = 64;
  private static final int MOST_LABEL = 256;
  private static final long MOST_SECONDS = 366L * 24 * 3600;
  private static final long MOST_OUTPUT = 1L << 40;
  private static final int MOST_TERMINAL_SIZE = 65535;

  /** Reads the parsed body of a request. The result is only good for use without errors. */
  public static SandboxRequest read(@Nullable Object body, Problems problems) {
    Fields fields = Fields.of(body, "", problems);
    Object specification = fields.take("spec");
    RuntimeSpec spec =
        RuntimeSpec.read(specification == null ? Map.of() : specification, "/spec", problems);
    if (specification == null) {
      fields.error("spec", "is required: an OCI runtime spec");
    }
    RootFs rootfs = rootfs(fields, spec);
    Map<String, String> labels = labels(fields);
    long seconds = fields.number("wallTimeoutSeconds", 1, MOST_SECONDS, 0);
    long output = fields.number("outputLimitBytes", 1, MOST_OUTPUT, 0);
    int rows = spec.process().rows();
    int columns = spec.process().columns();
    Fields size = fields.object("terminalSize");
    if (size != null) {
      rows = (int) size.number("rows", 1, MOST_TERMINAL_SIZE, 0);
      columns = (int) size.number("columns", 1, MOST_TERMINAL_SIZE, 0);
      size.end();
      if (!spec.process().terminal()) {
        fields.error("terminalSize", "needs a terminal: set /spec/process/terminal");
      }
    }
    fields.end();
    return new SandboxRequest(spec, rootfs, labels, seconds, output, rows, columns);
  }

  private static RootFs rootfs(Fields fields, RuntimeSpec spec) {
    Fields rootfs = fields.object("rootfs");
    String specPath = spec.root().path();
    if (rootfs == null) {
      if (specPath == null || !specPath.startsWith("/")) {
        fields
            .problems()
            .error("/spec/root/path", "must be an absolute path, since there is no rootfs");
      }
      return new RootFs(RootFs.Type.directory, specPath, false);
    }
    String type = rootfs.text("type", "");
    String path = rootfs.text("path");
    boolean overlay = rootfs.flag("overlay");
    rootfs.end();
    switch (type) {
      case "host" -> {
        if (path != null) {
          rootfs.error("path", "does not go with the type \"host\"");
        }
        if (rootfs.has("overlay") && !overlay) {
          rootfs.error("overlay", "cannot be false: the host's root is always overlaid");
        }
        return new RootFs(RootFs.Type.host, null, true);
      }
      case "directory" -> {
        if (path == null || !path.startsWith("/")) {
          rootfs.error("path", "must be an absolute path");
        }
      }
      default -> rootfs.error("type", "must be \"host\" or \"directory\"");
    }
    return new RootFs(RootFs.Type.directory, path, overlay);
  }

  private static Map<String, String> labels(Fields fields) {
    Map<String, String> labels = fields.textMap("labels");
    if (labels.size() > MOST_LABELS) {
      fields.error("labels", "holds more than " + MOST_LABELS + " labels");
    }
    labels.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.length() > MOST_LABEL || value.length() > MOST_LABEL) {
            fields.error(
                "labels", "holds a name or value that is empty or longer than 256 characters");
          }
        });
    return labels;
  }
}
