package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSnapshot;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.seccomp.CallFilter;

/**
 * /proc/PID/status (proc_pid_status(5)). What the host alone knows, memory and context switches,
 * are the host's own lines.
 */
final class StatusText {
  /** Of the figures behind the keys of sizes. */
  private static final int FIGURE_WIDTH = 8;

  private static final int SMALLEST_TABLE = 64;

  private final StringBuilder out = new StringBuilder(1600);
  private final Task task;
  private final PidNamespace pids;
  private final TaskSnapshot snapshot;
  private final String host;

  private StatusText(Task task, PidNamespace pids, TaskSnapshot snapshot, String host) {
    this.pids = pids;
    this.task = task;
    this.snapshot = snapshot;
    this.host = host;
  }

  static String of(Subject subject, Task task) throws ErrnoException {
    TaskSnapshot snapshot = TaskSnapshot.of(task, subject.pids());
    if (snapshot == null) {
      throw ErrnoException.of(Errno.ESRCH);
    }
    Task live = subject.live();
    String host = live == null ? "" : HostProc.status(live.thread().hostTid());
    return new StatusText(task, subject.pids(), snapshot, host).make();
  }

  private String make() {
    identity();
    if (!host.isEmpty()) {
      hostLines("Vm", "Rss", "HugetlbPages:");
      line("CoreDumping", "0");
      hostLines("THP_enabled:", "untag_mask:");
    }
    line("Threads", Integer.toString(snapshot.threads()));
    signals();
    credentials();
    hostLines("Speculation");
    line("Cpus_allowed", mask(allowed()));
    line("Cpus_allowed_list", list(allowed()));
    line("Mems_allowed", "1");
    line("Mems_allowed_list", "0");
    hostLines("voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:");
    return out.toString();
  }

  private void line(String key, String value) {
    out.append(key).append(":\t").append(value).append('\n');
  }

  private void identity() {
    line("Name", escapedName());
    line("Umask", "0" + Numbers.octal(task.fs().umask()));
    line("State", state(snapshot.state()));
    line("Tgid", Integer.toString(snapshot.tgid()));
    line("Ngid", "0");
    line("Pid", Integer.toString(pids.number(task)));
    line("PPid", Integer.toString(snapshot.parent()));
    line("TracerPid", Integer.toString(pids.number(Tracing.tracerOf(task))));
    Credentials who = task.credentials();
    UserNamespace ids = readerIds();
    line(
        "Uid",
        four(
            ids.shownUid(who.uid()),
            ids.shownUid(who.euid()),
            ids.shownUid(who.suid()),
            ids.shownUid(who.fsuid())));
    line(
        "Gid",
        four(
            ids.shownGid(who.gid()),
            ids.shownGid(who.egid()),
            ids.shownGid(who.sgid()),
            ids.shownGid(who.fsgid())));
    line("FDSize", Integer.toString(Math.max(SMALLEST_TABLE, task.files().size())));
    StringBuilder groups = new StringBuilder();
    for (int group : who.groups()) {
      groups.append(Integer.toUnsignedString(ids.shownGid(group))).append(' ');
    }
    line("Groups", groups.isEmpty() ? " " : groups.toString());
    ThreadGroup group = task.group();
    line("NStgid", numbers(group.tgid()));
    line("NSpid", numbers(task.tid()));
    line("NSpgid", numbers(group.processGroup().id()));
    line("NSsid", numbers(group.session().id()));
    line("Kthread", "0");
  }

  private String numbers(int id) {
    return pids.numbers(id, task.pidNamespace());
  }

  private static UserNamespace readerIds() {
    Task reader = Task.current();
    return reader == null ? UserNamespace.INITIAL : reader.credentials().userNamespace();
  }

  private String escapedName() {
    return task.comm().replace("\\", "\\\\").replace("\n", "\\n");
  }

  private static String four(int real, int effective, int saved, int fileSystem) {
    return Integer.toUnsignedString(real)
        + "\t"
        + Integer.toUnsignedString(effective)
        + "\t"
        + Integer.toUnsignedString(saved)
        + "\t"
        + Integer.toUnsignedString(fileSystem);
  }

