package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/**
 * The general registers of a stopped task as tracers see them: struct user_regs_struct and struct
 * user (sys/user.h). What is written is checked, so that a task resumes in its own code with the
 * selectors of 64-bit user code.
 */
final class UserRegisters {
  static final int GENERAL_SIZE = 27 * Long.BYTES;

  /** sizeof(struct user), as the kernel has it. */
  static final int USER_SIZE = 928;

  private static final int DEBUG_REGISTERS = 848;
  private static final int DEBUG_REGISTERS_END = DEBUG_REGISTERS + 8 * Long.BYTES;

  // Places in struct user_regs_struct.
  private static final int ORIG_RAX = 15;
  private static final int RIP = 16;
  private static final int CS = 17;
  private static final int EFLAGS = 18;
  private static final int SS = 20;
  private static final int FS_BASE = 21;
  private static final int GS_BASE = 22;
  private static final int GS = 26;

  /** The registers of struct user_regs_struct in its order; -1 for what is kept elsewhere. */
  private static final int[] ORDER = {
    Registers.R15,
    Registers.R14,
    Registers.R13,
    Registers.R12,
    Registers.RBP,
    Registers.RBX,
    Registers.R11,
    Registers.R10,
    Registers.R9,
    Registers.R8,
    Registers.RAX,
    Registers.RCX,
    Registers.RDX,
    Registers.RSI,
    Registers.RDI,
    -1,
    Registers.RIP,
    -1,
    Registers.EFLAGS,
    Registers.RSP,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
  };

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

  private static long get(Task task, int place) {
    Registers registers = task.thread().registers();
    if (ORDER[place] >= 0) {
      return registers.get(ORDER[place]);
    }
    long selectors = registers.get(Registers.CSGSFS);
    return switch (place) {
      case ORIG_RAX -> Tracing.originalCall(task);
      case CS -> selectors & 0xffff;
      case SS -> selectors >>> 48;
      case FS_BASE -> registers.fsBase();
      case GS_BASE -> registers.gsBase();
      // DS, ES, FS and GS, which 64-bit code leaves empty.
      default -> 0;
    };
  }

  /** Returns zero, or -EIO for a value that no task may have. */
  private static long check(Task task, int place, long value) {
    boolean good =
        switch (place) {
          case RIP -> task.mm().mayMap(value, 1);
          case FS_BASE, GS_BASE -> Long.compareUnsigned(value, UserMemory.END) < 0;
          case CS, SS, 23, 24, 25, GS -> (value & 0xffff) == get(task, place);
          default -> true;
        };
    return good ? 0 : -Errno.EIO;
  }

  private static void set(Task task, int place, long value) {
    Registers registers = task.thread().registers();
    switch (place) {
      case ORIG_RAX -> Tracing.setOriginalCall(task, value);
      case FS_BASE -> registers.setBases(value, registers.gsBase());
      case GS_BASE -> registers.setBases(registers.fsBase(), value);
      case EFLAGS -> {
        long kept = registers.get(Registers.EFLAGS) & ~CHANGEABLE_FLAGS;
        registers.set(Registers.EFLAGS, kept | (value & CHANGEABLE_FLAGS));
      }
      default -> {
        if (ORDER[place] >= 0) {
          registers.set(ORDER[place], value);
        }
      }
    }
  }

  /** The whole struct user_regs_struct. */
  static byte[] general(Task task) {
    StructWriter out = new StructWriter(GENERAL_SIZE);
    for (int place = 0; place < ORDER.length; place++) {
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
