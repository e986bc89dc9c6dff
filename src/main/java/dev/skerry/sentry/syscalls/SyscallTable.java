package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import org.jspecify.annotations.Nullable;

/** Every system call with its state; also the source of the compatibility page. */
public final class SyscallTable {
  /** How far a call is there. */
  public enum Support {
    SUPPORTED,
    PARTIAL,
    UNSUPPORTED
  }

  /** One row. */
  public record Entry(
      int number, String name, Support support, SyscallFunction function, String note) {}

  private final @Nullable Entry[] entries = new Entry[Syscall.COUNT];

  public void supported(int number, SyscallFunction function) {
    add(number, Support.SUPPORTED, function, "");
  }

  /**
   * @param note what is missing
   */
  public void partial(int number, SyscallFunction function, String note) {
    add(number, Support.PARTIAL, function, note);
  }

  /**
   * @param note why, for the reader of the compatibility page
   */
  public void unsupported(int number, int errno, String note) {
    add(number, Support.UNSUPPORTED, (task, args) -> -errno, note);
  }

  private void add(int number, Support support, SyscallFunction function, String note) {
    if (entries[number] != null) {
      throw new IllegalStateException("two entries for " + Syscall.name(number));
    }
    entries[number] = new Entry(number, Syscall.name(number), support, function, note);
  }

  /** The row of a number; null means ENOSYS. */
  public @Nullable Entry get(int number) {
    return number >= 0 && number < entries.length ? entries[number] : null;
  }

  /** Gives every named call without a row the state unsupported, with ENOSYS. */
  void fillGaps() {
    for (int number = 0; number < entries.length; number++) {
      if (entries[number] == null && Syscall.isNamed(number)) {
        unsupported(number, Errno.ENOSYS, "");
      }
    }
  }
}
