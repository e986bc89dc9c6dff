package dev.skerry.sentry.platform;

import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The stub's slots in one guest address space; threads that share memory share it. Its lock also
 * orders the files that its threads are given with an execve that ends them.
 */
final class AddressSpace {
  // Guarded by this.
  private final BitSet used = new BitSet();

  /** The lowest free slot, or null. */
  synchronized @Nullable Slot allocate() {
    int number = used.nextClearBit(0);
    return number >= StubLayout.SLOT_COUNT ? null : take(number);
  }

  synchronized Slot take(int number) {
    used.set(number);
    return new Slot(this, number);
  }

  private synchronized void free(int number) {
    used.clear(number);
  }

  /** One thread's mailbox and signal stack. */
  static final class Slot {
    private static final VarHandle LONG =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final AddressSpace space;
    private final int number;
    private boolean freed;

    private Slot(AddressSpace space, int number) {
      this.space = space;
      this.number = number;
    }

    AddressSpace space() {
      return space;
    }

    int number() {
      return number;
    }

    long address() {
      return StubLayout.slotAddress(number);
    }

    /** Whether the guest address lies in it. */
    boolean contains(long address) {
      return address >= address() && address < address() + StubLayout.SLOT_SIZE;
    }

    /** What the mailbox says that the host has answered to a clone; 0 if it cannot be read. */
    long answer(UserMemory memory) {
      byte[] bytes = new byte[Long.BYTES];
      long at = address() + StubLayout.MAILBOX_ANSWER;
      return memory.copyIn(at, bytes, 0, bytes.length) < 0 ? 0 : (long) LONG.get(bytes, 0);
    }

    /** Gives it back, the first time. */
    void free() {
      synchronized (space) {
        if (!freed) {
          freed = true;
          space.free(number);
        }
      }
    }
  }
}
