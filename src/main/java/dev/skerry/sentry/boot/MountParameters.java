package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.fs.tmpfs.TmpfsOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of the file systems that a guest may mount. Linux: their struct fs_parameter_spec.
 */
final class MountParameters {
  /** Options that every file system takes. */
  private static final Set<String> COMMON =
      Set.of(
          "async",
          "dirsync",
          "lazytime",
          "mand",
          "nolazytime",
          "nomand",
          "ro",
          "rw",
          "source",
          "sync");

  /** What a tmpfs acts upon; the others of Linux's change nothing that can be seen here. */
  private static final Set<String> OF_TMPFS =
      Set.of("gid", "mode", "nr_blocks", "nr_inodes", "size", "uid");

  private static final Set<String> HUGE = Set.of("always", "advise", "never", "within_size");
  private static final Set<String> OVERLAY_FLAGS = Set.of("userxattr", "volatile");
  private static final Set<String> ON_OFF = Set.of("on", "off");

  /** Names by type: with a value, and without. */
  private static final Map<String, Set<String>> VALUES =
      Map.of(
          "tmpfs", Set.of("gid", "huge", "mode", "mpol", "nr_blocks", "nr_inodes", "size", "uid"),
          "overlay",
              Set.of(
                  "index",
                  "lowerdir",
                  "lowerdir+",
                  "metacopy",
                  "redirect_dir",
                  "upperdir",
                  "workdir",
                  "xino"),
          "devpts", Set.of("gid", "max", "mode", "ptmxmode", "uid"),
          "proc", Set.of("gid", "hidepid", "subset"));

  private static final Map<String, Set<String>> FLAGS =
      Map.of(
          "tmpfs", Set.of("inode32", "inode64", "noswap"),
          "overlay", OVERLAY_FLAGS,
          "devpts", Set.of("newinstance"));

  private MountParameters() {}

  static boolean isKnown(String type, String key) {
    return has(VALUES, type, key) || has(FLAGS, type, key);
  }

  private static boolean has(Map<String, Set<String>> names, String type, String key) {
    Set<String> known = names.get(type);
    return known != null && known.contains(key);
  }

  /** What is wrong with an option that is known; null if nothing is. */
  static @Nullable String wrong(
      String type, String key, @Nullable String value, Credentials maker) {
    if (has(FLAGS, type, key)) {
      return value == null ? null : "Unexpected value for '" + key + "'";
    }
    if (value == null || !fits(type, key, value, maker)) {
      return "Bad value for '" + key + "'";
    }
    return type.equals("proc") ? wrongOfProc(key, value) : null;
  }

  private static boolean fits(String type, String key, String value, Credentials maker) {
    return switch (type) {
      case "tmpfs" -> isOfTmpfs(key, value, maker);
      case "devpts" -> isNumber(value, key.endsWith("mode") ? 8 : 10);
      case "overlay" -> isOfOverlay(key, value);
      default -> true;
    };
  }

  private static boolean isOfTmpfs(String key, String value, Credentials maker) {
    switch (key) {
      case "huge" -> {
        return HUGE.contains(value);
      }
      case "mpol" -> {
        String mode = value.split("[=:]", 2)[0];
        return Set.of("default", "prefer", "bind", "interleave", "local").contains(mode);
      }
      default -> {
        try {
          TmpfsOptions.parse(key + "=" + value, 1L << 30, new ArrayList<>(), maker);
          return true;
        } catch (ErrnoException e) {
          return false;
        }
      }
    }
  }

  private static boolean isOfOverlay(String key, String value) {
    return switch (key) {
      case "index", "metacopy" -> ON_OFF.contains(value);
      case "redirect_dir" ->
          ON_OFF.contains(value) || value.equals("follow") || value.equals("nofollow");
      case "xino" -> ON_OFF.contains(value) || value.equals("auto");
      default -> true;
    };
  }

  private static @Nullable String wrongOfProc(String key, String value) {
    return switch (key) {
      case "hidepid" -> {
        Set<String> known =
            Set.of("0", "1", "2", "4", "off", "noaccess", "invisible", "ptraceable");
        yield known.contains(value) ? null : "unknown value of hidepid - " + value + "\n";
      }
      case "subset" -> value.equals("pid") ? null : "unsupported subset option - " + value + "\n";
      default -> isNumber(value, 10) ? null : "Bad value for '" + key + "'";
    };
  }

  private static boolean isNumber(String digits, int radix) {
    try {
      return Long.parseLong(digits, radix) >= 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Options of mount(2) with only those left that a tmpfs acts upon.
   *
   * @throws ErrnoException EINVAL for one that is not known, or makes no sense
   */
  static String checked(String type, String data, Credentials maker) throws ErrnoException {
    List<String> kept = new ArrayList<>();
    for (String option : data.split(",")) {
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      String value = equals < 0 ? null : option.substring(equals + 1);
      if (key.isEmpty() || COMMON.contains(key)) {
        continue;
      }
      if (!isKnown(type, key) || wrong(type, key, value, maker) != null) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      if (OF_TMPFS.contains(key)) {
        kept.add(option);
      }
    }
    return String.join(",", kept);
  }
}
