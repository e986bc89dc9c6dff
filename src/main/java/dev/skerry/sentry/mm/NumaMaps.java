package dev.skerry.sentry.mm;

import java.util.HashMap;
import java.util.Map;

/**
 * Turns the host's numa_maps into the guest's (proc_pid_numa_maps(5)): files get the guest's names,
 * the stub is left out.
 */
final class NumaMaps {
  private static final String FILE = "file=";

  private NumaMaps() {}

  /**
   * @param maps the guest's mappings, as /proc/PID/maps lists them
   * @param usual the policy of what has none of its own
   */
  static String translate(String host, String maps, MemoryPolicies policies, MemoryPolicy usual) {
    Map<String, String> names = names(maps);
    StringBuilder out = new StringBuilder(host.length());
    for (String line : host.split("\n")) {
      int space = line.indexOf(' ');
      String name = space < 0 ? null : names.get(line.substring(0, space));
      if (name == null) {
        continue;
      }
      MemoryPolicy own = policies.at(Long.parseUnsignedLong(line, 0, space, 16));
      out.append(line, 0, space + 1).append((own == null ? usual : own).text());
      int rest = line.indexOf(' ', space + 1);
      if (rest < 0) {
        out.append('\n');
        continue;
      }
      int file = line.indexOf(FILE);
      if (file < 0) {
        out.append(line, rest, line.length()).append('\n');
        continue;
      }
      int end = line.indexOf(' ', file);
      out.append(line, rest, file);
      if (name.startsWith("/")) {
        out.append(FILE).append(escaped(name));
      } else {
        out.setLength(out.length() - 1);
      }
      out.append(end < 0 ? "" : line.substring(end)).append('\n');
    }
    return out.toString();
  }

  /** The name of each mapping by where it starts; empty for one without. */
  private static Map<String, String> names(String maps) {
    Map<String, String> names = new HashMap<>();
    for (String line : maps.split("\n")) {
      int dash = line.indexOf('-');
      if (dash > 0) {
        // Address, rights, offset, device, inode, name.
        String[] fields = line.split(" +", 6);
        names.put(line.substring(0, dash), fields.length < 6 ? "" : fields[5]);
      }
    }
    return names;
  }

  /** As seq_file_path() does with "\n\t= ". */
  private static String escaped(String name) {
    return name.replace("\n", "\\012")
        .replace("\t", "\\011")
        .replace("=", "\\075")
        .replace(" ", "\\040");
  }
}
