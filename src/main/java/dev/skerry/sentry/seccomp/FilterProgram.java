package dev.skerry.sentry.seccomp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A program of classic BPF over struct seccomp_data. It was checked when it was made, so that every
 * run ends within its length. Linux: bpf_check_classic() of net/core/filter.c and
 * seccomp_check_filter().
 */
public final class FilterProgram {
  /** sizeof(struct sock_filter). */
  public static final int INSTRUCTION = 8;

  /** BPF_MAXINSNS. */
  public static final int MOST_INSTRUCTIONS = 4096;

  /** sizeof(struct seccomp_data). */
  private static final int DATA_SIZE = 64;

  private static final int MEMORY_WORDS = 16;
  private static final int ARCHITECTURE = 0xc000003e;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int LD_ABSOLUTE = 0x20;
  private static final int LD_LENGTH = 0x80;
  private static final int LD_IMMEDIATE = 0x00;
  private static final int LD_MEMORY = 0x60;
  private static final int LDX_LENGTH = 0x81;
  private static final int LDX_IMMEDIATE = 0x01;
  private static final int LDX_MEMORY = 0x61;
  private static final int ST = 0x02;
  private static final int STX = 0x03;
  private static final int ALU = 0x04;
  private static final int JUMP = 0x05;
  private static final int RETURN_CONSTANT = 0x06;
  private static final int RETURN_A = 0x16;
  private static final int TAX = 0x07;
  private static final int TXA = 0x87;

  private static final int CLASS = 0x07;
  private static final int OPERATION = 0xf0;
  private static final int FROM_X = 0x08;

  private static final int ADD = 0x00;
  private static final int SUB = 0x10;
  private static final int MUL = 0x20;
  private static final int DIV = 0x30;
  private static final int OR = 0x40;
  private static final int AND = 0x50;
  private static final int LSH = 0x60;
  private static final int RSH = 0x70;
  private static final int NEG = 0x80;
  private static final int XOR = 0xa0;

  private static final int JA = 0x00;
  private static final int JEQ = 0x10;
  private static final int JGT = 0x20;
  private static final int JGE = 0x30;
  private static final int JSET = 0x40;

  /** Each one struct sock_filter: code, jt, jf and k from the low end. */
  private final long[] instructions;

  private FilterProgram(long[] instructions) {
    this.instructions = instructions;
  }

  /**
   * Takes over a program as the guest wrote it, 1 to {@link #MOST_INSTRUCTIONS} instructions long;
   * null if it is not valid.
   */
  public static @Nullable FilterProgram of(byte[] raw) {
    long[] instructions = new long[raw.length / INSTRUCTION];
    for (int i = 0; i < instructions.length; i++) {
      instructions[i] = (long) LONG.get(raw, i * INSTRUCTION);
    }
    FilterProgram program = new FilterProgram(instructions);
    return program.isValid() ? program : null;
  }

  public int length() {
    return instructions.length;
  }

  /** The program as the guest wrote it. */
  public byte[] toBytes() {
    byte[] raw = new byte[instructions.length * INSTRUCTION];
    for (int i = 0; i < instructions.length; i++) {
      LONG.set(raw, i * INSTRUCTION, instructions[i]);
    }
    return raw;
  }

  private static int code(long instruction) {
    return (int) instruction & 0xffff;
  }

  private static int ifTrue(long instruction) {
    return (int) (instruction >>> 16) & 0xff;
  }

  private static int ifFalse(long instruction) {
    return (int) (instruction >>> 24) & 0xff;
  }

  private static int constant(long instruction) {
    return (int) (instruction >>> 32);
  }

  private boolean isValid() {
    // Which words of the memory are written on every way to an instruction.
    int[] written = new int[instructions.length];
    java.util.Arrays.fill(written, -1);
    int known = 0;
    for (int at = 0; at < instructions.length; at++) {
      long instruction = instructions[at];
      known &= written[at];
      int k = constant(instruction);
      switch (code(instruction)) {
        case LD_ABSOLUTE -> {
          if (k < 0 || k >= DATA_SIZE || (k & 3) != 0) {
            return false;
          }
        }
        case LD_MEMORY, LDX_MEMORY -> {
          if (k < 0 || k >= MEMORY_WORDS || (known & (1 << k)) == 0) {
            return false;
          }
        }
        case ST, STX -> {
          if (k < 0 || k >= MEMORY_WORDS) {
            return false;
          }
          known |= 1 << k;
        }
        case LD_LENGTH, LD_IMMEDIATE, LDX_LENGTH, LDX_IMMEDIATE, TAX, TXA -> {}
        case RETURN_CONSTANT, RETURN_A -> {}
        default -> {
          boolean jump = (code(instruction) & CLASS) == JUMP;
          if (jump ? !isJump(at, known, written) : !isArithmetic(instruction)) {
            return false;
          }
          known = jump ? -1 : known;
        }
      }
    }
    int last = code(instructions[instructions.length - 1]);
    return last == RETURN_CONSTANT || last == RETURN_A;
  }

