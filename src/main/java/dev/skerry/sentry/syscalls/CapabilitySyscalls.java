package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;

/** Capability sets (capget(2), capset(2)). */
final class CapabilitySyscalls {
  private static final int VERSION_1 = 0x19980330;
  private static final int VERSION_2 = 0x20071026;
  private static final int VERSION_3 = 0x20080522;
  private static final int HEADER_SIZE = 8;
  private static final int DATA_SIZE = 12;

  private CapabilitySyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.CAPGET, CapabilitySyscalls::capget);
    table.supported(Syscall.CAPSET, CapabilitySyscalls::capset);
  }

  /** How many 32-bit words a set has in this version; 0 for an unknown one, which is corrected. */
  private static int words(Task task, long header, int version) throws ErrnoException {
    return switch (version) {
      case VERSION_1 -> 1;
      case VERSION_2, VERSION_3 -> 2;
      default -> {
        task.memory().writeInt(header, VERSION_3);
        yield 0;
      }
    };
  }

  static long capget(Task task, SyscallArgs args) throws ErrnoException {
    long header = args.addressAt(0);
    long data = args.addressAt(1);
    StructReader in = new StructReader(task.memory().readBytes(header, HEADER_SIZE));
    int words = words(task, header, in.intAt(0));
    if (words == 0) {
      return data == 0 ? 0 : -Errno.EINVAL;
    }
    int tid = in.intAt(4);
    if (tid < 0) {
      return -Errno.EINVAL;
    }
    Task other = tid == 0 ? task : task.pidNamespace().find(tid);
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (data == 0) {
      return 0;
    }
    Credentials credentials = other.credentials();
    StructWriter out = new StructWriter(words * DATA_SIZE);
    for (int i = 0; i < words; i++) {
      out.putInt(i * DATA_SIZE, (int) (credentials.effective() >>> (32 * i)))
          .putInt(i * DATA_SIZE + 4, (int) (credentials.permitted() >>> (32 * i)))
          .putInt(i * DATA_SIZE + 8, (int) (credentials.inheritable() >>> (32 * i)));
    }
    out.copyOut(task.memory(), data);
    return 0;
  }

  static long capset(Task task, SyscallArgs args) throws ErrnoException {
    long header = args.addressAt(0);
    StructReader in = new StructReader(task.memory().readBytes(header, HEADER_SIZE));
    int words = words(task, header, in.intAt(0));
    if (words == 0) {
      return -Errno.EINVAL;
    }
    int tid = in.intAt(4);
    if (tid != 0 && tid != task.pidNamespace().number(task)) {
      return -Errno.EPERM;
    }
    StructReader data =
        new StructReader(task.memory().readBytes(args.addressAt(1), words * DATA_SIZE));
    long[] sets = new long[3];
    for (int i = 0; i < words; i++) {
      for (int set = 0; set < sets.length; set++) {
        sets[set] |= (data.intAt(i * DATA_SIZE + 4 * set) & 0xffff_ffffL) << (32 * i);
      }
    }
    return apply(
        task, sets[0] & Capability.ALL, sets[1] & Capability.ALL, sets[2] & Capability.ALL);
  }

  private static long apply(Task task, long effective, long permitted, long inheritable) {
    Credentials old = task.credentials();
    boolean inheritableOk =
        (old.hasOwnCapability(Capability.SETPCAP)
                || isSubset(inheritable, old.inheritable() | old.permitted()))
            && isSubset(inheritable, old.inheritable() | old.bounding());
    if (!inheritableOk
        || !isSubset(permitted, old.permitted())
        || !isSubset(effective, permitted)) {
      return -Errno.EPERM;
    }
    task.setCredentials(
        old.withCapabilities(permitted, effective, inheritable, old.bounding(), old.ambient()));
    return 0;
  }

  private static boolean isSubset(long part, long whole) {
    return (part & ~whole) == 0;
  }
}
