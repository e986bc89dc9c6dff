package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.HostClock;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.vfs.DeviceTable;
import dev.skerry.sentry.vfs.VirtualFileSystem;

/** Makes docs/compatibility.md out of the table of system calls. */
public final class CompatibilityPage {
  private CompatibilityPage() {}

  /** Prints the page. */
  public static void main(String[] arguments) {
    System.out.print(text());
  }

  /** The page as it should be. */
  public static String text() {
    DeviceTable devices =
        new DeviceTable(
            (path, flags) -> {
              throw ErrnoException.of(Errno.ENXIO);
            });
    Kernel kernel =
        new Kernel(new VirtualFileSystem(devices), new UtsNamespace("page"), new HostClock());
    return of(AllSyscalls.table(kernel));
  }

  private static String of(SyscallTable table) {
    int[] counts = new int[SyscallTable.Support.values().length];
    StringBuilder rows = new StringBuilder();
    for (int number = 0; number < Syscall.COUNT; number++) {
      SyscallTable.Entry entry = table.get(number);
      if (entry == null) {
        continue;
      }
      counts[entry.support().ordinal()]++;
      rows.append("| ").append(number).append(" | `").append(entry.name()).append("` | ");
      rows.append(word(entry.support())).append(" | ").append(entry.note()).append(" |\n");
    }
    return "# System calls\n\n"
        + "Generated from the sentry's table of system calls; a test fails when this page is"
        + " stale.\n"
        + "A call that is not there returns the error that Linux has for that, mostly"
        + " ENOSYS, and is\n"
        + "counted in the sandbox's compatibility report.\n\n"
        + counts[SyscallTable.Support.SUPPORTED.ordinal()]
        + " calls are there, "
        + counts[SyscallTable.Support.PARTIAL.ordinal()]
        + " in part; "
        + counts[SyscallTable.Support.UNSUPPORTED.ordinal()]
        + " are not.\n\n"
        + "| number | call | state | note |\n|---|---|---|---|\n"
        + rows;
  }

  private static String word(SyscallTable.Support support) {
    return switch (support) {
      case SUPPORTED -> "there";
      case PARTIAL -> "in part";
      case UNSUPPORTED -> "not there";
    };
  }
}
