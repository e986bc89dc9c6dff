package dev.skerry.oci;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code process}. */
final class ProcessReader {
  /** The highest user or group id; the one above means "no change" (setuid(2)). */
  private static final long MOST_ID = 0xfffffffeL;

  private static final int MOST_TERMINAL_SIZE = 65535;
  private static final int DEFAULT_UMASK = 0022;

  private static final ProcessSpec.CapabilitySets NO_CAPABILITIES =
      new ProcessSpec.CapabilitySets(0, 0, 0, 0, 0);

  static final ProcessSpec NONE =
      new ProcessSpec(
          false,
          0,
          0,
          List.of(),
          List.of(),
          "/",
          new ProcessSpec.UserSpec(0, 0, DEFAULT_UMASK, List.of()),
          NO_CAPABILITIES,
          List.of(),
          false,
          0);

  private ProcessReader() {}

  static ProcessSpec read(Fields process) {
    boolean terminal = process.flag("terminal");
    Fields size = process.object("consoleSize");
    int rows = 0;
    int columns = 0;
    if (size != null) {
      rows = (int) size.number("height", 0, MOST_TERMINAL_SIZE, 0);
      columns = (int) size.number("width", 0, MOST_TERMINAL_SIZE, 0);
      size.end();
      if (!terminal) {
        process.warn("consoleSize", "ignored: there is no terminal");
      }
    }
    ProcessSpec checked =
        new ProcessSpec(
            terminal,
            rows,
            columns,
            arguments(process),
            environment(process),
            workingDirectory(process),
            user(process.object("user")),
            capabilities(process.object("capabilities")),
            rlimits(process.objects("rlimits")),
            process.flag("noNewPrivileges"),
            (int) process.number("oomScoreAdj", -1000, 1000, 0));
    refuseOthers(process);
    process.end();
    return checked;
  }

  private static void refuseOthers(Fields process) {
    process.refuse("commandLine", "is for Windows only");
    process.refuse("apparmorProfile", "is not supported: no AppArmor acts inside a sandbox");
    process.refuse("selinuxLabel", "is not supported: no SELinux acts inside a sandbox");
    process.refuse("scheduler", "is not supported");
    process.refuse("ioPriority", "is not supported");
    process.refuse("execCPUAffinity", "is not supported");
  }

  private static List<String> arguments(Fields process) {
    List<String> args = process.texts("args");
    if (args.isEmpty()) {
      process.error("args", "must name a program at least");
    } else if (args.getFirst().isEmpty()) {
      process.problems().error(process.pointer("args") + "/0", "must not be empty");
    }
    return args;
  }

  private static List<String> environment(Fields process) {
    List<String> env = process.texts("env");
    for (int i = 0; i < env.size(); i++) {
      if (env.get(i).indexOf('=') < 1) {
        process.problems().error(process.pointer("env") + "/" + i, "must be NAME=VALUE");
      }
    }
    return env;
  }

  private static String workingDirectory(Fields process) {
    String cwd = process.text("cwd", "/");
    if (!cwd.startsWith("/")) {
      process.error("cwd", "must be an absolute path");
    } else if (Fields.bytes(cwd) > MountReader.MOST_PATH) {
      process.error("cwd", "is longer than a path may be");
    }
    return cwd;
  }

  private static ProcessSpec.UserSpec user(@Nullable Fields user) {
    if (user == null) {
      return NONE.user();
    }
    long uid = user.number("uid", 0, MOST_ID, 0);
    long gid = user.number("gid", 0, MOST_ID, 0);
    int umask = (int) user.number("umask", 0, 0777, DEFAULT_UMASK);
    List<Long> groups = new ArrayList<>();
    List<?> items = user.items("additionalGids");
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Number number && isId(number)) {
        groups.add(number.longValue());
      } else {
        user.problems()
            .error(user.pointer("additionalGids") + "/" + i, "must be from 0 to " + MOST_ID);
      }
    }
    user.refuse("username", "is for Windows only; use uid and gid");
    user.end();
    return new ProcessSpec.UserSpec(uid, gid, umask, groups);
  }

  private static boolean isId(Number number) {
    return (number instanceof Integer || number instanceof Long)
        && number.longValue() >= 0
        && number.longValue() <= MOST_ID;
  }

  private static ProcessSpec.CapabilitySets capabilities(@Nullable Fields fields) {
    if (fields == null) {
      return NO_CAPABILITIES;
    }
    ProcessSpec.CapabilitySets sets =
        new ProcessSpec.CapabilitySets(
            mask(fields, "bounding"),
            mask(fields, "effective"),
            mask(fields, "inheritable"),
            mask(fields, "permitted"),
            mask(fields, "ambient"));
    if ((sets.effective() & ~sets.permitted()) != 0) {
      fields.error("effective", "holds a capability that is not permitted");
    }
    if ((sets.ambient() & ~(sets.permitted() & sets.inheritable())) != 0) {
      fields.error("ambient", "holds a capability that is not both permitted and inheritable");
    }
    fields.end();
    return sets;
  }

  private static long mask(Fields fields, String name) {
    long mask = 0;
    List<String> names = fields.texts(name);
    for (int i = 0; i < names.size(); i++) {
      int number = CapabilityNames.number(names.get(i));
      if (number < 0) {
        fields.problems().error(fields.pointer(name) + "/" + i, "is no capability");
      } else {
        mask |= 1L << number;
      }
    }
    return mask;
  }

  private static List<ProcessSpec.RlimitSpec> rlimits(List<Fields> items) {
    List<ProcessSpec.RlimitSpec> limits = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (Fields item : items) {
      String type = item.text("type", "");
      int resource = RlimitNames.number(type);
      if (resource < 0) {
        item.error("type", type.isEmpty() ? "is required" : "is no resource limit of Linux");
      } else if (!seen.add(resource)) {
        item.error("type", "is there twice");
      }
      long soft = item.unsigned("soft");
      long hard = item.unsigned("hard");
      if (Long.compareUnsigned(soft, hard) > 0) {
        item.error("soft", "is more than hard");
      }
      item.end();
      limits.add(new ProcessSpec.RlimitSpec(resource, soft, hard));
    }
    return limits;
  }
}
