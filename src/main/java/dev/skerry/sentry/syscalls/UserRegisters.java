package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.platform.UserRegs;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/**
 * The general registers of a stopped task as tracers see them: struct user_regs_struct and struct
 * user (sys/user.h). What is written is checked, so that a task resumes in its own code with the
 * selectors of 64-bit user code.
 */
final class UserRegisters {
  static final int GENERAL_SIZE = UserRegs.COUNT * Long.BYTES;

  /** sizeof(struct user), as the kernel has it. */
  static final int USER_SIZE = 928;

  private static final int DEBUG_REGISTERS = 848;
  private static final int DEBUG_REGISTERS_END = DEBUG_REGISTERS + 8 * Long.BYTES;

  private static final int[] ARGUMENTS = {
    Registers.RDI, Registers.RSI, Registers.RDX, Registers.R10, Registers.R8, Registers.R9,
  };

  /** CF, PF, AF, ZF, SF, TF, DF, OF, RF and AC: what a tracer may change (FLAG_MASK). */
  private static final long CHANGEABLE_FLAGS = 0x50dd5;

  private UserRegisters() {}

  static void putArguments(Registers registers, StructWriter out, int offset) {
    for (int i = 0; i < ARGUMENTS.length; i++) {
      out.putLong(offset + i * Long.BYTES, registers.get(ARGUMENTS[i]));
    }
  }

  static void setArguments(Registers registers, StructReader in, int offset) {
    for (int i = 0; i < ARGUMENTS.length; i++) {
      registers.set(ARGUMENTS[i], in.longAt(offset + i * Long.BYTES));
    }
  }

  private static long get(Task task, int place) {
    Registers registers = task.thread().registers();
    if (UserRegs.register(place) >= 0) {
      return registers.get(UserRegs.register(place));
    }
    long selectors = registers.get(Registers.CSGSFS);
    return switch (place) {
      case UserRegs.ORIG_RAX -> Tracing.originalCall(task);
      case UserRegs.CS -> selectors & 0xffff;
      case UserRegs.SS -> selectors >>> 48;
      case UserRegs.FS_BASE -> registers.fsBase();
      case UserRegs.GS_BASE -> registers.gsBase();
      // DS, ES, FS and UserRegs.GS, which 64-bit code leaves empty.
      default -> 0;
    };
  }

  /** Returns zero, or -EIO for a value that no task may have. */
  private static long check(Task task, int place, long value) {
    boolean good =
        switch (place) {
          case UserRegs.RIP -> task.mm().mayMap(value, 1);
          case UserRegs.FS_BASE, UserRegs.GS_BASE ->
              Long.compareUnsigned(value, UserMemory.END) < 0;
          case UserRegs.CS, UserRegs.SS, 23, 24, 25, UserRegs.GS ->
              (value & 0xffff) == get(task, place);
          default -> true;
        };
    return good ? 0 : -Errno.EIO;
  }

  private static void set(Task task, int place, long value) {
    Registers registers = task.thread().registers();
    switch (place) {
      case UserRegs.ORIG_RAX -> Tracing.setOriginalCall(task, value);
      case UserRegs.FS_BASE -> registers.setBases(value, registers.gsBase());
      case UserRegs.GS_BASE -> registers.setBases(registers.fsBase(), value);
      case UserRegs.EFLAGS -> {
        long kept = registers.get(Registers.EFLAGS) & ~CHANGEABLE_FLAGS;
        registers.set(Registers.EFLAGS, kept | (value & CHANGEABLE_FLAGS));
      }
      default -> {
        if (UserRegs.register(place) >= 0) {
          registers.set(UserRegs.register(place), value);
        }
      }
    }
  }

  /** The whole struct user_regs_struct. */
  static byte[] general(Task task) {
    StructWriter out = new StructWriter(GENERAL_SIZE);
    for (int place = 0; place < UserRegs.COUNT; place++) {
      out.putLong(place * Long.BYTES, get(task, place));
    }
    return out.bytes();
  }

  /** Sets the first registers of the struct, up to one that is refused. */
  static long setGeneral(Task task, byte[] bytes, int length) {
    StructReader in = new StructReader(Arrays.copyOf(bytes, GENERAL_SIZE));
    for (int place = 0; place < length / Long.BYTES; place++) {
      long value = in.longAt(place * Long.BYTES);
      long wrong = check(task, place, value);
      if (wrong < 0) {
        return wrong;
      }
      set(task, place, value);
    }
    return 0;
  }

  /** The word at an offset of struct user, a multiple of eight below {@link #USER_SIZE}. */
  static long peek(Task task, int offset) {
    if (offset >= DEBUG_REGISTERS && offset < DEBUG_REGISTERS_END) {
      return Tracing.debugRegister(task, (offset - DEBUG_REGISTERS) / Long.BYTES);
    }
    return offset < GENERAL_SIZE ? get(task, offset / Long.BYTES) : 0;
  }

  /** Sets a word likewise. */
  static long poke(Task task, int offset, long value) {
    if (offset < GENERAL_SIZE) {
      long wrong = check(task, offset / Long.BYTES, value);
      if (wrong == 0) {
        set(task, offset / Long.BYTES, value);
      }
      return wrong;
    }
    return offset < DEBUG_REGISTERS || offset >= DEBUG_REGISTERS_END
        ? -Errno.EIO
        : Tracing.setDebugRegister(task, (offset - DEBUG_REGISTERS) / Long.BYTES, value);
  }
}
