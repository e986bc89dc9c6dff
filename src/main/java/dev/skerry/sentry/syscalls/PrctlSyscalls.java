package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.seccomp.CallFilter;

/** prctl(2): operations on the calling process or thread. */
final class PrctlSyscalls {
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_GET_PDEATHSIG = 2;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_GET_KEEPCAPS = 7;
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_GET_TIMING = 13;
  private static final int PR_SET_TIMING = 14;
  private static final int PR_SET_NAME = 15;
  private static final int PR_GET_NAME = 16;
  private static final int PR_GET_SECCOMP = 21;
  private static final int PR_SET_SECCOMP = 22;
  private static final int PR_CAPBSET_READ = 23;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_GET_TSC = 25;
  private static final int PR_SET_TSC = 26;
  private static final int PR_GET_SPECULATION_CTRL = 52;
  private static final int PR_SET_SPECULATION_CTRL = 53;
  private static final int PR_SPEC_L1D_FLUSH = 2;
  private static final int PR_GET_SECUREBITS = 27;
  private static final int PR_SET_SECUREBITS = 28;
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int PR_GET_TIMERSLACK = 30;
  private static final int PR_SET_MM = 35;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int PR_GET_CHILD_SUBREAPER = 37;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_GET_NO_NEW_PRIVS = 39;
  private static final int PR_GET_TID_ADDRESS = 40;
  private static final int PR_SET_THP_DISABLE = 41;
  private static final int PR_GET_THP_DISABLE = 42;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_SET_PTRACER = 0x59616d61;

  private static final int PR_CAP_AMBIENT_IS_SET = 1;
  private static final int PR_CAP_AMBIENT_RAISE = 2;
  private static final int PR_CAP_AMBIENT_LOWER = 3;
  private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;

  private static final int NAME_SIZE = 16;
  private static final int SECUREBITS_KNOWN = 0xff;

