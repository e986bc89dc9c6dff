package dev.skerry.gofer;

import java.util.ArrayList;
import java.util.List;

/**
 * The command line that the launcher made.
 *
 * @param channels how many, from descriptor {@link #FIRST_CHANNEL} on
 * @param self descriptor of the directory of the gofer's own descriptors
 * @param mounts in the order of their numbers
 */
record Arguments(int channels, int self, List<MountPoint> mounts) {
  static final int FIRST_CHANNEL = 3;

  private static final int MOST_CHANNELS = 8;

  /**
   * @throws IllegalArgumentException if an argument is wrong or missing
   */
  static Arguments parse(String[] arguments) {
    int channels = 0;
    int self = -1;
    List<MountPoint> mounts = new ArrayList<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      String value = arguments[i + 1];
      switch (arguments[i]) {
        case "--channels" -> channels = Integer.parseInt(value);
        case "--self" -> self = Integer.parseInt(value);
        case "--mount" -> mounts.add(parseMount(value));
        default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
      }
    }
    if (arguments.length % 2 != 0) {
      throw new IllegalArgumentException("an option has no value");
    }
    if (channels < 1 || channels > MOST_CHANNELS || self < 0 || mounts.isEmpty()) {
      throw new IllegalArgumentException("channels, self or a mount is missing");
    }
    return new Arguments(channels, self, mounts);
  }

  private static MountPoint parseMount(String value) {
    boolean writable = value.endsWith(":rw");
    if (!writable && !value.endsWith(":ro")) {
      throw new IllegalArgumentException("a mount is not FD:rw or FD:ro");
    }
    return new MountPoint(Integer.parseInt(value.substring(0, value.length() - 3)), writable);
  }
}
