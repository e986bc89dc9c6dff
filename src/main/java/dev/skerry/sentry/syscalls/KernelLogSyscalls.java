package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;

/** syslog(2): a kernel without anything to say, and one console that it does not write to. */
final class KernelLogSyscalls {
  private static final int CLOSE = 0;
  private static final int OPEN = 1;
  private static final int READ = 2;
  private static final int READ_ALL = 3;
  private static final int READ_CLEAR = 4;
  private static final int CLEAR = 5;
  private static final int CONSOLE_OFF = 6;
  private static final int CONSOLE_ON = 7;
  private static final int CONSOLE_LEVEL = 8;
  private static final int SIZE_UNREAD = 9;
  private static final int SIZE_BUFFER = 10;

  private static final int MOST_LEVEL = 8;

  /** As with CONFIG_LOG_BUF_SHIFT=17. */
  private static final int BUFFER_BYTES = 1 << 17;

  private KernelLogSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SYSLOG, KernelLogSyscalls::syslog);
  }

  static long syslog(Task task, SyscallArgs args) {
    int type = args.intAt(0);
    int length = args.intAt(2);
    if (!task.credentials().hasCapability(Capability.SYSLOG)) {
      return -Errno.EPERM;
    }
    return switch (type) {
      case CLOSE, OPEN, CLEAR, CONSOLE_OFF, CONSOLE_ON, SIZE_UNREAD -> 0;
      case READ, READ_ALL, READ_CLEAR -> {
        if (args.addressAt(1) == 0 || length < 0) {
          yield -Errno.EINVAL;
        }
        yield type == READ && length > 0 ? new Forever(task).park() : 0;
      }
      case CONSOLE_LEVEL -> length < 1 || length > MOST_LEVEL ? -Errno.EINVAL : 0;
      case SIZE_BUFFER -> BUFFER_BYTES;
      default -> -Errno.EINVAL;
    };
  }

  /** Waits for a message, until a signal comes. */
  private static final class Forever extends Wait {
    Forever(Task task) {
      super(task);
    }

    @Override
    protected long attempt() {
      return Results.NOT_YET;
    }
  }
}
