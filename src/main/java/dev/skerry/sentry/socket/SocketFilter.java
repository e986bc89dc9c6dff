package dev.skerry.sentry.socket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A program of classic BPF that says how much of a packet a socket receives (SO_ATTACH_FILTER of
 * socket(7)). It was checked when it was made, so that every run ends within its length. What it
 * asks beside the packet (SKF_AD_OFF) is not there. Linux: bpf_check_classic() of
 * net/core/filter.c.
 */
public final class SocketFilter {
  /** sizeof(struct sock_filter). */
  public static final int INSTRUCTION = 8;

  /** BPF_MAXINSNS. */
  public static final int MOST_INSTRUCTIONS = 4096;

  /** What Linux makes of a program has so many instructions for one, and some before them. */
  private static final int TRANSLATED = 2;

  /** Of a program, beside its instructions: struct bpf_prog, and the first three. */
  private static final int OVERHEAD = 72 + 3 * INSTRUCTION;

  private static final int MEMORY_WORDS = 16;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  // Instruction classes.
  private static final int LD = 0;
  private static final int LDX = 1;
  private static final int ST = 2;
  private static final int STX = 3;
  private static final int ALU = 4;
  private static final int JUMP = 5;
  private static final int RETURN = 6;

  // Modes of loads, with their sizes: W, H, B.
  private static final int IMMEDIATE = 0x00;
  private static final int ABSOLUTE = 0x20;
  private static final int INDIRECT = 0x40;
  private static final int MEMORY = 0x60;
  private static final int LENGTH = 0x80;
  private static final int MODE = 0xe0;
  private static final int SIZE = 0x18;
  private static final int HALF = 0x08;
  private static final int BYTE = 0x10;

  /** LDX of four times the low half of a byte: the length of a header of IPv4. */
  private static final int HEADER_LENGTH = 0xb1;

  private static final int FROM_X = 0x08;
  private static final int RETURN_A = 0x16;
  private static final int TAX = 0x07;
  private static final int TXA = 0x87;
  private static final int DIV = 0x30;
  private static final int MOD = 0x90;
  private static final int LSH = 0x60;
  private static final int RSH = 0x70;
  private static final int NEG = 0x80;
  private static final int XOR = 0xa0;
  private static final int JSET = 0x40;

  /** Each one struct sock_filter: code, jt, jf and k from the low end. */
  private final long[] instructions;

  private SocketFilter(long[] instructions) {
    this.instructions = instructions;
  }

  /**
   * Takes over a program as the guest wrote it, 1 to {@link #MOST_INSTRUCTIONS} instructions long;
   * null if it is not valid.
   */
  public static @Nullable SocketFilter of(byte[] raw) {
    long[] instructions = new long[raw.length / INSTRUCTION];
    for (int i = 0; i < instructions.length; i++) {
      instructions[i] = (long) LONG.get(raw, i * INSTRUCTION);
    }
    for (int i = 0; i < instructions.length; i++) {
      if (!isValid(instructions[i], instructions.length - 1 - i)) {
        return null;
      }
    }
    boolean ends = instructions.length > 0 && (instructions[instructions.length - 1] & 7) == RETURN;
    return ends ? new SocketFilter(instructions) : null;
  }

  /** What is charged for it. */
  int bytes() {
    return OVERHEAD + instructions.length * TRANSLATED * INSTRUCTION;
  }

  /**
   * @param left how many instructions follow
   */
  private static boolean isValid(long instruction, int left) {
    int code = (int) instruction & 0xffff;
    int k = (int) (instruction >>> 32);
    if (code > 0xff) {
      return false;
    }
    int mode = code & MODE;
    boolean inMemory = k >= 0 && k < MEMORY_WORDS;
    return switch (code & 7) {
      case LD ->
          switch (mode) {
            case ABSOLUTE, INDIRECT -> (code & SIZE) != SIZE && k >= 0;
            case MEMORY -> (code & SIZE) == 0 && inMemory;
            case IMMEDIATE, LENGTH -> (code & SIZE) == 0;
            default -> false;
          };
      case LDX ->
          code == HEADER_LENGTH && k >= 0
              || (code & SIZE) == 0 && (mode == IMMEDIATE || mode == LENGTH)
              || (code & SIZE) == 0 && mode == MEMORY && inMemory;
      case ST, STX -> (code & ~7) == 0 && inMemory;
      case ALU -> isArithmetic(code, k);
      case JUMP -> isJump(instruction, code, k, left);
      case RETURN -> code == RETURN || code == RETURN_A;
      default -> code == TAX || code == TXA;
    };
  }

