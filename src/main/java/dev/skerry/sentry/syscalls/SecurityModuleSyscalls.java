package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;

/** Which security modules there are, and their attributes, of which none has any (lsm(7)). */
final class SecurityModuleSyscalls {
  private static final long LSM_ID_CAPABILITY = 100;
  private static final long LSM_ID_LANDLOCK = 110;
  private static final long[] MODULES = {LSM_ID_CAPABILITY, LSM_ID_LANDLOCK};

  private static final int LSM_FLAG_SINGLE = 1;

  /** sizeof(struct lsm_ctx) without the context itself. */
  private static final int CONTEXT = 32;

  private static final int PAGE = 4096;

  private SecurityModuleSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.LSM_GET_SELF_ATTR, SecurityModuleSyscalls::lsm_get_self_attr);
    table.supported(Syscall.LSM_SET_SELF_ATTR, SecurityModuleSyscalls::lsm_set_self_attr);
    table.supported(Syscall.LSM_LIST_MODULES, SecurityModuleSyscalls::lsm_list_modules);
  }

  static long lsm_list_modules(Task task, SyscallArgs args) throws ErrnoException {
    UserMemory memory = task.memory();
    int needed = MODULES.length * Long.BYTES;
    if (args.intAt(2) != 0) {
      return -Errno.EINVAL;
    }
    int room = memory.readInt(args.addressAt(1));
    memory.writeInt(args.addressAt(1), needed);
    if (Integer.compareUnsigned(room, needed) < 0) {
      return -Errno.E2BIG;
    }
    for (int i = 0; i < MODULES.length; i++) {
      memory.writeLong(args.addressAt(0) + (long) i * Long.BYTES, MODULES[i]);
    }
    return MODULES.length;
  }

  static long lsm_get_self_attr(Task task, SyscallArgs args) throws ErrnoException {
    UserMemory memory = task.memory();
    long contextAddress = args.addressAt(1);
    long sizeAddress = args.addressAt(2);
    int flags = args.intAt(3);
    if (args.intAt(0) == 0 || sizeAddress == 0) {
      return -Errno.EINVAL;
    }
    memory.readInt(sizeAddress);
    if (flags != 0) {
      if (flags != LSM_FLAG_SINGLE || contextAddress == 0) {
        return -Errno.EINVAL;
      }
      if (new StructReader(memory.readBytes(contextAddress, CONTEXT)).longAt(0) == 0) {
        return -Errno.EINVAL;
      }
    }
    memory.writeInt(sizeAddress, 0);
    return -Errno.EOPNOTSUPP;
  }

  static long lsm_set_self_attr(Task task, SyscallArgs args) throws ErrnoException {
    int size = args.intAt(2);
    if (args.intAt(3) != 0 || Integer.compareUnsigned(size, CONTEXT) < 0) {
      return -Errno.EINVAL;
    }
    if (Integer.compareUnsigned(size, PAGE) > 0) {
      return -Errno.E2BIG;
    }
    StructReader context = new StructReader(task.memory().readBytes(args.addressAt(1), size));
    long length = context.longAt(16);
    long bytes = context.longAt(24);
    boolean fits =
        Long.compareUnsigned(length, size) <= 0
            && Long.compareUnsigned(bytes, PAGE) <= 0
            && CONTEXT + bytes <= length;
    return fits ? -Errno.EOPNOTSUPP : -Errno.EINVAL;
  }
}
