package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.mm.MemoryPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory policies of a machine whose memory is all on one node (numa(7)): they are checked, kept
 * and told, but nothing can depend on them. Linux: mm/mempolicy.c, mm/migrate.c.
 */
final class PolicySyscalls {
  private static final int MPOL_MAX = 6;

  private static final int MPOL_F_NODE = 1;
  private static final int MPOL_F_ADDR = 2;
  private static final int MPOL_F_MEMS_ALLOWED = 4;

  private static final int MPOL_MF_MOVE = 2;
  private static final int MPOL_MF_MOVE_ALL = 4;
  private static final int MPOL_MF_VALID = 7;

  private static final int PAGE = 4096;

  /** The most bits that a set of nodes may have. */
  private static final long MOST_BITS = PAGE * 8L;

  /** The one node, as a set. */
  private static final long NODES = 1;

  private static final int MOST_PAGES = 1 << 20;

  private PolicySyscalls() {}

  static void register(SyscallTable table) {
    String note = "one node: checked and kept, without effect";
    table.partial(Syscall.GET_MEMPOLICY, PolicySyscalls::get_mempolicy, note);
    table.partial(Syscall.SET_MEMPOLICY, PolicySyscalls::set_mempolicy, note);
    table.partial(Syscall.MBIND, PolicySyscalls::mbind, note);
    table.partial(Syscall.SET_MEMPOLICY_HOME_NODE, PolicySyscalls::set_mempolicy_home_node, note);
    table.partial(Syscall.MIGRATE_PAGES, PolicySyscalls::migrate_pages, note);
    table.partial(Syscall.MOVE_PAGES, PolicySyscalls::move_pages, note);
  }

