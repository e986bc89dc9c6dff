package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.waiter.Events;
import org.jspecify.annotations.Nullable;

/** The three sets of descriptors of a select(2): to read, to write, exceptional. */
final class SelectSets {
  private static final int READ =
      Events.READABLE | Events.RDBAND | Events.HUP | Events.ERR | Events.NVAL;
  private static final int WRITE = Events.WRITABLE | Events.WRBAND | Events.ERR | Events.NVAL;
  private static final int[] EVENTS = {READ, WRITE, Events.PRI};
  private static final byte[] NONE = new byte[0];

  private final UserMemory memory;
  private final long[] addresses;
  private final byte[][] asked;
  private final int count;

  private SelectSets(UserMemory memory, long[] addresses, byte[][] asked, int count) {
    this.memory = memory;
    this.addresses = addresses;
    this.asked = asked;
    this.count = count;
  }

  /** Reads the sets that are the second to fourth argument; each may be missing. */
  static SelectSets read(UserMemory memory, SyscallArgs args, int count) throws ErrnoException {
    int length = (count + 63) / 64 * 8;
    long[] addresses = new long[EVENTS.length];
    byte[][] asked = new byte[EVENTS.length][];
    for (int i = 0; i < EVENTS.length; i++) {
      addresses[i] = args.addressAt(i + 1);
      asked[i] = addresses[i] == 0 ? NONE : memory.readBytes(addresses[i], length);
    }
    return new SelectSets(memory, addresses, asked, count);
  }

  private static boolean has(byte[] set, int fd) {
    return set.length > 0 && (set[fd >> 3] >> (fd & 7) & 1) != 0;
  }

  /** Opens the descriptors, one place of the set for each up to the highest; null for EBADF. */
  @Nullable PollSet open(FdTable table) {
    PollSet set = new PollSet(count);
    for (int fd = 0; fd < count; fd++) {
      int events = 0;
      for (int i = 0; i < EVENTS.length; i++) {
        events |= has(asked[i], fd) ? EVENTS[i] : 0;
      }
      if (events == 0) {
        set.addNothing();
      } else if (!set.add(table, fd, events)) {
        set.release();
        return null;
      }
    }
    return set;
  }

  PollSet.Outcome outcome(PollSet set, PollSyscalls.Timeout timeout) {
    return new PollSet.Outcome() {
      @Override
      public long deliver(int ready) {
        timeout.writeBack(memory);
        return SelectSets.this.deliver(set);
      }

      @Override
      public void interrupted() {
        timeout.writeBack(memory);
      }
    };
  }

  private long deliver(PollSet set) {
    int bits = 0;
    for (int i = 0; i < EVENTS.length; i++) {
      byte[] result = new byte[asked[i].length];
      for (int fd = 0; fd < count; fd++) {
        if (has(asked[i], fd) && (set.happened(fd) & EVENTS[i]) != 0) {
          result[fd >> 3] |= (byte) (1 << (fd & 7));
          bits++;
        }
      }
      if (result.length > 0) {
        long written = memory.copyOut(addresses[i], result, 0, result.length);
        if (written < 0) {
          return written;
        }
      }
    }
    return bits;
  }
}
