package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.platform.Registers;
import java.util.List;

/** ptrace(2). Linux: kernel/ptrace.c and arch/x86/kernel/ptrace.c. */
final class PtraceSyscalls {
  private static final int TRACEME = 0;
  private static final int PEEKTEXT = 1;
  private static final int PEEKDATA = 2;
  private static final int PEEKUSER = 3;
  private static final int POKETEXT = 4;
  private static final int POKEDATA = 5;
  private static final int POKEUSER = 6;
  private static final int CONT = 7;
  private static final int KILL = 8;
  private static final int SINGLESTEP = 9;
  private static final int GETREGS = 12;
  private static final int SETREGS = 13;
  private static final int GETFPREGS = 14;
  private static final int SETFPREGS = 15;
  private static final int ATTACH = 16;
  private static final int DETACH = 17;
  private static final int SYSCALL = 24;
  private static final int SETOPTIONS = 0x4200;
  private static final int GETEVENTMSG = 0x4201;
  private static final int GETSIGINFO = 0x4202;
  private static final int SETSIGINFO = 0x4203;
  private static final int GETREGSET = 0x4204;
  private static final int SETREGSET = 0x4205;
  private static final int SEIZE = 0x4206;
  private static final int INTERRUPT = 0x4207;
  private static final int LISTEN = 0x4208;
  private static final int PEEKSIGINFO = 0x4209;
  private static final int GETSIGMASK = 0x420a;
  private static final int SETSIGMASK = 0x420b;
  private static final int GET_SYSCALL_INFO = 0x420e;

  private static final int NT_PRSTATUS = 1;
  private static final int NT_PRFPREG = 2;
  private static final int NT_X86_XSTATE = 0x202;

  private static final int PEEKSIGINFO_SHARED = 1;
  private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
  private static final int SYSCALL_TRAP = Signal.SIGTRAP | 0x80;

  // struct ptrace_syscall_info.
  private static final int INFO_NONE_SIZE = 24;
  private static final int INFO_ENTRY_SIZE = 80;
  private static final int INFO_EXIT_SIZE = 33;
  private static final int INFO_ENTRY = 1;
  private static final int INFO_EXIT = 2;