  private static String state(char letter) {
    return switch (letter) {
      case 'R' -> "R (running)";
      case 'S' -> "S (sleeping)";
      case 'D' -> "D (disk sleep)";
      case 'T' -> "T (stopped)";
      case 't' -> "t (tracing stop)";
      default -> "Z (zombie)";
    };
  }

  private void signals() {
    long limit = task.group().limits().soft(Rlimits.SIGPENDING);
    line("SigQ", snapshot.queued() + "/" + Long.toUnsignedString(limit));
    line("SigPnd", Numbers.mask(snapshot.pending()));
    line("ShdPnd", Numbers.mask(snapshot.sharedPending()));
    line("SigBlk", Numbers.mask(snapshot.blocked()));
    line("SigIgn", Numbers.mask(snapshot.ignored()));
    line("SigCgt", Numbers.mask(snapshot.caught()));
  }

  private void credentials() {
    Credentials who = task.credentials();
    line("CapInh", Numbers.mask(who.inheritable()));
    line("CapPrm", Numbers.mask(who.permitted()));
    line("CapEff", Numbers.mask(who.effective()));
    line("CapBnd", Numbers.mask(who.bounding()));
    line("CapAmb", Numbers.mask(who.ambient()));
    line("NoNewPrivs", who.noNewPrivileges() ? "1" : "0");
    line("Seccomp", Integer.toString(CallFilter.mode(task.callFilter())));
    line("Seccomp_filters", Integer.toString(CallFilter.count(task.callFilter())));
  }

  /** The processors that the task may use, as a bit set. */
  private long allowed() {
    int processors = Math.min(task.kernel().processors(), Long.SIZE);
    long all = -1L >>> (Long.SIZE - processors);
    long chosen = task.settings().scheduling().affinity() & all;
    return chosen == 0 ? all : chosen;
  }

  /** In groups of 32 bits, as Linux writes bit sets. */
  private static String mask(long set) {
    long high = set >>> 32;
    return high == 0
        ? Long.toHexString(set)
        : Long.toHexString(high) + "," + Numbers.hex(set & 0xffff_ffffL, 8);
  }

  private static String list(long set) {
    StringBuilder list = new StringBuilder();
    long rest = set;
    while (rest != 0) {
      int first = Long.numberOfTrailingZeros(rest);
      int last = first;
      while (last + 1 < Long.SIZE && (rest & (1L << (last + 1))) != 0) {
        last++;
      }
      list.append(list.isEmpty() ? "" : ",").append(first);
      if (last > first) {
        list.append('-').append(last);
      }
      rest = last == Long.SIZE - 1 ? 0 : rest & (-1L << (last + 1));
    }
    return list.toString();
  }

  /** Copies the host's lines that begin so. */
  private void hostLines(String... prefixes) {
    int start = 0;
    while (start < host.length()) {
      int end = host.indexOf('\n', start);
      end = end < 0 ? host.length() : end;
      for (String prefix : prefixes) {
        if (host.startsWith(prefix, start)) {
          hostLine(start, end);
        }
      }
      start = end + 1;
    }
  }

  /** A line of the host's, without what is not the guest's. */
  private void hostLine(int start, int end) {
    if (host.startsWith("VmLck:", start)) {
      figure(start, task.mm().lockedBytes(task.thread().hostTid()) / 1024);
      return;
    }
    boolean size = host.startsWith("VmSize:", start) || host.startsWith("VmPeak:", start);
    if (!size && !host.startsWith("VmData:", start)) {
      out.append(host, start, end).append('\n');
      return;
    }
    MemoryManager.Hidden hidden = task.mm().hidden(task.thread().hostTid());
    long kilobytes = 0;
    for (int i = start; i < end; i++) {
      char c = host.charAt(i);
      kilobytes = c >= '0' && c <= '9' ? 10 * kilobytes + (c - '0') : kilobytes;
    }
    figure(start, kilobytes - (size ? hidden.all() : hidden.data()) / 1024);
  }

  /** The host's line with another figure. */
  private void figure(int start, long kilobytes) {
    String shown = Long.toString(Math.max(0, kilobytes));
    out.append(host, start, host.indexOf(':', start) + 1).append('\t');
    for (int i = shown.length(); i < FIGURE_WIDTH; i++) {
      out.append(' ');
    }
    out.append(shown).append(" kB\n");
  }
}