  /** A set of nodes as the guest gave it, of which only the first word can have any. */
  private static long nodes(Task task, long address, long count) throws ErrnoException {
    long bits = count - 1;
    if (bits == 0 || address == 0) {
      return 0;
    }
    if (Long.compareUnsigned(bits, MOST_BITS) > 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int words = (int) ((bits + Long.SIZE - 1) / Long.SIZE);
    StructReader in = new StructReader(task.memory().readBytes(address, words * Long.BYTES));
    for (int i = 1; i < words; i++) {
      boolean last = i == words - 1 && bits % Long.SIZE != 0;
      long mask = last ? (1L << bits % Long.SIZE) - 1 : -1;
      if ((in.longAt(i * Long.BYTES) & mask) != 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }
    return in.longAt(0) & (bits < Long.SIZE ? (1L << bits) - 1 : -1);
  }

  /** Whether a policy can be: zero or -EINVAL. */
  private static long check(int mode, long nodes) {
    int kind = mode & ~MemoryPolicy.FLAGS;
    boolean flags = (mode & MemoryPolicy.FLAGS) != 0;
    if (kind < 0 || kind > MPOL_MAX || (mode & MemoryPolicy.FLAGS) == MemoryPolicy.FLAGS) {
      return -Errno.EINVAL;
    }
    return switch (kind) {
      case MemoryPolicy.DEFAULT -> nodes != 0 ? -Errno.EINVAL : 0;
      case MemoryPolicy.LOCAL -> nodes != 0 || flags ? -Errno.EINVAL : 0;
      case MemoryPolicy.PREFERRED -> nodes == 0 ? (flags ? -Errno.EINVAL : 0) : checkNodes(nodes);
      default -> checkNodes(nodes);
    };
  }

  private static long checkNodes(long nodes) {
    return (nodes & NODES) == 0 ? -Errno.EINVAL : 0;
  }

  static long set_mempolicy(Task task, SyscallArgs args) throws ErrnoException {
    int mode = args.intAt(0);
    if ((mode & ~MemoryPolicy.FLAGS) < 0 || (mode & ~MemoryPolicy.FLAGS) > MPOL_MAX) {
      return -Errno.EINVAL;
    }
    long nodes = nodes(task, args.addressAt(1), args.longAt(2));
    long wrong = check(mode, nodes);
    if (wrong == 0) {
      task.setSettings(task.settings().withMemoryPolicy(kept(mode, nodes)));
    }
    return wrong;
  }

  private static int kept(int mode, long nodes) {
    return mode == MemoryPolicy.PREFERRED && nodes == 0 ? MemoryPolicy.LOCAL : mode;
  }

  /** The nodes of a policy, as they are told. */
  private static long nodesOf(int mode) {
    return mode == MemoryPolicy.DEFAULT || mode == MemoryPolicy.LOCAL ? 0 : NODES;
  }

  static long get_mempolicy(Task task, SyscallArgs args) throws ErrnoException {
    long modeAddress = args.addressAt(0);
    long maskAddress = args.addressAt(1);
    long count = args.longAt(2);
    long address = args.addressAt(3);
    long flags = args.longAt(4);
    if ((flags & ~(MPOL_F_NODE | MPOL_F_ADDR | MPOL_F_MEMS_ALLOWED)) != 0
        || (maskAddress != 0 && Long.compareUnsigned(count, 1) < 0)) {
      return -Errno.EINVAL;
    }
    int mode = task.settings().memoryPolicy();
    int told = mode;
    long nodes = nodesOf(mode);
    if ((flags & MPOL_F_MEMS_ALLOWED) != 0) {
      if ((flags & (MPOL_F_NODE | MPOL_F_ADDR)) != 0) {
        return -Errno.EINVAL;
      }
      told = 0;
      nodes = NODES;
    } else if ((flags & MPOL_F_ADDR) != 0) {
      if (!isMapped(task, address, 1)) {
        return -Errno.EFAULT;
      }
      MemoryPolicy own = task.mm().policyAt(address);
      mode = own == null ? MemoryPolicy.DEFAULT : own.mode();
      nodes = nodesOf(mode);
      told = (flags & MPOL_F_NODE) != 0 ? 0 : mode;
    } else if (address != 0) {
      return -Errno.EINVAL;
    } else if ((flags & MPOL_F_NODE) != 0) {
      if ((mode & ~MemoryPolicy.FLAGS) != MemoryPolicy.INTERLEAVE) {
        return -Errno.EINVAL;
      }
      told = 0;
    }
    if (modeAddress != 0) {
      task.memory().writeInt(modeAddress, told);
    }
    if (maskAddress != 0) {
      tellNodes(task, maskAddress, count, nodes);
    }
    return 0;
  }

  private static void tellNodes(Task task, long address, long count, long nodes)
      throws ErrnoException {
    long bytes = (count - 1 + Long.SIZE - 1) / Long.SIZE * Long.BYTES;
    if (bytes > PAGE || bytes < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (bytes > 0) {
      new StructWriter((int) bytes).putLong(0, nodes).copyOut(task.memory(), address);
    }
  }

  private static boolean isMapped(Task task, long address, long length) {
    long start = address & -PAGE;
    return task.mm().mayMap(start, length)
        && task.mm().isMapped(task.thread().hostTid(), start, length);
  }

  static long mbind(Task task, SyscallArgs args) throws ErrnoException {
    long start = args.addressAt(0);
    long length = (args.longAt(1) + PAGE - 1) & -PAGE;
    int mode = args.intAt(2);
    int flags = args.intAt(5);
    if ((mode & ~MemoryPolicy.FLAGS) < 0 || (mode & ~MemoryPolicy.FLAGS) > MPOL_MAX) {
      return -Errno.EINVAL;
    }
    long nodes = nodes(task, args.addressAt(3), args.longAt(4));
    if ((flags & ~MPOL_MF_VALID) != 0) {
      return -Errno.EINVAL;
    }
    if ((flags & MPOL_MF_MOVE_ALL) != 0 && !task.credentials().hasCapability(Capability.SYS_NICE)) {
      return -Errno.EPERM;
    }
    if ((start & (PAGE - 1)) != 0 || start + length < start) {
      return -Errno.EINVAL;
    }
    if (length == 0) {
      return 0;
    }
    long wrong = check(mode, nodes);
    if (wrong != 0) {
      return wrong;
    }
    if (mode != MemoryPolicy.DEFAULT && !isMapped(task, start, length)) {
      return -Errno.EFAULT;
    }
    int kept = kept(mode, nodes);
    MemoryPolicy policy =
        kept == MemoryPolicy.DEFAULT ? null : new MemoryPolicy(kept, nodesOf(kept));
    return task.mm().setPolicy(start, start + length, policy) ? 0 : -Errno.ENOMEM;
  }

  static long set_mempolicy_home_node(Task task, SyscallArgs args) {
    long start = args.addressAt(0);
    long length = (args.longAt(1) + PAGE - 1) & -PAGE;
    boolean there = args.longAt(2) == 0;
    if ((start & (PAGE - 1)) != 0 || args.longAt(3) != 0 || !there) {
      return -Errno.EINVAL;
    }
    if (Long.compareUnsigned(start + length, start) < 0) {
      return -Errno.EINVAL;
    }
    if (length == 0) {
      return 0;
    }
    List<MemoryPolicy> policies = task.mm().policiesWithin(start, start + length);
    for (MemoryPolicy policy : policies) {
      if (policy.kind() != MemoryPolicy.BIND && policy.kind() != MemoryPolicy.PREFERRED_MANY) {
        return -Errno.EOPNOTSUPP;
      }
    }
    return policies.isEmpty() ? -Errno.ENOENT : 0;
  }

  static long migrate_pages(Task task, SyscallArgs args) throws ErrnoException {
    // Where from does not matter, but it has to be there.
    nodes(task, args.addressAt(2), args.longAt(1));
    long to = nodes(task, args.addressAt(3), args.longAt(1));
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    boolean nice = task.credentials().hasCapability(Capability.SYS_NICE);
    if ((to & ~NODES) != 0 && !nice) {
      return -Errno.EPERM;
    }
    return (to & NODES) == 0 ? -Errno.EINVAL : 0;
  }

  private static @Nullable Task find(Task task, int pid) {
    return pid == 0 ? task : task.pidNamespace().find(pid);
  }

  static long move_pages(Task task, SyscallArgs args) throws ErrnoException {
    long count = args.longAt(1);
    int flags = args.intAt(5);
    if ((flags & ~(MPOL_MF_MOVE | MPOL_MF_MOVE_ALL)) != 0) {
      return -Errno.EINVAL;
    }
    if ((flags & MPOL_MF_MOVE_ALL) != 0 && !task.credentials().hasCapability(Capability.SYS_NICE)) {
      return -Errno.EPERM;
    }
    Task other = find(task, args.intAt(0));
    if (other == null) {
      return -Errno.ESRCH;
    }
    if (!SignalControl.mayInspect(task, other)) {
      return -Errno.EPERM;
    }
    if (count < 0 || count > MOST_PAGES) {
      return -Errno.E2BIG;
    }
    for (int i = 0; i < count; i++) {
      long page = task.memory().readLong(args.addressAt(2) + (long) i * Long.BYTES);
      long wanted = args.addressAt(3);
      if (wanted != 0 && task.memory().readInt(wanted + (long) i * Integer.BYTES) != 0) {
        return -Errno.ENODEV;
      }
      boolean there = other.memory().loadInt(page & -PAGE) >= 0;
      task.memory()
          .writeInt(args.addressAt(4) + (long) i * Integer.BYTES, there ? 0 : -Errno.EFAULT);
    }
    return 0;
  }
}
