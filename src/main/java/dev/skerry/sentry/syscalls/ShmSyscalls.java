package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.hostos.Host;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.ipc.IpcTable;
import dev.skerry.sentry.ipc.SharedSegment;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.mm.SharedMemory;
import dev.skerry.sentry.platform.HostCall;
import dev.skerry.sentry.sysctl.Sysctl;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** System V shared memory (shmget(2), shmop(2), shmctl(2)). */
final class ShmSyscalls {
  private static final int PAGE = 4096;

  private static final int SHM_RDONLY = 010000;
  private static final int SHM_RND = 020000;
  private static final int SHM_REMAP = 040000;
  private static final int SHM_EXEC = 0100000;
  private static final int SHM_HUGETLB = 04000;
  private static final int SHM_LOCK = 11;
  private static final int SHM_UNLOCK = 12;
  private static final int SHM_STAT = 13;
  private static final int SHM_INFO = 14;
  private static final int SHM_STAT_ANY = 15;
  private static final int SHMID_DS = 112;
  private static final int SHMINFO = 72;
  private static final int SHM_INFO_BYTES = 48;

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_SHARED = 1;
  private static final int MAP_FIXED = 0x10;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;

  /**
   * Where the segment's file is while it is mapped; guests' own descriptors are no host
   * descriptors.
   */
  private static final int GUEST_FD = 3;

  private final Kernel kernel;

  /** Of all segments, in whatever namespace, in bytes. */
  private final AtomicLong total = new AtomicLong();

  private ShmSyscalls(Kernel kernel) {
    this.kernel = kernel;
  }

  static void register(SyscallTable table, Kernel kernel) {
    ShmSyscalls calls = new ShmSyscalls(kernel);
    table.partial(Syscall.SHMGET, calls::shmget, "no huge pages");
    table.supported(Syscall.SHMAT, calls::shmat);
    table.supported(Syscall.SHMDT, calls::shmdt);
    table.partial(Syscall.SHMCTL, calls::shmctl, "SHM_LOCK is noted and locks nothing");
    kernel.setIpcListing(new IpcText(calls::countAttachments));
    kernel.onProcessExit(group -> calls.sweep(group.leader()));
  }

  long shmget(Task task, SyscallArgs args) throws ErrnoException {
    sweep(task);
    int flags = args.intAt(2);
    long size = args.longAt(1);
    if ((flags & SHM_HUGETLB) != 0) {
      return -Errno.ENOMEM;
    }
    return table(task)
        .get(
            task.credentials(),
            args.intAt(0),
            flags,
            segment -> {
              if (Long.compareUnsigned(size, segment.size()) > 0) {
                throw ErrnoException.of(Errno.EINVAL);
              }
            },
            (id, sequence) -> make(task, id, sequence, args.intAt(0), flags, size));
  }

