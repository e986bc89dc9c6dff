package dev.skerry.sentry.loader;

import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.vfs.PathNames;
import dev.skerry.sentry.vfs.VfsPath;

/** What a core file is called (core(5)). Linux: format_corename() of fs/coredump.c. */
final class CorePattern {
  private static final long SECOND = 1_000_000_000L;

  private final Task task;
  private final SigInfo reason;
  private final StringBuilder out = new StringBuilder();
  private boolean namesProcess;

  private CorePattern(Task task, SigInfo reason) {
    this.task = task;
    this.reason = reason;
  }

  static String name(Task task, SigInfo reason) {
    return new CorePattern(task, reason).expand();
  }

  private String expand() {
    SysctlValues settings = SysctlValues.SYSTEM;
    String pattern = settings.word(Sysctl.CORE_PATTERN);
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c != '%') {
        out.append(c);
      } else if (i + 1 < pattern.length()) {
        i++;
        value(pattern.charAt(i));
      }
    }
    if (!namesProcess && settings.get(Sysctl.CORE_USES_PID) != 0) {
      out.append('.').append(task.pidNamespace().number(task.group()));
    }
    return out.toString();
  }

  /** Letters that mean nothing are left out. */
  private void value(char letter) {
    PidNamespace pids = task.pidNamespace();
    switch (letter) {
      case '%' -> out.append('%');
      case 'p' -> {
        namesProcess = true;
        out.append(pids.number(task.group()));
      }
      case 'P' -> out.append(task.group().tgid());
      case 'i' -> out.append(pids.number(task));
      case 'I' -> out.append(task.tid());
      case 'u' -> out.append(Integer.toUnsignedString(task.credentials().uid()));
      case 'g' -> out.append(Integer.toUnsignedString(task.credentials().gid()));
      case 'd' -> out.append(task.isDumpable() ? '1' : '0');
      case 's' -> out.append(reason.signal());
      case 't' -> out.append(task.kernel().clock().realtime() / SECOND);
      case 'h' -> escaped(task.namespaces().uts().hostName());
      case 'e' -> escaped(task.comm());
      case 'f' -> {
        String path = executable();
        escaped(path.substring(path.lastIndexOf('/') + 1));
      }
      case 'E' -> escaped(executable());
      case 'c' -> out.append(Long.toUnsignedString(task.group().limits().soft(Rlimits.CORE)));
      default -> {}
    }
  }

  private String executable() {
    VfsPath path = task.mm().executable();
    return path == null ? task.comm() : PathNames.ofOpenFile(path);
  }

  /** A name in a path: slashes become exclamation marks, and it leads nowhere else. */
  private void escaped(String name) {
    String safe = name.replace('/', '!');
    out.append(safe.equals(".") || safe.equals("..") ? safe.replace('.', '!') : safe);
  }
}
