package dev.skerry.sentry.platform;

/**
 * The saved registers of a thread in an event, in the order of the kernel's sigcontext (struct
 * sigcontext, asm/sigcontext.h).
 */
public interface Registers {
  int R8 = 0;
  int R9 = 1;
  int R10 = 2;
  int R11 = 3;
  int R12 = 4;
  int R13 = 5;
  int R14 = 6;
  int R15 = 7;
  int RDI = 8;
  int RSI = 9;
  int RBP = 10;
  int RBX = 11;
  int RDX = 12;
  int RAX = 13;
  int RCX = 14;
  int RSP = 15;
  int RIP = 16;
  int EFLAGS = 17;

  /** CS, GS, FS and SS, 16 bits each. */
  int CSGSFS = 18;

  int ERR = 19;
  int TRAPNO = 20;
  int OLDMASK = 21;
  int CR2 = 22;
  int COUNT = 23;

  long get(int register);

  void set(int register, long value);

  /** The base of FS, once {@link GuestThread#openToInspection} has read it. */
  long fsBase();

  /** The base of GS, likewise. */
  long gsBase();

  /** Sets both bases, which are known, to canonical user addresses. */
  void setBases(long fs, long gs);

  /** The least size of a floating-point state: that of fxsave. */
  int FLOATING_POINT_MIN = 512;

  /**
   * The saved floating-point and vector state, in a signal frame's form; empty if there is none or
   * it cannot be read.
   */
  byte[] floatingPoint();

  /**
   * Replaces the floating-point state by another of the size that {@link #floatingPoint} gave. The
   * host checks what it restores.
   */
  void setFloatingPoint(byte[] state);

  /**
   * Exchanges the general registers and flags for those that a handler had when it returned
   * (rt_sigreturn(2)), and back.
   */
  void exchangeReturned();

  /**
   * Brings the floating-point state to that of a new program.
   *
   * @return false if the frame has none, or cannot be read
   */
  boolean resetFloatingPoint();
}
