package dev.skerry.oci;

import java.util.List;

/**
 * A mount.
 *
 * @param destination absolute and clean: no "..", no doubled or trailing slash
 * @param type one of {@code bind}, {@code proc}, {@code sysfs}, {@code tmpfs}, {@code devpts},
 *     {@code devtmpfs}, {@code cgroup}, {@code cgroup2}
 * @param source a host path for {@code bind}, else of no meaning
 * @param options those that are not "bind" or "rbind", in the order of the spec
 * @param pointer where the spec has it
 */
public record MountSpec(
    String destination, String type, String source, List<String> options, String pointer) {
  public boolean isBind() {
    return type.equals("bind");
  }

  /** Whether the options say read-only; of several "ro" and "rw" the last counts. */
  public boolean readOnly() {
    return options.lastIndexOf("ro") > options.lastIndexOf("rw");
  }
}
