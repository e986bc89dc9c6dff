package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import java.util.Arrays;

/**
 * Memory calls. None has a pointer that the host would follow, so a call that was checked by value
 * is run by the host as it stands.
 */
final class MmSyscalls {
  private static final long PAGE_MASK = 4095;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_TYPE = 0xf;
  private static final int MAP_SHARED_VALIDATE = 3;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MAP_HUGETLB = 0x40000;
  private static final int MAP_LOCKED = 0x2000;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  /** The flags that MAP_SHARED_VALIDATE accepts (LEGACY_MAP_MASK of include/linux/mman.h). */
  private static final int MAP_KNOWN = 0x10fd7f | MAP_FIXED_NOREPLACE;

  private static final int MREMAP_FIXED = 2;
  private static final int MREMAP_DONTUNMAP = 4;
  private static final int MADV_MERGEABLE = 12;
  private static final int MADV_UNMERGEABLE = 13;
  private static final int MADV_HWPOISON = 100;
  private static final int MADV_SOFT_OFFLINE = 101;

  /** All commands of membarrier(2) but those for rseq(2). */
  private static final int MEMBARRIER_OFFERED = 0x7f;

  private MmSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.MMAP, MmSyscalls::mmap);
    table.supported(Syscall.MUNMAP, MmSyscalls::munmap);
    table.supported(Syscall.MPROTECT, MmSyscalls::mprotect);
    table.supported(Syscall.MREMAP, MmSyscalls::mremap);
    table.supported(Syscall.BRK, MmSyscalls::brk);
    table.supported(Syscall.MADVISE, MmSyscalls::madvise);
    table.supported(Syscall.MSYNC, MmSyscalls::byRange);
    table.partial(Syscall.MEMBARRIER, MmSyscalls::membarrier, "no rseq, so no barriers for it");
    table.supported(Syscall.MINCORE, MmSyscalls::mincore);
    table.supported(Syscall.PKEY_ALLOC, (task, args) -> Results.CONTINUE);
    table.supported(Syscall.PKEY_FREE, (task, args) -> Results.CONTINUE);
    table.supported(Syscall.PKEY_MPROTECT, MmSyscalls::mprotect);
    table.supported(Syscall.MSEAL, MmSyscalls::mseal);
    table.unsupported(Syscall.USERFAULTFD, Errno.ENOSYS, "not offered to untrusted programs");
    table.supported(Syscall.REMAP_FILE_PAGES, MmSyscalls::remap_file_pages);
  }

  static long mmap(Task task, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(0);
    long length = args.longAt(1);
    int flags = args.intAt(3);
    if ((args.longAt(5) & PAGE_MASK) != 0) {
      return -Errno.EINVAL;
    }
    if (length == 0) {
      if ((flags & MAP_ANONYMOUS) == 0) {
        Paths.file(task, args.intAt(4)).drop();
      }
      return -Errno.EINVAL;
    }
    if (!task.mm().mayMap(address, length)) {
      return (flags & MAP_FIXED_NOREPLACE) != 0 ? -Errno.EEXIST : -Errno.ENOMEM;
    }
    if ((flags & MAP_HUGETLB) != 0) {
      return (flags & MAP_ANONYMOUS) != 0 ? -Errno.ENOMEM : -Errno.EINVAL;
    }
    if ((flags & MAP_LOCKED) != 0) {
      long refused = MlockSyscalls.checkMapping(task, length);
      if (refused < 0) {
        return refused;
      }
    }
    if (SpaceLimits.areSet(task)) {
      boolean data = (args.intAt(2) & PROT_WRITE) != 0 && (flags & MAP_TYPE) == MAP_PRIVATE;
      long refused =
          SpaceLimits.checkMapping(task, address, length, (flags & MAP_FIXED) != 0, data);
      if (refused < 0) {
        return refused;
      }
    }
    task.mm().mappingsChange();
    if ((flags & MAP_FIXED) != 0) {
      task.mm().forgetPolicies(address, length);
    }
    if ((flags & MAP_ANONYMOUS) != 0) {
      return Results.CONTINUE;
    }
    if ((flags & MAP_TYPE) == MAP_SHARED_VALIDATE && (flags & ~MAP_KNOWN) != 0) {
      return -Errno.EOPNOTSUPP;
    }
    int fd = args.intAt(4);
    OpenFileDescription file = Paths.file(task, fd);
    try {
      if ((file.flags() & OpenFlags.O_PATH) != 0) {
        return -Errno.EBADF;
      }
      return mapFile(task, file, args);
    } finally {
      file.drop();
    }
  }

  private static long mapFile(Task task, OpenFileDescription file, SyscallArgs args) {
    int protection = args.intAt(2);
    int flags = args.intAt(3);
    int fd = args.intAt(4);
    int type = flags & MAP_TYPE;
    boolean shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
    if (!shared && type != MAP_PRIVATE) {
      return -Errno.EINVAL;
    }
    if (!file.isReadable()) {
      return -Errno.EACCES;
    }
    if (shared && (protection & PROT_WRITE) != 0) {
      if (!file.isWritable() || (file.flags() & OpenFlags.O_APPEND) != 0) {
        return -Errno.EACCES;
      }
    }
    boolean noExec = file.path() != null && file.path().mount().isNoExec();
    if ((protection & PROT_EXEC) != 0 && noExec) {
      return -Errno.EPERM;
    }
    int hostFd = file.mappableHostFd(shared && file.isWritable());
    if (hostFd < 0) {
      return hostFd;
    }
    if (!task.mm().noteMapped(task.thread().hostTid(), hostFd, file, noExec) && noExec) {
      return -Errno.ENOMEM;
    }
    if (task.thread().inEvent()) {
      file.acquire();
      long[] call = new long[6];
      Arrays.setAll(call, args::longAt);
      task.answerByHost(HostCall.withFile(hostFd, fd, Syscall.MMAP, call), file::drop);
      return Results.PARKED;
    }
    long result = task.thread().continueMap(hostFd, fd);
    return result < 0 ? -Errno.ENOMEM : Results.PARKED;
  }

  /** A range with the stub and the program in it takes the ground from under the program's feet. */
  static long munmap(Task task, SyscallArgs args) {
    long address = args.addressAt(0);
    long length = args.longAt(1);
    if (task.mm().mayMap(address, length)) {
      if ((address & PAGE_MASK) == 0) {
        task.mm().forgetPolicies(address, length);
      }
      return Results.CONTINUE;
    }
    long code = task.mm().layout().codeStart();
    if ((address & PAGE_MASK) == 0 && address <= code && address + length > code) {
      task.signal(SigInfo.kernel(Signal.SIGSEGV));
    }
    return -Errno.EINVAL;
  }

  static long mprotect(Task task, SyscallArgs args) {
    boolean limited =
        (args.intAt(2) & PROT_WRITE) != 0
            && task.group().limits().soft(Rlimits.DATA) != Rlimits.INFINITY
            && task.mm().mayMap(args.addressAt(0), args.longAt(1));
    if (limited && !SpaceLimits.mayBecomeData(task, args.addressAt(0), args.longAt(1))) {
      return -Errno.ENOMEM;
    }
    long start = args.addressAt(0);
    if ((args.intAt(2) & PROT_EXEC) != 0
        && task.mm().isNoExec(task.thread().hostTid(), start, start + args.longAt(1))) {
      return -Errno.EACCES;
    }
    return byRange(task, args);
  }

  static long mremap(Task task, SyscallArgs args) {
    MemoryManager mm = task.mm();
    if (!mm.mayMap(args.addressAt(0), args.longAt(1))) {
      return -Errno.EFAULT;
    }
    // Without MREMAP_FIXED the new address is a hint, which the host follows if it can.
    boolean named = (args.intAt(3) & (MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0;
    if (named && !mm.mayMap(args.addressAt(4), args.longAt(2))) {
      return -Errno.EINVAL;
    }
    long growth = args.longAt(2) - args.longAt(1);
    if (growth > 0 && MlockSyscalls.checkGrowth(task, args.addressAt(0), growth) < 0) {
      return -Errno.EAGAIN;
    }
    if (growth > 0 && SpaceLimits.areSet(task) && SpaceLimits.check(task, growth, true) < 0) {
      return -Errno.ENOMEM;
    }
    mm.mappingsChange();
    policiesMove(mm, args);
    return Results.CONTINUE;
  }

  /** Where the host moves a mapping that grows is not known, and it comes without its policy. */
  private static void policiesMove(MemoryManager mm, SyscallArgs args) {
    long from = args.addressAt(0);
    long before = args.longAt(1);
    long after = args.longAt(2);
    boolean kept = (args.intAt(3) & MREMAP_DONTUNMAP) != 0;
    if ((args.intAt(3) & MREMAP_FIXED) != 0) {
      mm.movePolicies(from, args.addressAt(4), Math.min(before, after));
      if (!kept) {
        mm.forgetPolicies(from, before);
      }
    } else if (after < before) {
      mm.forgetPolicies((from + after + PAGE_MASK) & ~PAGE_MASK, before - after);
    } else if (after > before && !kept) {
      mm.forgetPolicies(from, before);
    }
  }

  /** The host maps another part of the file that the range shows already. */
  static long remap_file_pages(Task task, SyscallArgs args) {
    if (!task.mm().mayMap(args.addressAt(0), args.longAt(1))) {
      return -Errno.EINVAL;
    }
    task.mm().mappingsChange();
    return Results.CONTINUE;
  }

  /** The host's own break was set to the program's when it was loaded. */
  static long brk(Task task, SyscallArgs args) {
    long wanted = args.longAt(0);
    if (SpaceLimits.areSet(task) && !SpaceLimits.mayMoveBreak(task, wanted)) {
      return task.mm().programBreak(task.thread().hostTid());
    }
    task.mm().noteBreak(wanted);
    return Results.CONTINUE;
  }

  static long madvise(Task task, SyscallArgs args) {
    int advice = args.intAt(2);
    if (advice == MADV_HWPOISON || advice == MADV_SOFT_OFFLINE || isTooLong(args)) {
      // No memory failures here, as in a kernel that is built without.
      return -Errno.EINVAL;
    }
    if (advice == MADV_MERGEABLE || advice == MADV_UNMERGEABLE) {
      return mergeable(task, args);
    }
    return byRange(task, args);
  }

  /**
   * Nothing is merged: the host would do it across sandboxes, and how long a write takes would tell
   * of it.
   */
  private static long mergeable(Task task, SyscallArgs args) {
    long start = args.addressAt(0);
    long length = (args.longAt(1) + PAGE_MASK) & ~PAGE_MASK;
    if ((start & PAGE_MASK) != 0) {
      return -Errno.EINVAL;
    }
    boolean mapped =
        length == 0
            || (task.mm().mayMap(start, length)
                && task.mm().isMapped(task.thread().hostTid(), start, length));
    return mapped ? 0 : -Errno.ENOMEM;
  }

  private static long mseal(Task task, SyscallArgs args) {
    return isTooLong(args) ? -Errno.EINVAL : byRange(task, args);
  }

  /** Whether a range goes beyond the highest address, or its length in pages does. */
  private static boolean isTooLong(SyscallArgs args) {
    long start = args.addressAt(0);
    long length = args.longAt(1);
    long pages = (length + PAGE_MASK) & ~PAGE_MASK;
    return (length != 0 && pages == 0) || Long.compareUnsigned(start + pages, start) < 0;
  }

  private static long byRange(Task task, SyscallArgs args) {
    if ((args.addressAt(0) & PAGE_MASK) != 0) {
      return -Errno.EINVAL;
    }
    return task.mm().mayMap(args.addressAt(0), args.longAt(1)) ? Results.CONTINUE : -Errno.ENOMEM;
  }

  /** The host does what the query offers. */
  static long membarrier(Task task, SyscallArgs args) {
    int command = args.intAt(0);
    if (args.intAt(1) != 0) {
      return -Errno.EINVAL;
    }
    if (command == 0) {
      return MEMBARRIER_OFFERED;
    }
    boolean one = Integer.bitCount(command) == 1 && (command & MEMBARRIER_OFFERED) != 0;
    return one ? Results.CONTINUE : -Errno.EINVAL;
  }

  /** The host writes through the pointer as the thread itself could; nothing is read there. */
  static long mincore(Task task, SyscallArgs args) {
    return byRange(task, args);
  }
}
