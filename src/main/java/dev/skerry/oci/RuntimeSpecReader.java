package dev.skerry.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the top level of {@code config.json}. */
final class RuntimeSpecReader {
  private static final int MOST_HOST_NAME = 64;

  private RuntimeSpecReader() {}

  static RuntimeSpec read(Fields spec) {
    String version = version(spec);
    Fields process = spec.object("process");
    ProcessSpec checkedProcess;
    if (process == null) {
      spec.error("process", "is required: it says what to run");
      checkedProcess = ProcessReader.NONE;
    } else {
      checkedProcess = ProcessReader.read(process);
    }
    RuntimeSpec.RootSpec root = root(spec.object("root"));
    String hostname = hostName(spec, "hostname");
    String domainname = hostName(spec, "domainname");
    List<MountSpec> mounts = MountReader.readAll(spec.objects("mounts"));
    Map<String, String> annotations = spec.textMap("annotations");
    Fields linux = spec.object("linux");
    LinuxSpec checkedLinux = linux == null ? LinuxSpec.NONE : LinuxReader.read(linux);
    spec.refuse("hooks", "is not supported: hooks would run on the host, outside the sandbox");
    for (String other : List.of("solaris", "windows", "vm", "zos")) {
      spec.refuse(other, "is not supported: a sandbox is Linux in a process");
    }
    spec.end();
    return new RuntimeSpec(
        version, checkedProcess, root, hostname, domainname, mounts, annotations, checkedLinux);
  }

  private static String version(Fields spec) {
    String version = spec.text("ociVersion");
    if (version == null) {
      if (!spec.has("ociVersion")) {
        spec.error("ociVersion", "is required");
      }
      return "";
    }
    if (!version.matches("1\\.[0-9]{1,4}\\.[0-9]{1,4}([-+][0-9A-Za-z.+-]{1,64})?")) {
      spec.error("ociVersion", "must be a version 1.x.y of the runtime spec");
    }
    return version;
  }

  private static RuntimeSpec.RootSpec root(@Nullable Fields root) {
    if (root == null) {
      return new RuntimeSpec.RootSpec(null, false);
    }
    RuntimeSpec.RootSpec checked =
        new RuntimeSpec.RootSpec(root.text("path"), root.flag("readonly"));
    root.end();
    return checked;
  }

  private static String hostName(Fields spec, String name) {
    String value = spec.text(name, "");
    if (value.length() > MOST_HOST_NAME || !value.matches("[0-9A-Za-z_.()-]*")) {
      spec.error(name, "must be at most 64 letters, digits, dots, hyphens and underscores");
    }
    return value;
  }
}
