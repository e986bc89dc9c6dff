package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;

/**
 * Calls that are not offered, with the answer of a Linux that was built without them or of one that
 * keeps them from containers, and what programs do then.
 */
final class RefusedSyscalls {
  private RefusedSyscalls() {}

  static void register(SyscallTable table) {
    nobody(table);
    privileged(table);
    memory(table);
    newer(table);
  }

  /** The calls that Linux, too, answers with ENOSYS. */
  private static void nobody(SyscallTable table) {
    int[] gone = {
      Syscall._SYSCTL,
      Syscall.AFS_SYSCALL,
      Syscall.CREATE_MODULE,
      Syscall.EPOLL_CTL_OLD,
      Syscall.EPOLL_WAIT_OLD,
      Syscall.GET_KERNEL_SYMS,
      Syscall.GET_THREAD_AREA,
      Syscall.GETPMSG,
      Syscall.LOOKUP_DCOOKIE,
      Syscall.NFSSERVCTL,
      Syscall.PUTPMSG,
      Syscall.QUERY_MODULE,
      Syscall.SECURITY,
      Syscall.SET_THREAD_AREA,
      Syscall.TUXCALL,
      Syscall.USELIB,
      Syscall.VSERVER,
    };
    for (int number : gone) {
      table.unsupported(number, Errno.ENOSYS, "not in Linux either");
    }
    table.unsupported(Syscall.IOPL, Errno.ENOSYS, "as without CONFIG_X86_IOPL_IOPERM");
    table.unsupported(Syscall.IOPERM, Errno.ENOSYS, "as without CONFIG_X86_IOPL_IOPERM");
    table.unsupported(Syscall.MODIFY_LDT, Errno.ENOSYS, "64-bit programs only");
  }

  private static void privileged(SyscallTable table) {
    String note = "not for a guest, as in a container without the capability";
    int[] forbidden = {
      Syscall.REBOOT,
      Syscall.ACCT,
      Syscall.SWAPON,
      Syscall.SWAPOFF,
      Syscall.VHANGUP,
      Syscall.INIT_MODULE,
      Syscall.FINIT_MODULE,
      Syscall.DELETE_MODULE,
      Syscall.KEXEC_LOAD,
      Syscall.KEXEC_FILE_LOAD,
      Syscall.PERF_EVENT_OPEN,
      Syscall.BPF,
      Syscall.FANOTIFY_INIT,
    };
    for (int number : forbidden) {
      table.unsupported(number, Errno.EPERM, note);
    }
    table.unsupported(Syscall.FANOTIFY_MARK, Errno.EBADF, "no descriptor can be of fanotify");
    for (int number : new int[] {Syscall.ADD_KEY, Syscall.REQUEST_KEY, Syscall.KEYCTL}) {
      table.unsupported(number, Errno.ENOSYS, "no key rings");
    }
  }

  private static void memory(SyscallTable table) {
    table.unsupported(Syscall.MEMFD_SECRET, Errno.ENOSYS, "off by default in Linux");
    table.unsupported(Syscall.MAP_SHADOW_STACK, Errno.ENOSYS, "no shadow stacks");
  }

  private static void newer(SyscallTable table) {
    int[] rings = {
      Syscall.IO_URING_SETUP, Syscall.IO_URING_ENTER, Syscall.IO_URING_REGISTER,
    };
    for (int number : rings) {
      table.unsupported(number, Errno.ENOSYS, "programs fall back to epoll");
    }
  }
}