  private PtraceSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.PTRACE,
        PtraceSyscalls::ptrace,
        "no SYSEMU, SINGLEBLOCK, SUSPEND_SECCOMP and seccomp events; no watchpoints for reading;"
            + " a SIGKILL ends a task without PTRACE_EVENT_EXIT");
  }

  static long ptrace(Task task, SyscallArgs args) throws ErrnoException {
    long request = args.longAt(0);
    if (request == TRACEME) {
      return Tracing.traceMe(task);
    }
    int tid = args.intAt(1);
    if (request == ATTACH || request == SEIZE) {
      return attach(task, tid, request == SEIZE, args.longAt(2), args.longAt(3));
    }
    boolean running = request == KILL || request == INTERRUPT;
    Task tracee = Tracing.find(task, tid, running);
    if (tracee == null) {
      return -Errno.ESRCH;
    }
    return request == (int) request ? request(task, tracee, args) : -Errno.EIO;
  }

  private static long attach(Task task, int tid, boolean seizes, long address, long options) {
    if (seizes && (address != 0 || Tracing.checkOptions(options) == -Errno.EINVAL)) {
      return -Errno.EIO;
    }
    Task other = task.pidNamespace().find(tid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    long wrong = seizes ? Tracing.checkOptions(options) : 0;
    return wrong < 0 ? wrong : Tracing.attach(task, other, seizes, seizes ? (int) options : 0);
  }

  private static long request(Task task, Task tracee, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(2);
    long data = args.longAt(3);
    switch (args.intAt(0)) {
      case PEEKTEXT, PEEKDATA -> {
        byte[] word = new byte[Long.BYTES];
        if (tracee.memory().peek(address, word, 0, word.length) < word.length) {
          return -Errno.EIO;
        }
        task.memory().writeBytes(data, word);
        return 0;
      }
      case POKETEXT, POKEDATA -> {
        byte[] word = new StructWriter(Long.BYTES).putLong(0, data).bytes();
        return tracee.memory().poke(address, word, 0, word.length) < word.length ? -Errno.EIO : 0;
      }
      case CONT -> {
        return Tracing.resume(tracee, false, false, data);
      }
      case SYSCALL -> {
        return Tracing.resume(tracee, true, false, data);
      }
      case SINGLESTEP -> {
        return Tracing.resume(tracee, false, true, data);
      }
      case KILL -> {
        return Tracing.kill(tracee);
      }
      case DETACH -> {
        return Tracing.detach(tracee, data);
      }
      case INTERRUPT -> {
        return Tracing.interrupt(tracee);
      }
      case LISTEN -> {
        return Tracing.listen(tracee);
      }
      case SETOPTIONS -> {
        long wrong = Tracing.checkOptions(data);
        return wrong < 0 ? wrong : Tracing.setOptions(tracee, (int) data);
      }
      case GETEVENTMSG -> {
        task.memory().writeLong(data, Tracing.eventMessage(tracee));
        return 0;
      }
      case GET_SYSCALL_INFO -> {
        return syscallInfo(task, tracee, address, data);
      }
      default -> {
        return signals(task, tracee, args);
      }
    }
  }

  private static long signals(Task task, Task tracee, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(2);
    long data = args.longAt(3);
    switch (args.intAt(0)) {
      case GETSIGINFO -> {
        SigInfo info = Tracing.info(tracee);
        if (info == null) {
          return -Errno.EINVAL;
        }
        task.memory().writeBytes(data, info.toBytes());
        return 0;
      }
      case SETSIGINFO -> {
        byte[] abi = task.memory().readBytes(data, SigInfo.SIZE);
        return Tracing.setInfo(tracee, abi) ? 0 : -Errno.EINVAL;
      }
      case PEEKSIGINFO -> {
        return peekSigInfo(task, tracee, address, data);
      }
      case GETSIGMASK -> {
        if (address != Long.BYTES) {
          return -Errno.EINVAL;
        }
        task.memory().writeLong(data, Tracing.signalMask(tracee));
        return 0;
      }
      case SETSIGMASK -> {
        if (address != Long.BYTES) {
          return -Errno.EINVAL;
        }
        SignalControl.setMask(tracee, task.memory().readLong(data));
        return 0;
      }
      default -> {
        return registers(task, tracee, args);
      }
    }
  }

  private static long peekSigInfo(Task task, Task tracee, long address, long data)
      throws ErrnoException {
    StructReader in = new StructReader(task.memory().readBytes(address, 16));
    int flags = in.intAt(8);
    int count = in.intAt(12);
    if ((flags & ~PEEKSIGINFO_SHARED) != 0 || count < 0) {
      return -Errno.EINVAL;
    }
    long offset = in.longAt(0);
    List<SigInfo> pending = Tracing.pending(tracee, flags != 0);
    int copied = 0;
    while (copied < count && offset >= 0 && offset + copied < pending.size()) {
      byte[] info = pending.get((int) offset + copied).toBytes();
      if (task.memory().copyOut(data + (long) copied * SigInfo.SIZE, info, 0, info.length) < 0) {
        return copied > 0 ? copied : -Errno.EFAULT;
      }
      copied++;
    }
    return copied;
  }

  /** What a stop at a system call's beginning or end tells; its size is the result. */
  private static long syscallInfo(Task task, Task tracee, long size, long data)
      throws ErrnoException {
    Registers registers = tracee.thread().registers();
    StructWriter out = new StructWriter(INFO_ENTRY_SIZE);
    out.putInt(4, AUDIT_ARCH_X86_64);
    out.putLong(8, registers.get(Registers.RIP)).putLong(16, registers.get(Registers.RSP));
    int length = INFO_NONE_SIZE;
    SigInfo info = Tracing.info(tracee);
    if (info != null && info.code() == SYSCALL_TRAP) {
      int kind = (int) Tracing.eventMessage(tracee);
      out.putByte(0, kind);
      if (kind == INFO_ENTRY) {
        length = INFO_ENTRY_SIZE;
        out.putLong(24, Tracing.originalCall(tracee));
        UserRegisters.putArguments(registers, out, 32);
      } else if (kind == INFO_EXIT) {
        length = INFO_EXIT_SIZE;
        long result = registers.get(Registers.RAX);
        out.putLong(24, result).putByte(32, result < 0 && result > -4096 ? 1 : 0);
      }
    }
    int wanted = Long.compareUnsigned(size, length) < 0 ? (int) size : length;
    ErrnoException.check(task.memory().copyOut(data, out.bytes(), 0, wanted));
    return length;
  }

  private static long registers(Task task, Task tracee, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(2);
    long data = args.longAt(3);
    switch (args.intAt(0)) {
      case PEEKUSER -> {
        if ((address & 7) != 0 || address < 0 || address >= UserRegisters.USER_SIZE) {
          return -Errno.EIO;
        }
        task.memory().writeLong(data, UserRegisters.peek(tracee, (int) address));
        return 0;
      }
      case POKEUSER -> {
        if ((address & 7) != 0 || address < 0 || address >= UserRegisters.USER_SIZE) {
          return -Errno.EIO;
        }
        return UserRegisters.poke(tracee, (int) address, data);
      }
      case GETREGS -> {
        task.memory().writeBytes(data, UserRegisters.general(tracee));
        return 0;
      }
      case SETREGS -> {
        byte[] bytes = task.memory().readBytes(data, UserRegisters.GENERAL_SIZE);
        return UserRegisters.setGeneral(tracee, bytes, bytes.length);
      }
      case GETFPREGS -> {
        task.memory().writeBytes(data, FloatingPointRegisters.fxsave(tracee.thread().registers()));
        return 0;
      }
      case SETFPREGS -> {
        byte[] bytes = task.memory().readBytes(data, Registers.FLOATING_POINT_MIN);
        return FloatingPointRegisters.setFxsave(tracee.thread().registers(), bytes, bytes.length);
      }
      case GETREGSET, SETREGSET -> {
        return registerSet(task, tracee, args);
      }
      default -> {
        return -Errno.EIO;
      }
    }
  }

  private static long registerSet(Task task, Task tracee, SyscallArgs args) throws ErrnoException {
    StructReader vector = new StructReader(task.memory().readBytes(args.addressAt(3), 16));
    long length = vector.longAt(8);
    if ((length & 7) != 0) {
      return -Errno.EINVAL;
    }
    Registers registers = tracee.thread().registers();
    byte[] present;
    switch ((int) args.longAt(2)) {
      case NT_PRSTATUS -> present = UserRegisters.general(tracee);
      case NT_PRFPREG -> present = FloatingPointRegisters.fxsave(registers);
      case NT_X86_XSTATE -> present = FloatingPointRegisters.state(registers);
      default -> {
        return -Errno.EINVAL;
      }
    }
    int moved = Long.compareUnsigned(length, present.length) > 0 ? present.length : (int) length;
    long result = 0;
    if (args.intAt(0) == GETREGSET) {
      ErrnoException.check(task.memory().copyOut(vector.longAt(0), present, 0, moved));
    } else {
      byte[] given = task.memory().readBytes(vector.longAt(0), moved);
      result =
          switch ((int) args.longAt(2)) {
            case NT_PRSTATUS -> UserRegisters.setGeneral(tracee, given, moved);
            case NT_PRFPREG -> FloatingPointRegisters.setFxsave(registers, given, moved);
            default -> FloatingPointRegisters.setXsave(registers, given);
          };
    }
    task.memory().writeLong(args.addressAt(3) + 8, moved);
    return result;
  }
}
