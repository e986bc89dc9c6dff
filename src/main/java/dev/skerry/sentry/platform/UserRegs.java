package dev.skerry.sentry.platform;

/**
 * The places of struct user_regs_struct (sys/user.h), as tracers and core files have the registers.
 */
public final class UserRegs {
  public static final int ORIG_RAX = 15;
  public static final int RIP = 16;
  public static final int CS = 17;
  public static final int EFLAGS = 18;
  public static final int SS = 20;
  public static final int FS_BASE = 21;
  public static final int GS_BASE = 22;
  public static final int GS = 26;

  /** How many places there are, each of eight bytes. */
  public static final int COUNT = 27;

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
  };

  private UserRegs() {}

  /** The register of {@link Registers} at a place; -1 for those that are kept otherwise. */
  public static int register(int place) {
    return place < ORDER.length ? ORDER[place] : -1;
  }
}
