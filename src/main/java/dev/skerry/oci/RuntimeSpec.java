package dev.skerry.oci;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code config.json} that was checked. Names and units are the runtime spec's.
 *
 * @param hostname empty if the spec names none, as is {@code domainname}
 * @param mounts in the order of the spec, without those that are ignored
 */
public record RuntimeSpec(
    String ociVersion,
    ProcessSpec process,
    RootSpec root,
    String hostname,
    String domainname,
    List<MountSpec> mounts,
    Map<String, String> annotations,
    LinuxSpec linux) {

  /**
   * @param path null if the spec has none
   */
  public record RootSpec(@Nullable String path, boolean readonly) {}

  /**
   * Reads a whole spec. The result is only good for use when {@code problems} has no errors.
   *
   * @param value the parsed JSON text
   * @param pointer of the spec in the document that holds it; empty if it is the document
   */
  public static RuntimeSpec read(@Nullable Object value, String pointer, Problems problems) {
    return RuntimeSpecReader.read(Fields.of(value, pointer, problems));
  }
}
