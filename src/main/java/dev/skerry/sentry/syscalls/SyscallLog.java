package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;

/** Writes system calls to the sentry's log, a line each, in the manner of strace(1). */
final class SyscallLog {
  private static final int ARGUMENTS = 6;

  private SyscallLog() {}

  static void write(Task task, String name, long[] args, long result) {
    StringBuilder line = new StringBuilder(160);
    line.append('[').append(task.tid()).append(' ').append(task.comm()).append("] ");
    line.append(name).append('(');
    for (int i = 0; i < ARGUMENTS; i++) {
      line.append(i == 0 ? "0x" : ", 0x").append(Long.toHexString(args[i]));
    }
    line.append(") = ");
    if (result == Results.PARKED) {
      line.append('?');
    } else if (result == Results.CONTINUE) {
      line.append("(by the host)");
    } else if (result < 0) {
      line.append(-result < 512 ? Errno.name((int) -result) : Long.toString(result));
    } else {
      line.append("0x").append(Long.toHexString(result));
    }
    System.err.println(line);
  }
}
