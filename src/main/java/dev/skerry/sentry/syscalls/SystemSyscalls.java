package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.UtsNamespace;

/** The system as a whole: names, figures, randomness. */
final class SystemSyscalls {
  private static final int NAME_SIZE = 65;
  private static final int SYSINFO_SIZE = 112;

  /** Loads are numbers of fixed point (SI_LOAD_SHIFT). */
  private static final int LOAD_UNIT = 1 << 16;

  private static final int NANOS = 1_000_000_000;
  private static final int GRND_NONBLOCK = 1;
  private static final int GRND_RANDOM = 2;
  private static final int GRND_INSECURE = 4;

  private SystemSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.UNAME, SystemSyscalls::uname);
    table.supported(Syscall.SETHOSTNAME, SystemSyscalls::sethostname);
    table.supported(Syscall.SETDOMAINNAME, SystemSyscalls::setdomainname);
    table.supported(Syscall.SYSINFO, SystemSyscalls::sysinfo);
    table.supported(Syscall.GETRANDOM, SystemSyscalls::getrandom);
  }

  static long uname(Task task, SyscallArgs args) throws ErrnoException {
    UtsNamespace uts = task.namespaces().uts();
    String[] names = {
      UtsNamespace.SYSNAME,
      uts.hostName(),
      UtsNamespace.RELEASE,
      UtsNamespace.VERSION,
      UtsNamespace.MACHINE,
      uts.domainName(),
    };
    StructWriter out = new StructWriter(names.length * NAME_SIZE);
    for (int i = 0; i < names.length; i++) {
      out.putString(i * NAME_SIZE, NAME_SIZE, names[i]);
    }
    out.copyOut(task.memory(), args.addressAt(0));
    return 0;
  }

  private static String newName(Task task, SyscallArgs args) throws ErrnoException {
    int length = args.intAt(1);
    UserNamespace owner = task.namespaces().uts().owner();
    if (!task.credentials().hasCapability(owner, Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (length < 0 || length >= NAME_SIZE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    byte[] bytes = task.memory().readBytes(args.addressAt(0), length);
    StringBuilder name = new StringBuilder();
    for (byte one : bytes) {
      name.append((char) (one & 0xff));
    }
    return name.toString();
  }

  static long sethostname(Task task, SyscallArgs args) throws ErrnoException {
    task.namespaces().uts().setHostName(newName(task, args));
    return 0;
  }

  static long setdomainname(Task task, SyscallArgs args) throws ErrnoException {
    task.namespaces().uts().setDomainName(newName(task, args));
    return 0;
  }

  static long sysinfo(Task task, SyscallArgs args) throws ErrnoException {
    long memory = task.kernel().memoryBytes();
    double[] loads = task.kernel().usage().loadAverages();
    new StructWriter(SYSINFO_SIZE)
        .putLong(0, (task.kernel().uptime(task.namespaces().time()) + NANOS - 1) / NANOS)
        .putLong(8, (long) (loads[0] * LOAD_UNIT))
        .putLong(16, (long) (loads[1] * LOAD_UNIT))
        .putLong(24, (long) (loads[2] * LOAD_UNIT))
        .putLong(32, memory)
        .putLong(40, Math.max(0, memory - task.kernel().usage().memoryBytes()))
        .putShort(80, task.kernel().tasks().liveCount())
        .putInt(104, 1)
        .copyOut(task.memory(), args.addressAt(0));
    return 0;
  }

  /** The host writes through the pointer as the thread itself could; nothing is read there. */
  static long getrandom(Task task, SyscallArgs args) {
    int flags = args.intAt(2);
    boolean both = (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE);
    if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0 || both) {
      return -Errno.EINVAL;
    }
    return Results.CONTINUE;
  }
}