  private static boolean isArithmetic(int code, int k) {
    boolean constant = (code & FROM_X) == 0;
    return switch (code & 0xf0) {
      case DIV, MOD -> !constant || k != 0;
      case LSH, RSH -> !constant || Integer.compareUnsigned(k, 32) < 0;
      case NEG -> constant;
      default -> (code & 0xf0) <= XOR;
    };
  }

  private static boolean isJump(long instruction, int code, int k, int left) {
    if ((code & 0xf0) == 0) {
      return (code & FROM_X) == 0 && Integer.compareUnsigned(k, left) < 0;
    }
    int ifTrue = (int) (instruction >>> 16) & 0xff;
    int ifFalse = (int) (instruction >>> 24) & 0xff;
    return (code & 0xf0) <= JSET && ifTrue < left && ifFalse < left;
  }

  /**
   * Runs the program on a packet.
   *
   * @return how many bytes of it are received, 0 for none; unsigned
   */
  public int run(byte[] packet) {
    int a = 0;
    int x = 0;
    int[] memory = new int[MEMORY_WORDS];
    for (int at = 0; ; at++) {
      long instruction = instructions[at];
      int code = (int) instruction & 0xff;
      int k = (int) (instruction >>> 32);
      switch (code & 7) {
        case LD -> {
          long at64 = (code & MODE) == INDIRECT ? Integer.toUnsignedLong(x) + k : k;
          switch (code & MODE) {
            case IMMEDIATE -> a = k;
            case LENGTH -> a = packet.length;
            case MEMORY -> a = memory[k];
            default -> {
              int size = (code & SIZE) == BYTE ? 1 : (code & SIZE) == HALF ? 2 : 4;
              if (at64 + size > packet.length) {
                return 0;
              }
              a = load(packet, (int) at64, size);
            }
          }
        }
        case LDX -> {
          if (code == HEADER_LENGTH && k >= packet.length) {
            return 0;
          }
          x = loadIndex(code, k, packet, memory);
        }
        case ST -> memory[k] = a;
        case STX -> memory[k] = x;
        case ALU -> {
          int operand = (code & FROM_X) != 0 ? x : k;
          int operation = code & 0xf0;
          if (operand == 0 && (operation == DIV || operation == MOD)) {
            return 0;
          }
          a = compute(operation, a, operand);
        }
        case JUMP -> at += distance(instruction, code, a, (code & FROM_X) != 0 ? x : k);
        case RETURN -> {
          return code == RETURN_A ? a : k;
        }
        default -> {
          if (code == TAX) {
            x = a;
          } else {
            a = x;
          }
        }
      }
    }
  }

  private static int load(byte[] packet, int offset, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      value = value << 8 | packet[offset + i] & 0xff;
    }
    return value;
  }

  private static int loadIndex(int code, int k, byte[] packet, int[] memory) {
    if (code == HEADER_LENGTH) {
      return 4 * (packet[k] & 0xf);
    }
    return switch (code & MODE) {
      case IMMEDIATE -> k;
      case LENGTH -> packet.length;
      default -> memory[k];
    };
  }

  private static int compute(int operation, int a, int operand) {
    return switch (operation) {
      case 0x00 -> a + operand;
      case 0x10 -> a - operand;
      case 0x20 -> a * operand;
      case DIV -> Integer.divideUnsigned(a, operand);
      case 0x40 -> a | operand;
      case 0x50 -> a & operand;
      case LSH -> a << operand;
      case RSH -> a >>> operand;
      case NEG -> -a;
      case MOD -> Integer.remainderUnsigned(a, operand);
      default -> a ^ operand;
    };
  }

  private static int distance(long instruction, int code, int a, int operand) {
    boolean holds =
        switch (code & 0xf0) {
          case 0x10 -> a == operand;
          case 0x20 -> Integer.compareUnsigned(a, operand) > 0;
          case 0x30 -> Integer.compareUnsigned(a, operand) >= 0;
          default -> (a & operand) != 0;
        };
    if ((code & 0xf0) == 0) {
      return (int) (instruction >>> 32);
    }
    return (int) (instruction >>> (holds ? 16 : 24)) & 0xff;
  }
}
