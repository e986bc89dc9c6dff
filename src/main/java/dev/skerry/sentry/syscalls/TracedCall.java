package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Trace;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.platform.Registers;

/**
 * The system call that a stopped task makes, as its tracer sees and changes it: struct
 * ptrace_syscall_info (ptrace(2)).
 */
final class TracedCall {
  private static final int SIZE = 88;
  private static final int NONE_SIZE = 24;
  private static final int ENTRY_SIZE = 80;
  private static final int EXIT_SIZE = 33;
  private static final int SECCOMP_SIZE = 84;

  private static final int NUMBER = 24;
  private static final int ARGUMENTS = 32;
  private static final int RET_DATA = 80;
  private static final int RESULT = 24;
  private static final int IS_ERROR = 32;

  // Values of the first field.
  private static final int NONE = 0;
  private static final int ENTRY = 1;
  private static final int EXIT = 2;
  private static final int SECCOMP = 3;

  private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
  private static final int SYSCALL_TRAP = Signal.SIGTRAP | 0x80;
  private static final int SECCOMP_TRAP = Signal.SIGTRAP | Trace.EVENT_SECCOMP << 8;
  private static final int MOST_ERRNO = 4095;

  private TracedCall() {}

  /** Whether the stop is at a call's beginning, its end, at a filter's wish, or none of these. */
  private static int kind(Task tracee) {
    SigInfo info = Tracing.info(tracee);
    if (info == null) {
      return NONE;
    }
    return info.code() == SYSCALL_TRAP
        ? (int) Tracing.eventMessage(tracee)
        : info.code() == SECCOMP_TRAP ? SECCOMP : NONE;
  }

  /** PTRACE_GET_SYSCALL_INFO: the result is how much there is to tell. */
  static long get(Task task, Task tracee, long size, long data) throws ErrnoException {
    Registers registers = tracee.thread().registers();
    int kind = kind(tracee);
    StructWriter out = new StructWriter(SIZE);
    out.putByte(0, kind).putInt(4, AUDIT_ARCH_X86_64);
    out.putLong(8, registers.get(Registers.RIP)).putLong(16, registers.get(Registers.RSP));
    int length = NONE_SIZE;
    if (kind == EXIT) {
      length = EXIT_SIZE;
      long result = registers.get(Registers.RAX);
      out.putLong(RESULT, result).putByte(IS_ERROR, result < 0 && result >= -MOST_ERRNO ? 1 : 0);
    } else if (kind != NONE) {
      length = kind == ENTRY ? ENTRY_SIZE : SECCOMP_SIZE;
      int number = (int) Tracing.originalCall(tracee);
      out.putLong(NUMBER, number);
      UserRegisters.putArguments(registers, out, ARGUMENTS);
      if (kind == SECCOMP) {
        out.putInt(RET_DATA, (int) Tracing.eventMessage(tracee));
      }
    }
    int wanted = Long.compareUnsigned(size, length) < 0 ? (int) size : length;
    ErrnoException.check(task.memory().copyOut(data, out.bytes(), 0, wanted));
    return length;
  }

  /** PTRACE_SET_SYSCALL_INFO. */
  static long set(Task task, Task tracee, long size, long data) throws ErrnoException {
    if (Long.compareUnsigned(size, SIZE) < 0) {
      return -Errno.EINVAL;
    }
    StructReader in = new StructReader(task.memory().readBytes(data, SIZE));
    int kind = kind(tracee);
    // With the operation in its first byte and nothing in the three behind.
    if (in.intAt(0) != kind || kind == NONE) {
      return -Errno.EINVAL;
    }
    if (kind == EXIT) {
      tracee.thread().registers().set(Registers.RAX, in.longAt(RESULT));
      return 0;
    }
    long number = in.longAt(NUMBER);
    if (number != (int) number) {
      return -Errno.ERANGE;
    }
    Tracing.setOriginalCall(tracee, number);
    if (number != -1) {
      UserRegisters.setArguments(tracee.thread().registers(), in, ARGUMENTS);
    }
    return 0;
  }
}
