package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.AlternateStack;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.SignalAction;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;

/** Signals. */
final class SignalSyscalls {
  private static final int SIGSET_SIZE = 8;
  private static final int ACTION_SIZE = 32;
  private static final int SIG_BLOCK = 0;
  private static final int SIG_UNBLOCK = 1;
  private static final int SIG_SETMASK = 2;
  private static final long MINSIGSTKSZ = 2048;
  private static final int NANOS = 1_000_000_000;

  private static final int PIDFD_SIGNAL_THREAD = 1;
  private static final int PIDFD_SIGNAL_PROCESS_GROUP = 4;

  /** The two, and PIDFD_SIGNAL_THREAD_GROUP, which is the usual case. */
  private static final int PIDFD_SIGNAL_FLAGS = 7;

  private SignalSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.RT_SIGACTION, SignalSyscalls::rt_sigaction);
    table.supported(Syscall.RT_SIGPROCMASK, SignalSyscalls::rt_sigprocmask);
    table.supported(Syscall.RT_SIGRETURN, SignalSyscalls::rt_sigreturn);
    table.supported(Syscall.RT_SIGPENDING, SignalSyscalls::rt_sigpending);
    table.supported(Syscall.RT_SIGTIMEDWAIT, SignalSyscalls::rt_sigtimedwait);
    table.supported(Syscall.RT_SIGQUEUEINFO, SignalSyscalls::rt_sigqueueinfo);
    table.supported(Syscall.RT_TGSIGQUEUEINFO, SignalSyscalls::rt_tgsigqueueinfo);
    table.supported(Syscall.RT_SIGSUSPEND, SignalSyscalls::rt_sigsuspend);
    table.supported(Syscall.SIGALTSTACK, SignalSyscalls::sigaltstack);
    table.supported(Syscall.KILL, SignalSyscalls::kill);
    table.supported(Syscall.TKILL, SignalSyscalls::tkill);
    table.supported(Syscall.TGKILL, SignalSyscalls::tgkill);
    table.supported(Syscall.PAUSE, SignalSyscalls::pause);
    table.supported(Syscall.RESTART_SYSCALL, SignalSyscalls::restart_syscall);
    table.supported(Syscall.PIDFD_SEND_SIGNAL, SignalSyscalls::pidfd_send_signal);
  }

  static long rt_sigaction(Task task, SyscallArgs args) throws ErrnoException {
    int signal = args.intAt(0);
    long newAddress = args.addressAt(1);
    long oldAddress = args.addressAt(2);
    if (args.longAt(3) != SIGSET_SIZE || !Signal.isValid(signal)) {
      return -Errno.EINVAL;
    }
    UserMemory memory = task.memory();
    SignalAction before;
    if (newAddress != 0) {
      if ((Signal.bit(signal) & Signal.UNSTOPPABLE) != 0) {
        return -Errno.EINVAL;
      }
      StructReader in = new StructReader(memory.readBytes(newAddress, ACTION_SIZE));
      before =
          SignalControl.setAction(
              task,
              signal,
              new SignalAction(
                  in.longAt(0),
                  in.longAt(8) & SignalAction.KNOWN_FLAGS,
                  in.longAt(16),
                  in.longAt(24) & ~Signal.UNSTOPPABLE));
    } else {
      before = SignalControl.action(task, signal);
    }
    if (oldAddress != 0) {
      new StructWriter(ACTION_SIZE)
          .putLong(0, before.handler())
          .putLong(8, before.flags())
          .putLong(16, before.restorer())
          .putLong(24, before.mask())
          .copyOut(memory, oldAddress);
    }
    return 0;
  }

  static long rt_sigprocmask(Task task, SyscallArgs args) throws ErrnoException {
    long newAddress = args.addressAt(1);
    long oldAddress = args.addressAt(2);
    if (args.longAt(3) != SIGSET_SIZE) {
      return -Errno.EINVAL;
    }
    long before = SignalControl.mask(task);
    if (newAddress != 0) {
      long set = task.memory().readLong(newAddress);
      switch (args.intAt(0)) {
        case SIG_BLOCK -> SignalControl.setMask(task, before | set);
        case SIG_UNBLOCK -> SignalControl.setMask(task, before & ~set);
        case SIG_SETMASK -> SignalControl.setMask(task, set);
        default -> {
          return -Errno.EINVAL;
        }
      }
    }
    if (oldAddress != 0) {
      task.memory().writeLong(oldAddress, before);
    }
    return 0;
  }

  static long rt_sigreturn(Task task, SyscallArgs args) {
    AlternateStack stack = new AlternateStack(args.addressAt(1), args.intAt(2), args.longAt(3));
    return SignalControl.sigreturn(task, args.longAt(0), stack);
  }

  static long rt_sigpending(Task task, SyscallArgs args) throws ErrnoException {
    if (Long.compareUnsigned(args.longAt(1), SIGSET_SIZE) > 0) {
      return -Errno.EINVAL;
    }
    long set = SignalControl.pending(task) & SignalControl.mask(task);
    byte[] bytes = new byte[(int) args.longAt(1)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (set >>> (8 * i));
    }
    task.memory().writeBytes(args.addressAt(0), bytes);
    return 0;
  }

  static long rt_sigtimedwait(Task task, SyscallArgs args) throws ErrnoException {
    if (args.longAt(3) != SIGSET_SIZE) {
      return -Errno.EINVAL;
    }
    long set = task.memory().readLong(args.addressAt(0));
    long infoAddress = args.addressAt(1);
    Long deadline = null;
    if (args.addressAt(2) != 0) {
      StructReader timeout = new StructReader(task.memory().readBytes(args.addressAt(2), 16));
      long seconds = timeout.longAt(0);
      long nanos = timeout.longAt(8);
      if (seconds < 0 || nanos < 0 || nanos >= NANOS) {
        return -Errno.EINVAL;
      }
      deadline = deadlineAfter(task, seconds, nanos);
    }
    return SignalControl.timedWait(
        task, set, deadline, info -> taken(task.memory(), info, infoAddress));
  }

  private static long deadlineAfter(Task task, long seconds, long nanos) {
    long most = Long.MAX_VALUE / 4 / NANOS;
    return task.kernel().clock().monotonic() + Math.min(seconds, most) * NANOS + nanos;
  }

  private static long taken(UserMemory memory, SigInfo info, long address) {
    if (address != 0 && memory.copyOut(address, info.toBytes(), 0, SigInfo.SIZE) < 0) {
      return -Errno.EFAULT;
    }
    return info.signal();
  }

  static long rt_sigqueueinfo(Task task, SyscallArgs args) throws ErrnoException {
    byte[] info = task.memory().readBytes(args.addressAt(2), SigInfo.SIZE);
    return SignalControl.queue(task, 0, args.intAt(0), args.intAt(1), info);
  }

  static long rt_tgsigqueueinfo(Task task, SyscallArgs args) throws ErrnoException {
    byte[] info = task.memory().readBytes(args.addressAt(3), SigInfo.SIZE);
    if (args.intAt(0) <= 0 || args.intAt(1) <= 0) {
      return -Errno.EINVAL;
    }
    return SignalControl.queue(task, args.intAt(0), args.intAt(1), args.intAt(2), info);
  }

  static long rt_sigsuspend(Task task, SyscallArgs args) throws ErrnoException {
    if (args.longAt(1) != SIGSET_SIZE) {
      return -Errno.EINVAL;
    }
    task.useMask(task.memory().readLong(args.addressAt(0)));
    return SignalControl.pause(task);
  }

  static long pause(Task task, SyscallArgs args) {
    return SignalControl.pause(task);
  }

  static long restart_syscall(Task task, SyscallArgs args) {
    return task.restart();
  }

  static long sigaltstack(Task task, SyscallArgs args) throws ErrnoException {
    long newAddress = args.addressAt(0);
    long oldAddress = args.addressAt(1);
    UserMemory memory = task.memory();
    AlternateStack before = SignalControl.alternateStack(task);
    // The call comes in as an event, since it depends on the stack pointer.
    long stackPointer = task.thread().inEvent() ? task.thread().registers().get(Registers.RSP) : 0;
    int state = before.reportedFlags(stackPointer);
    if (newAddress != 0) {
      StructReader in = new StructReader(memory.readBytes(newAddress, AlternateStack.SIZE));
      if ((state & AlternateStack.SS_ONSTACK) != 0) {
        return -Errno.EPERM;
      }
      int flags = in.intAt(8);
      int mode = flags & ~AlternateStack.SS_AUTODISARM;
      if (mode == AlternateStack.SS_DISABLE) {
        SignalControl.setAlternateStack(task, new AlternateStack(0, flags, 0));
      } else if (mode != 0 && mode != AlternateStack.SS_ONSTACK) {
        return -Errno.EINVAL;
      } else if (Long.compareUnsigned(in.longAt(16), MINSIGSTKSZ) < 0) {
        return -Errno.ENOMEM;
      } else {
        SignalControl.setAlternateStack(
            task, new AlternateStack(in.longAt(0), flags, in.longAt(16)));
      }
    }
    if (oldAddress != 0) {
      new StructWriter(AlternateStack.SIZE)
          .putLong(0, before.address())
          .putInt(8, state)
          .putLong(16, before.size())
          .copyOut(memory, oldAddress);
    }
    return 0;
  }

  private static boolean isSendable(int signal) {
    return signal == 0 || Signal.isValid(signal);
  }

  static long kill(Task task, SyscallArgs args) {
    int signal = args.intAt(1);
    return isSendable(signal) ? SignalControl.kill(task, args.intAt(0), signal) : -Errno.EINVAL;
  }

  static long tkill(Task task, SyscallArgs args) {
    int tid = args.intAt(0);
    int signal = args.intAt(1);
    return tid > 0 && isSendable(signal)
        ? SignalControl.killThread(task, 0, tid, signal)
        : -Errno.EINVAL;
  }

  static long tgkill(Task task, SyscallArgs args) {
    int tgid = args.intAt(0);
    int tid = args.intAt(1);
    int signal = args.intAt(2);
    return tgid > 0 && tid > 0 && isSendable(signal)
        ? SignalControl.killThread(task, tgid, tid, signal)
        : -Errno.EINVAL;
  }

  static long pidfd_send_signal(Task task, SyscallArgs args) throws ErrnoException {
    int signal = args.intAt(1);
    long infoAddress = args.addressAt(2);
    int flags = args.intAt(3);
    if ((flags & ~PIDFD_SIGNAL_FLAGS) != 0 || Integer.bitCount(flags) > 1 || !isSendable(signal)) {
      return -Errno.EINVAL;
    }
    byte[] info = infoAddress == 0 ? null : task.memory().readBytes(infoAddress, SigInfo.SIZE);
    PidTarget target = PidTarget.of(task, args.intAt(0));
    if (target == null) {
      return -Errno.EBADF;
    }
    Task found = target.task();
    if (found == null) {
      return -Errno.ESRCH;
    }
    int scope = flags == 0 && target.isThread() ? PIDFD_SIGNAL_THREAD : flags;
    return switch (scope) {
      case PIDFD_SIGNAL_THREAD -> SignalControl.sendToThread(task, found, signal, info);
      case PIDFD_SIGNAL_PROCESS_GROUP -> SignalControl.sendToJob(task, found, signal, info);
      default -> SignalControl.sendToGroup(task, found, signal, info);
    };
  }
}
