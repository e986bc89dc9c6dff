package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Restartable;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;

/** poll(2) and select(2). */
final class PollSyscalls {
  private static final int POLLFD = 8;
  private static final int SIGNAL_SET = 8;

  private PollSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.POLL, PollSyscalls::poll);
    table.supported(Syscall.PPOLL, PollSyscalls::ppoll);
    table.supported(Syscall.SELECT, PollSyscalls::select);
    table.supported(Syscall.PSELECT6, PollSyscalls::pselect6);
  }

  static long poll(Task task, SyscallArgs args) throws ErrnoException {
    long milliseconds = args.intAt(2);
    Timeout timeout = milliseconds < 0 ? Timeout.NONE : Timeout.after(milliseconds * 1_000_000);
    return poll(task, args.addressAt(0), args.intAt(1), timeout, true);
  }

  static long ppoll(Task task, SyscallArgs args) throws ErrnoException {
    Timeout timeout = Timeout.timespec(task, args.addressAt(2));
    useMask(task, args.addressAt(3), args.longAt(4));
    return poll(task, args.addressAt(0), args.intAt(1), timeout, false);
  }

  private static long poll(Task task, long address, int count, Timeout timeout, boolean restartable)
      throws ErrnoException {
    if (PollSet.checkCount(task, Integer.toUnsignedLong(count)) < 0) {
      return -Errno.EINVAL;
    }
    byte[] bytes = task.memory().readBytes(address, count * POLLFD);
    StructReader struct = new StructReader(bytes);
    PollSet set = new PollSet(count);
    for (int i = 0; i < count; i++) {
      int fd = struct.intAt(i * POLLFD);
      if (fd < 0) {
        set.addNothing();
      } else {
        set.add(task.files(), fd, struct.shortAt(i * POLLFD + 4));
      }
    }
    Restartable again = null;
    if (restartable) {
      again = restarted -> restartPoll(restarted, address, count, timeout);
    }
    return set.await(
        task,
        timeout.isSet(),
        timeout.deadline(),
        again,
        new PollOutcome(task.memory(), address, bytes, set, timeout));
  }

  private static long restartPoll(Task task, long address, int count, Timeout timeout) {
    try {
      return poll(task, address, count, timeout, true);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private record PollOutcome(
      UserMemory memory, long address, byte[] bytes, PollSet set, Timeout timeout)
      implements PollSet.Outcome {
    @Override
    public long deliver(int ready) {
      timeout.writeBack(memory);
      for (int i = 0; i < bytes.length / POLLFD; i++) {
        int events = set.happened(i);
        bytes[i * POLLFD + 6] = (byte) events;
        bytes[i * POLLFD + 7] = (byte) (events >> 8);
      }
      long result = memory.copyOut(address, bytes, 0, bytes.length);
      return result < 0 ? result : ready;
    }

    @Override
    public void interrupted() {
      timeout.writeBack(memory);
    }
  }

  static long select(Task task, SyscallArgs args) throws ErrnoException {
    Timeout timeout = Timeout.timeval(task, args.addressAt(4));
    return select(task, args, timeout);
  }

  static long pselect6(Task task, SyscallArgs args) throws ErrnoException {
    Timeout timeout = Timeout.timespec(task, args.addressAt(4));
    long pair = args.addressAt(5);
    if (pair != 0) {
      StructReader struct = new StructReader(task.memory().readBytes(pair, 16));
      useMask(task, struct.longAt(0), struct.longAt(8));
    }
    return select(task, args, timeout);
  }

  private static long select(Task task, SyscallArgs args, Timeout timeout) throws ErrnoException {
    if (args.intAt(0) < 0) {
      return -Errno.EINVAL;
    }
    long most = task.group().limits().soft(Rlimits.NOFILE);
    int count = args.intAt(0);
    if (Long.compareUnsigned(count, most) > 0) {
      count = (int) most;
    }
    SelectSets sets = SelectSets.read(task.memory(), args, count);
    PollSet set = sets.open(task.files());
    if (set == null) {
      return -Errno.EBADF;
    }
    return set.await(task, timeout.isSet(), timeout.deadline(), null, sets.outcome(set, timeout));
  }

  /**
   * Sets the mask of a call with a mask; it lasts until the call returns.
   *
   * @param address where the set is; 0 for no change
   */
  static void useMask(Task task, long address, long size) throws ErrnoException {
    if (address == 0) {
      return;
    }
    if (size != SIGNAL_SET) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    task.useMask(task.memory().readLong(address));
  }

  /**
   * When a call gives up.
   *
   * @param address where what is left is written back to; 0 for nowhere
   */
  record Timeout(boolean isSet, long deadline, long address, boolean micro) {
    private static final int STICKY_TIMEOUTS = 0x4000000;

    static final Timeout NONE = new Timeout(false, 0, 0, false);

    static Timeout after(long nanos) {
      return new Timeout(true, Times.deadline(nanos), 0, false);
    }

    static Timeout timespec(Task task, long address) throws ErrnoException {
      if (address == 0) {
        return NONE;
      }
      long nanos = Times.timespec(task.memory(), address);
      return new Timeout(true, Times.deadline(nanos), writeBackTo(task, address), false);
    }

    static Timeout timeval(Task task, long address) throws ErrnoException {
      if (address == 0) {
        return NONE;
      }
      long nanos = Times.looseTimeval(task.memory(), address);
      return new Timeout(true, Times.deadline(nanos), writeBackTo(task, address), true);
    }

    /** Some programs of old expect their timeouts unchanged (personality(2)). */
    private static long writeBackTo(Task task, long address) {
      return (task.settings().personality() & STICKY_TIMEOUTS) != 0 ? 0 : address;
    }

    /** Tells what is left; that it cannot be written does not matter (fs/select.c). */
    void writeBack(UserMemory memory) {
      if (address == 0) {
        return;
      }
      long left = Math.max(0, deadline - System.nanoTime());
      StructWriter struct = new StructWriter(Times.SIZE);
      if (micro) {
        Times.putTimeval(struct, 0, left);
      } else {
        Times.putTimespec(struct, 0, left);
      }
      struct.tryCopyOut(memory, address);
    }
  }
}
