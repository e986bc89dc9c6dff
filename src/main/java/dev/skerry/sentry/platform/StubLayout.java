package dev.skerry.sentry.platform;

/** The numbers that sentry and stub share; see layout.h of the native part. */
final class StubLayout {
  static final long BASE = 0x6bd7_0000_0000L;
  static final long TEXT_END = BASE + 0x2000;
  static final long ZERO = BASE + 0x40;
  static final long SLOTS = BASE + 0x100_0000;
  static final int SLOT_SIZE = 0x4000;

  /** Offset in the mailbox: of a clone, what its parent's call returns, then the host's result. */
  static final int MAILBOX_ANSWER = 24;

  /** Offsets in a slot, behind the mailbox at its fullest. */
  static final int BASES = 1024;

  static final int BEFORE_RETURN = 1040;
  static final int SLOT_COUNT = 4096;
  static final long END = BASE + 0x1000_0000;

  static final int HYPERCALL = 5000;
  static final int HYPER_EVENT = 1;
  static final int HYPER_DONE = 2;
  static final int HYPER_CHILD = 3;
  static final int HYPER_RETURN = 4;

  static final long ORDER_RESUME = 0;
  static final long ORDER_CALL = 1;
  static final long ORDER_CLONE = 2;
  static final long ORDER_TOUCH = 3;

  static final int LOOK_UP_SIGNAL = 64;

  private StubLayout() {}

  static boolean inText(long instructionPointer) {
    return instructionPointer >= BASE && instructionPointer < TEXT_END;
  }

  static long slotAddress(int slot) {
    return SLOTS + (long) slot * SLOT_SIZE;
  }
}
