package dev.skerry.sentry.platform;

import java.util.BitSet;

/** The stub's slots in one guest address space; threads that share memory share it. */
final class AddressSpace {
  private final BitSet used = new BitSet();

  /** The lowest free slot, or -1. */
  synchronized int allocate() {
    int slot = used.nextClearBit(0);
    if (slot >= StubLayout.SLOT_COUNT) {
      return -1;
    }
    used.set(slot);
    return slot;
  }

  synchronized void take(int slot) {
    used.set(slot);
  }

  synchronized void free(int slot) {
    used.clear(slot);
  }
}