  private SharedSegment make(Task task, int id, int sequence, int key, int flags, long size)
      throws ErrnoException {
    if (size <= 0 || Long.compareUnsigned(size, IpcNamespace.setting(task, Sysctl.SHMMAX, 0)) > 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long rounded = (size + PAGE - 1) & -PAGE;
    long here = rounded;
    for (SharedSegment other : table(task).all()) {
      here += other.size();
    }
    long mostPages = IpcNamespace.setting(task, Sysctl.SHMALL, 0);
    if (rounded < 0
        || rounded > kernel.memoryBytes()
        || Long.compareUnsigned(here / PAGE, mostPages) > 0) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    if (total.addAndGet(rounded) > kernel.memoryBytes()) {
      total.addAndGet(-rounded);
      throw ErrnoException.of(Errno.ENOSPC);
    }
    int fd = memory(rounded);
    if (fd < 0) {
      total.addAndGet(-rounded);
      throw ErrnoException.of(-fd);
    }
    return new SharedSegment(
        id,
        sequence,
        key,
        flags,
        task.credentials(),
        IpcStructs.seconds(task),
        fd,
        size,
        task.group().tgid(),
        () -> {
          Host.os().close(fd);
          total.addAndGet(-rounded);
        });
  }

  /** A host descriptor of a memory file, -ENFILE or -ENOMEM. */
  private static int memory(long bytes) {
    int fd = Host.os().memfdCreate("sysv", 0);
    if (fd < 0) {
      return fd == -Errno.EMFILE ? -Errno.ENFILE : -Errno.ENOMEM;
    }
    if (Host.os().ftruncate(fd, bytes) < 0) {
      Host.os().close(fd);
      return -Errno.ENOMEM;
    }
    return fd;
  }

  /** Comes with the registers: the mapping is a host call of its own. */
  long shmat(Task task, SyscallArgs args) throws ErrnoException {
    SharedSegment segment = table(task).byId(args.intAt(0));
    int flags = args.intAt(2);
    long address = args.addressAt(1);
    boolean writes = (flags & SHM_RDONLY) == 0;
    if (address != 0 && (address & (PAGE - 1)) != 0) {
      if ((flags & SHM_RND) == 0) {
        return -Errno.EINVAL;
      }
      address &= -PAGE;
    }
    if (address == 0 && (flags & SHM_REMAP) != 0) {
      return -Errno.EINVAL;
    }
    if (!segment.allows(
        task.credentials(), writes ? IpcStructs.READ | IpcStructs.WRITE : IpcStructs.READ)) {
      return -Errno.EACCES;
    }
    long length = (segment.size() + PAGE - 1) & -PAGE;
    if (!task.mm().mayMap(address, length)) {
      return -Errno.EINVAL;
    }
    int protection =
        PROT_READ | (writes ? PROT_WRITE : 0) | ((flags & SHM_EXEC) != 0 ? PROT_EXEC : 0);
    int how =
        MAP_SHARED
            | (address == 0 ? 0 : (flags & SHM_REMAP) != 0 ? MAP_FIXED : MAP_FIXED_NOREPLACE);
    HostCall call =
        HostCall.withFile(
            segment.hostFd(), GUEST_FD, Syscall.MMAP, address, length, protection, how, GUEST_FD);
    MemoryManager mm = task.mm();
    mm.mappingsChange();
    task.thread()
        .hostCalls(
            List.of(call),
            result -> {
              if (result >= 0) {
                mm.attach(result, segment);
                segment.attached(task.group().tgid(), IpcStructs.seconds(task));
              }
              task.answer(result == -Errno.EEXIST ? -Errno.EINVAL : result);
            });
    return Results.PARKED;
  }

  /** As {@link #shmat}. */
  long shmdt(Task task, SyscallArgs args) {
    long address = args.addressAt(0);
    SharedMemory memory = task.mm().detach(address);
    if (!(memory instanceof SharedSegment segment)) {
      return -Errno.EINVAL;
    }
    long length = (segment.size() + PAGE - 1) & -PAGE;
    task.mm().mappingsChange();
    task.mm().forgetPolicies(address, length);
    task.thread()
        .hostCalls(
            List.of(HostCall.of(Syscall.MUNMAP, address, length)),
            result -> {
              segment.detached(task.group().tgid(), IpcStructs.seconds(task));
              sweep(task);
              task.answer(result);
            });
    return Results.PARKED;
  }

  private static IpcTable<SharedSegment> table(Task task) {
    return IpcNamespace.of(task).segments();
  }

  /** Removes what was marked and is attached nowhere: address spaces end without saying so. */
  private void sweep(Task task) {
    for (SharedSegment segment : table(task).all()) {
      if (segment.isMarkedForRemoval() && countAttachments(segment) == 0) {
        table(task).remove(segment);
      }
    }
  }

  private long countAttachments(SharedSegment segment) {
    Set<MemoryManager> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    long count = 0;
    for (ThreadGroup group : kernel.tasks().groups()) {
      for (Task task : group.threads()) {
        MemoryManager mm = task.mm();
        if (!task.isDead() && seen.add(mm)) {
          count += mm.countAttachments(segment);
        }
      }
    }
    return count;
  }

  long shmctl(Task task, SyscallArgs args) throws ErrnoException {
    sweep(task);
    int command = args.intAt(1) & ~IpcStructs.IPC_64;
    long address = args.addressAt(2);
    switch (command) {
      case IpcStructs.IPC_INFO -> {
        new StructWriter(SHMINFO)
            .putLong(0, IpcNamespace.setting(task, Sysctl.SHMMAX, 0))
            .putLong(8, 1)
            .putLong(16, IpcNamespace.setting(task, Sysctl.SHMMNI, 0))
            .putLong(24, IpcNamespace.setting(task, Sysctl.SHMMNI, 0))
            .putLong(32, IpcNamespace.setting(task, Sysctl.SHMALL, 0))
            .copyOut(task.memory(), address);
        return table(task).highestIndex();
      }
      case SHM_INFO -> {
        long pages = 0;
        for (SharedSegment segment : table(task).all()) {
          pages += (segment.size() + PAGE - 1) / PAGE;
        }
        new StructWriter(SHM_INFO_BYTES)
            .putInt(0, table(task).all().size())
            .putLong(8, pages)
            .putLong(16, pages)
            .copyOut(task.memory(), address);
        return table(task).highestIndex();
      }
      case IpcStructs.IPC_STAT, SHM_STAT, SHM_STAT_ANY -> {
        boolean byId = command == IpcStructs.IPC_STAT;
        SharedSegment segment =
            byId ? table(task).byId(args.intAt(0)) : table(task).byIndex(args.intAt(0));
        if (command != SHM_STAT_ANY && !segment.allows(task.credentials(), IpcStructs.READ)) {
          return -Errno.EACCES;
        }
        stat(task, segment).copyOut(task.memory(), address);
        return byId ? 0 : segment.id();
      }
      case IpcStructs.IPC_SET, IpcStructs.IPC_RMID, SHM_LOCK, SHM_UNLOCK -> {
        return change(task, table(task).byId(args.intAt(0)), command, address);
      }
      default -> {
        return -Errno.EINVAL;
      }
    }
  }

  private long change(Task task, SharedSegment segment, int command, long address)
      throws ErrnoException {
    boolean locking = command == SHM_LOCK || command == SHM_UNLOCK;
    if (locking && task.credentials().hasCapability(Capability.IPC_LOCK)) {
      segment.setLocked(command == SHM_LOCK);
      return 0;
    }
    if (!segment.isOwner(task.credentials())) {
      return -Errno.EPERM;
    }
    if (locking) {
      boolean none = task.group().limits().soft(Rlimits.MEMLOCK) == 0;
      if (command == SHM_LOCK && none) {
        return -Errno.EPERM;
      }
      segment.setLocked(command == SHM_LOCK);
      return 0;
    }
    if (command == IpcStructs.IPC_SET) {
      IpcStructs.setOwner(task, segment, IpcStructs.read(task, address, SHMID_DS));
    } else if (command == IpcStructs.IPC_RMID) {
      segment.markForRemoval();
      sweep(task);
    }
    return 0;
  }

  private StructWriter stat(Task task, SharedSegment segment) {
    return IpcStructs.putPermissions(task, new StructWriter(SHMID_DS), segment)
        .putLong(48, segment.size())
        .putLong(56, segment.attachTime())
        .putLong(64, segment.detachTime())
        .putLong(72, segment.changeTime())
        .putInt(80, task.pidNamespace().number(segment.creatorPid()))
        .putInt(84, task.pidNamespace().number(segment.lastPid()))
        .putLong(88, countAttachments(segment));
  }
}
