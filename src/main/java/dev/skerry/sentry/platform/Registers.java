package dev.skerry.sentry.platform;

import dev.skerry.sentry.usermem.UserMemory;

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

  /** The size in bytes of the saved floating-point and vector state, as in a signal frame. */
  int floatingPointSize();

  /**
   * Writes the floating-point state to guest memory, in a signal frame's form.
   *
   * @return zero or -EFAULT
   */
  long saveFloatingPoint(UserMemory memory, long address);

  /**
   * Takes the floating-point state from guest memory, where a signal handler may have changed it;
   * address 0 stands for the initial state. The host checks what it restores.
   *
   * @return zero or -EFAULT
   */
  long restoreFloatingPoint(UserMemory memory, long address);
}