  private PrctlSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(Syscall.PRCTL, PrctlSyscalls::prctl, "what concerns MM and VMA names is refused");
  }

  static long prctl(Task task, SyscallArgs args) throws ErrnoException {
    long value = args.longAt(1);
    return switch (args.intAt(0)) {
      case PR_SET_PDEATHSIG -> setParentDeathSignal(task, value);
      case PR_GET_PDEATHSIG -> storeInt(task, value, task.parentDeathSignal());
      case PR_GET_DUMPABLE -> task.isDumpable() ? 1 : 0;
      case PR_SET_DUMPABLE -> setDumpable(task, value);
      case PR_GET_TIMING -> 0;
      case PR_SET_TIMING -> value == 0 ? 0 : -Errno.EINVAL;
      case PR_GET_THP_DISABLE -> value == 0 && isPlain(args) ? 0 : -Errno.EINVAL;
      case PR_GET_SECCOMP -> CallFilter.mode(task.callFilter());
      case PR_SET_SECCOMP -> SeccompSyscalls.setMode(task, value, args.addressAt(2));
      case PR_SET_NAME -> setName(task, value);
      case PR_GET_NAME -> getName(task, value);
      // The host does it for the thread alone, and tells it where the thread itself could write.
      case PR_GET_TSC, PR_SET_TSC, PR_GET_SPECULATION_CTRL -> Results.CONTINUE;
      case PR_SET_SPECULATION_CTRL -> value == PR_SPEC_L1D_FLUSH ? -Errno.EPERM : Results.CONTINUE;
      case PR_SET_TIMERSLACK -> {
        task.setSettings(task.settings().withTimerSlack(value));
        yield 0;
      }
      case PR_GET_TIMERSLACK -> task.settings().timerSlack();
      case PR_SET_MM -> -Errno.EPERM;
      case PR_SET_CHILD_SUBREAPER -> {
        task.group().setSubreaper(value != 0);
        yield 0;
      }
      case PR_GET_CHILD_SUBREAPER -> storeInt(task, value, task.group().isSubreaper() ? 1 : 0);
      case PR_GET_TID_ADDRESS -> {
        task.memory().writeLong(value, task.clearChildTid());
        yield 0;
      }
      case PR_SET_THP_DISABLE -> isPlain(args) ? 0 : -Errno.EINVAL;
      case PR_SET_PTRACER -> 0;
      default -> privileges(task, args);
    };
  }

  private static long privileges(Task task, SyscallArgs args) {
    long value = args.longAt(1);
    Credentials credentials = task.credentials();
    return switch (args.intAt(0)) {
      case PR_GET_KEEPCAPS ->
          (credentials.securebits() & Credentials.SECBIT_KEEP_CAPS) != 0 ? 1 : 0;
      case PR_SET_KEEPCAPS -> setKeepCapabilities(task, value);
      case PR_CAPBSET_READ ->
          isCapability(value) ? (credentials.bounding() >>> value) & 1 : -Errno.EINVAL;
      case PR_CAPBSET_DROP -> dropBounding(task, value);
      case PR_GET_SECUREBITS -> credentials.securebits();
      case PR_SET_SECUREBITS -> setSecurebits(task, value);
      case PR_SET_NO_NEW_PRIVS -> {
        if (value != 1 || args.longAt(2) != 0 || args.longAt(3) != 0 || args.longAt(4) != 0) {
          yield -Errno.EINVAL;
        }
        task.setCredentials(credentials.withNoNewPrivileges());
        yield 0;
      }
      case PR_GET_NO_NEW_PRIVS -> {
        boolean plain = value == 0 && args.longAt(2) == 0 && args.longAt(3) == 0;
        yield plain ? (credentials.noNewPrivileges() ? 1 : 0) : -Errno.EINVAL;
      }
      case PR_CAP_AMBIENT -> ambient(task, args);
      default -> {
        task.kernel().dispatcher().note(task, Syscall.PRCTL, "option " + args.intAt(0));
        yield -Errno.EINVAL;
      }
    };
  }

  /** Whether the arguments from the third on are zero. */
  private static boolean isPlain(SyscallArgs args) {
    return args.longAt(2) == 0 && args.longAt(3) == 0 && args.longAt(4) == 0;
  }

  private static long storeInt(Task task, long address, int value) {
    return task.memory().storeInt(address, value);
  }

  private static long setParentDeathSignal(Task task, long signal) {
    if (signal < 0 || signal > Signal.MAX) {
      return -Errno.EINVAL;
    }
    task.setParentDeathSignal((int) signal);
    return 0;
  }

  private static long setDumpable(Task task, long value) {
    if (value != 0 && value != 1) {
      return -Errno.EINVAL;
    }
    task.setDumpable(value == 1);
    return 0;
  }

  private static long setName(Task task, long address) throws ErrnoException {
    byte[] bytes = new byte[NAME_SIZE];
    int length = task.memory().copyInPartly(address, bytes, 0, NAME_SIZE - 1);
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < length && bytes[i] != 0; i++) {
      name.append((char) (bytes[i] & 0xff));
    }
    if (length < NAME_SIZE - 1 && name.length() == length) {
      return -Errno.EFAULT;
    }
    task.setComm(name.toString());
    return 0;
  }

  private static long getName(Task task, long address) throws ErrnoException {
    new StructWriter(NAME_SIZE)
        .putString(0, NAME_SIZE, task.comm())
        .copyOut(task.memory(), address);
    return 0;
  }

  private static boolean isCapability(long number) {
    return number >= 0 && number <= Capability.CHECKPOINT_RESTORE;
  }

  private static long setKeepCapabilities(Task task, long value) {
    if (value != 0 && value != 1) {
      return -Errno.EINVAL;
    }
    Credentials credentials = task.credentials();
    int bits = credentials.securebits();
    if ((bits & (Credentials.SECBIT_KEEP_CAPS << 1)) != 0) {
      return -Errno.EPERM;
    }
    int without = bits & ~Credentials.SECBIT_KEEP_CAPS;
    task.setCredentials(
        credentials.withSecurebits(value == 1 ? bits | Credentials.SECBIT_KEEP_CAPS : without));
    return 0;
  }

  private static long dropBounding(Task task, long capability) {
    Credentials credentials = task.credentials();
    if (!credentials.hasOwnCapability(Capability.SETPCAP)) {
      return -Errno.EPERM;
    }
    if (!isCapability(capability)) {
      return -Errno.EINVAL;
    }
    task.setCredentials(
        credentials.withCapabilities(
            credentials.permitted(),
            credentials.effective(),
            credentials.inheritable(),
            credentials.bounding() & ~(1L << capability),
            credentials.ambient()));
    return 0;
  }

  /** Each bit has a lock beside it, one place higher (capabilities(7)). */
  private static long setSecurebits(Task task, long value) {
    Credentials credentials = task.credentials();
    int old = credentials.securebits();
    int locks = old & 0xaa;
    boolean touchesLocked = ((value ^ old) & (locks >> 1)) != 0;
    boolean unlocks = (locks & ~value) != 0;
    if (touchesLocked
        || unlocks
        || (value & ~SECUREBITS_KNOWN) != 0
        || !credentials.hasOwnCapability(Capability.SETPCAP)) {
      return -Errno.EPERM;
    }
    task.setCredentials(credentials.withSecurebits((int) value));
    return 0;
  }

  private static long ambient(Task task, SyscallArgs args) {
    int operation = args.intAt(1);
    long number = args.longAt(2);
    Credentials credentials = task.credentials();
    if (args.longAt(3) != 0 || args.longAt(4) != 0) {
      return -Errno.EINVAL;
    }
    if (operation == PR_CAP_AMBIENT_CLEAR_ALL) {
      return number != 0 ? -Errno.EINVAL : setAmbient(task, 0);
    }
    if (!isCapability(number)) {
      return -Errno.EINVAL;
    }
    long bit = 1L << number;
    return switch (operation) {
      case PR_CAP_AMBIENT_IS_SET -> (credentials.ambient() & bit) != 0 ? 1 : 0;
      case PR_CAP_AMBIENT_RAISE -> {
        boolean allowed =
            (credentials.permitted() & credentials.inheritable() & bit) != 0
                && (credentials.securebits() & Credentials.SECBIT_NO_CAP_AMBIENT_RAISE) == 0;
        yield allowed ? setAmbient(task, credentials.ambient() | bit) : -Errno.EPERM;
      }
      case PR_CAP_AMBIENT_LOWER -> setAmbient(task, credentials.ambient() & ~bit);
      default -> -Errno.EINVAL;
    };
  }

  private static long setAmbient(Task task, long set) {
    Credentials credentials = task.credentials();
    task.setCredentials(
        credentials.withCapabilities(
            credentials.permitted(),
            credentials.effective(),
            credentials.inheritable(),
            credentials.bounding(),
            set));
    return 0;
  }
}