  /** Whether a jump is known and stays inside; notes what is written where it leads to. */
  private boolean isJump(int at, int known, int[] written) {
    long instruction = instructions[at];
    long left = instructions.length - 1L - at;
    int operation = code(instruction) & ~FROM_X & ~CLASS;
    if (operation == JA) {
      long distance = Integer.toUnsignedLong(constant(instruction));
      if ((code(instruction) & FROM_X) != 0 || distance >= left) {
        return false;
      }
      written[at + 1 + (int) distance] &= known;
      return true;
    }
    boolean compares =
        operation == JEQ || operation == JGT || operation == JGE || operation == JSET;
    if (!compares || ifTrue(instruction) >= left || ifFalse(instruction) >= left) {
      return false;
    }
    written[at + 1 + ifTrue(instruction)] &= known;
    written[at + 1 + ifFalse(instruction)] &= known;
    return true;
  }

  private static boolean isArithmetic(long instruction) {
    int code = code(instruction);
    if ((code & CLASS) != ALU || code > 0xff) {
      return false;
    }
    boolean constant = (code & FROM_X) == 0;
    return switch (code & OPERATION) {
      case ADD, SUB, MUL, AND, OR, XOR -> true;
      case DIV -> !constant || constant(instruction) != 0;
      case LSH, RSH -> !constant || Integer.compareUnsigned(constant(instruction), 32) < 0;
      case NEG -> constant;
      default -> false;
    };
  }

  /**
   * Runs the program on a call.
   *
   * @return SECCOMP_RET_ of seccomp(2), with its data
   */
  public int run(int number, long instructionPointer, long[] arguments) {
    int a = 0;
    int x = 0;
    int[] memory = new int[MEMORY_WORDS];
    for (int at = 0; ; at++) {
      long instruction = instructions[at];
      int k = constant(instruction);
      int code = code(instruction);
      switch (code) {
        case LD_ABSOLUTE -> a = load(k, number, instructionPointer, arguments);
        case LD_LENGTH -> a = DATA_SIZE;
        case LD_IMMEDIATE -> a = k;
        case LD_MEMORY -> a = memory[k];
        case LDX_LENGTH -> x = DATA_SIZE;
        case LDX_IMMEDIATE -> x = k;
        case LDX_MEMORY -> x = memory[k];
        case ST -> memory[k] = a;
        case STX -> memory[k] = x;
        case TAX -> x = a;
        case TXA -> a = x;
        case RETURN_CONSTANT -> {
          return k;
        }
        case RETURN_A -> {
          return a;
        }
        default -> {
          int operand = (code & FROM_X) != 0 ? x : k;
          if ((code & CLASS) == JUMP) {
            at += distance(instruction, code & OPERATION, a, operand);
          } else if ((code & OPERATION) == DIV && operand == 0) {
            return 0;
          } else {
            a = compute(code & OPERATION, a, operand);
          }
        }
      }
    }
  }

  private static int load(int offset, int number, long instructionPointer, long[] arguments) {
    if (offset >= 16) {
      long argument = arguments[(offset - 16) >> 3];
      return (int) ((offset & 4) != 0 ? argument >>> 32 : argument);
    }
    return switch (offset) {
      case 0 -> number;
      case 4 -> ARCHITECTURE;
      case 8 -> (int) instructionPointer;
      default -> (int) (instructionPointer >>> 32);
    };
  }

  private static int distance(long instruction, int operation, int a, int operand) {
    boolean holds =
        switch (operation) {
          case JEQ -> a == operand;
          case JGT -> Integer.compareUnsigned(a, operand) > 0;
          case JGE -> Integer.compareUnsigned(a, operand) >= 0;
          case JSET -> (a & operand) != 0;
          default -> {
            // BPF_JA, whose distance is a full word.
            yield true;
          }
        };
    if (operation == JA) {
      return constant(instruction);
    }
    return holds ? ifTrue(instruction) : ifFalse(instruction);
  }

  private static int compute(int operation, int a, int operand) {
    return switch (operation) {
      case ADD -> a + operand;
      case SUB -> a - operand;
      case MUL -> a * operand;
      case DIV -> Integer.divideUnsigned(a, operand);
      case AND -> a & operand;
      case OR -> a | operand;
      case XOR -> a ^ operand;
      case LSH -> a << operand;
      case RSH -> a >>> operand;
      default -> -a;
    };
  }
}
