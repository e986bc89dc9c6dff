package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Trace;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
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
  private static final int OLD_SETOPTIONS = 21;
  private static final int SYSCALL = 24;
  private static final int ARCH_PRCTL = 30;
  private static final int SYSEMU = 31;
  private static final int SYSEMU_SINGLESTEP = 32;
  private static final int SINGLEBLOCK = 33;
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
  private static final int SECCOMP_GET_FILTER = 0x420c;
  private static final int SECCOMP_GET_METADATA = 0x420d;
  private static final int GET_SYSCALL_INFO = 0x420e;
  private static final int SET_SYSCALL_INFO = 0x4212;

  private static final int NT_PRSTATUS = 1;
  private static final int NT_PRFPREG = 2;
  private static final int NT_386_IOPERM = 0x201;
  private static final int NT_X86_XSTATE = 0x202;

  private static final int PEEKSIGINFO_SHARED = 1;

  private PtraceSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.PTRACE,
        PtraceSyscalls::ptrace,
        "SINGLEBLOCK goes by instructions; no watchpoints for reading, no"
            + " GET_RSEQ_CONFIGURATION; threads that an execve ends show no PTRACE_EVENT_EXIT");
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
    Task other = task.pidNamespace().find(tid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!seizes) {
      return Tracing.attach(task, other, false, 0);
    }
    if (address != 0 || !Tracing.areKnown(options)) {
      return -Errno.EIO;
    }
    return Tracing.mayUse(task, options)
        ? Tracing.attach(task, other, true, (int) options)
        : -Errno.EPERM;
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
        return Tracing.resume(tracee, Trace.Mode.CONTINUE, data);
      }
      case SYSCALL -> {
        return Tracing.resume(tracee, Trace.Mode.CALLS, data);
      }
      case SINGLESTEP, SINGLEBLOCK -> {
        return Tracing.resume(tracee, Trace.Mode.STEP, data);
      }
      case SYSEMU -> {
        return Tracing.resume(tracee, Trace.Mode.EMULATE, data);
      }
      case SYSEMU_SINGLESTEP -> {
        return Tracing.resume(tracee, Trace.Mode.EMULATE_STEP, data);
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
      case SETOPTIONS, OLD_SETOPTIONS -> {
        if (!Tracing.areKnown(data)) {
          return -Errno.EINVAL;
        }
        return Tracing.mayUse(task, data) ? Tracing.setOptions(tracee, (int) data) : -Errno.EPERM;
      }
      case GETEVENTMSG -> {
        task.memory().writeLong(data, Tracing.eventMessage(tracee));
        return 0;
      }
      case GET_SYSCALL_INFO -> {
        return TracedCall.get(task, tracee, address, data);
      }
      case SET_SYSCALL_INFO -> {
        return TracedCall.set(task, tracee, address, data);
      }
      case SECCOMP_GET_FILTER -> {
        return SeccompSyscalls.filterOf(task, tracee, address, data);
      }
      case SECCOMP_GET_METADATA -> {
        return SeccompSyscalls.metadataOf(task, tracee, address, data);
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
      case ARCH_PRCTL -> {
        return bases(task, tracee, (int) data, address);
      }
      case GETREGSET, SETREGSET -> {
        return registerSet(task, tracee, args);
      }
      default -> {
        return -Errno.EIO;
      }
    }
  }

  /** arch_prctl(2) in the tracee's stead. */
  private static long bases(Task task, Task tracee, int code, long address) throws ErrnoException {
    Registers registers = tracee.thread().registers();
    boolean valid = Long.compareUnsigned(address, UserMemory.END) < 0;
    switch (code) {
      case ProcessSyscalls.ARCH_SET_FS, ProcessSyscalls.ARCH_SET_GS -> {
        boolean fs = code == ProcessSyscalls.ARCH_SET_FS;
        if (valid) {
          registers.setBases(fs ? address : registers.fsBase(), fs ? registers.gsBase() : address);
        }
        return valid ? 0 : -Errno.EPERM;
      }
      case ProcessSyscalls.ARCH_GET_FS, ProcessSyscalls.ARCH_GET_GS -> {
        boolean fs = code == ProcessSyscalls.ARCH_GET_FS;
        task.memory().writeLong(address, fs ? registers.fsBase() : registers.gsBase());
        return 0;
      }
      default -> {
        return -Errno.EINVAL;
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
      case NT_386_IOPERM -> {
        // No task has ports.
        return args.intAt(0) == GETREGSET ? -Errno.ENXIO : -Errno.EOPNOTSUPP;
      }
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
