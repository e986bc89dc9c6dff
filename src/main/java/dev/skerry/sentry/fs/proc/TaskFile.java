package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.OomScoreAdjustment;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TimeNamespace;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.mm.MemoryPolicy;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import dev.skerry.sentry.waiter.Events;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A plain file of /proc/PID. */
final class TaskFile extends GeneratedFile {
  private static final int LONGEST_COMM = 15;
  private static final int MOST_OOM_ADJUSTMENT = 1000;

  /** An audit id or session that was never set. */
  private static final String UNSET = "4294967295";

  private final Subject subject;
  private final TaskFileKind kind;

  TaskFile(Subject subject, TaskFileKind kind) {
    super(subject.fileSystem(), subject.inode(Subject.OWN, kind.index()), kind.permissions());
    this.subject = subject;
    this.kind = kind;
  }

  @Override
  protected boolean hasSplice() {
    return false;
  }

  @Override
  protected Subject subject() {
    return subject;
  }

  @Override
  protected Owner owner() {
    return subject.owner();
  }

  @Override
  protected void checkOpen() throws ErrnoException {
    if (kind.isPrivate()) {
      subject.checkInspect(Errno.EACCES);
    }
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    if (kind == TaskFileKind.SETGROUPS && (flags & OpenFlags.O_ACCMODE) != OpenFlags.O_RDONLY) {
      checkMayChangeIds();
    }
    if (kind != TaskFileKind.MEM) {
      return super.open(path, flags);
    }
    checkOpen();
    Task task = subject.live();
    if (task == null) {
      throw ErrnoException.of(Errno.ESRCH);
    }
    return new MemoryFile(subject, task.mm(), path, flags);
  }

  /** Those who wait for mounts watch the namespace that they opened the file in. */
  @Override
  protected @Nullable Changes changes() {
    Task task = tellsOfMounts() ? subject.live() : null;
    return task == null ? null : task.mountNamespace().changes();
  }

  @Override
  protected int ready() {
    return tellsOfMounts() ? Events.READABLE : super.ready();
  }

  @Override
  protected long ioctl(UserMemory memory, int request, long argument) throws ErrnoException {
    return kind == TaskFileKind.MAPS && request == MappingQuery.REQUEST
        ? MappingQuery.answer(subject.live(), memory, argument)
        : super.ioctl(memory, request, argument);
  }

  private boolean tellsOfMounts() {
    return kind == TaskFileKind.MOUNTINFO || kind == TaskFileKind.MOUNTS;
  }

  private void checkMayChangeIds() throws ErrnoException {
    Task opener = Task.current();
    UserNamespace ids = subject.present().credentials().userNamespace();
    if (opener != null && !opener.credentials().hasCapability(ids, Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EACCES);
    }
  }

  @Override
  protected String text() throws ErrnoException {
    Task task = subject.present();
    return switch (kind) {
      case ARCH_STATUS -> TaskDetails.architecture(subject);
      case AUXV -> new String(task.mm().auxiliaryVector(), StandardCharsets.ISO_8859_1);
      case CGROUP -> "0::/\n";
      case CHILDREN -> TaskDetails.children(subject);
      case CMDLINE -> ArgumentText.commandLine(subject);
      case COMM -> task.comm() + "\n";
      case COREDUMP_FILTER -> Numbers.hex(task.mm().dumpFilter(), 8) + "\n";
      case CPUSET -> "/\n";
      case ENVIRON -> ArgumentText.environment(subject);
      case GID_MAP, UID_MAP -> idMap(task);
      case IO -> TaskDetails.io(subject);
      case LIMITS -> LimitsText.of(task.group().limits());
      case LOGINUID, SESSIONID -> UNSET;
      case MAPS, NUMA_MAPS, SMAPS, SMAPS_ROLLUP, STATM, OOM_SCORE -> memoryText();
      case MEM -> throw ErrnoException.of(Errno.EIO);
      case MOUNTINFO -> MountsText.mountinfo(task);
      case MOUNTS -> MountsText.mounts(task);
      case MOUNTSTATS -> MountsText.mountstats(task);
      case OOM_ADJ -> TaskDetails.oldAdjustment(task.group().oomScoreAdjustment().value()) + "\n";
      case OOM_SCORE_ADJ -> task.group().oomScoreAdjustment().value() + "\n";
      case PERSONALITY -> Numbers.hex(task.settings().personality(), 8) + "\n";
      case SCHED -> TaskDetails.sched(subject);
      case SCHEDSTAT -> schedstat();
      case SETGROUPS -> isSetgroupsAllowed(task) ? "allow\n" : "deny\n";
      case STACK -> TaskDetails.stack(subject);
      case STAT -> StatText.of(subject, task);
      case STATUS -> StatusText.of(subject, task);
      case SYSCALL -> TaskDetails.syscall(subject);
      case TIMENS_OFFSETS -> TimeOffsets.text(task.namespaces().timeForChildren());
      case TIMERS -> TaskDetails.timers(subject);
      case TIMERSLACK_NS -> task.settings().timerSlack() + "\n";
      case WCHAN -> "0";
    };
  }

  private String memoryText() {
    Task task = subject.live();
    return switch (kind) {
      case MAPS -> task == null ? "" : task.mm().maps(task.thread().hostTid(), PlaceNames.root());
      case NUMA_MAPS -> task == null ? "" : numaMaps(task);
      case SMAPS -> task == null ? "" : task.mm().smaps(task.thread().hostTid(), PlaceNames.root());
      case SMAPS_ROLLUP -> task == null ? "" : task.mm().smapsRollup(task.thread().hostTid());
      case STATM -> task == null ? "0 0 0 0 0 0 0\n" : task.mm().statm(task.thread().hostTid());
      default -> oomScore(task) + "\n";
    };
  }

  private static String numaMaps(Task task) {
    int mode = task.settings().memoryPolicy();
    MemoryPolicy usual = new MemoryPolicy(mode, 0);
    boolean named = usual.kind() != MemoryPolicy.DEFAULT && usual.kind() != MemoryPolicy.LOCAL;
    MemoryPolicy shown = new MemoryPolicy(mode, named ? 1 : 0);
    return task.mm().numaMaps(task.thread().hostTid(), PlaceNames.root(), shown);
  }

  /**
   * Two thirds of 1000 plus the share of the memory plus the adjustment (proc_pid_oom_score(5)).
   */
  private long oomScore(@Nullable Task task) {
    long pages = task == null ? 0 : HostProc.stat(task.thread().hostTid()).residentPages();
    long share = pages * 1000 / Math.max(subject.kernel().memoryBytes() >> 12, 1);
    return Math.max(0, (1000 + share + subject.group().oomScoreAdjustment().value()) * 2 / 3);
  }

  private String schedstat() {
    Task task = subject.live();
    return task == null ? "0 0 0\n" : HostProc.schedstat(task.thread().hostTid());
  }

  @Override
  protected boolean opensForWriting() {
    return true;
  }

  /** What is behind a zero byte does not count. */
  private static String upToZero(String text) {
    int zero = text.indexOf(0);
    return zero < 0 ? text : text.substring(0, zero);
  }

  @Override
  protected void accept(String written) throws ErrnoException {
    Task task = subject.present();
    String text = upToZero(written);
    switch (kind) {
      case COMM -> setComm(task, text);
      case COREDUMP_FILTER -> task.mm().setDumpFilter(Numbers.parse(text));
      case OOM_ADJ -> setOomAdjustment(task, TaskDetails.newAdjustment(number(text)));
      case OOM_SCORE_ADJ -> setOomScoreAdjustment(task, number(text));
      case TIMERSLACK_NS -> setTimerSlack(task, number(text));
      case SETGROUPS -> setSetgroups(task, text);
      // What the host counts of a scheduler is not cleared: its figures only grow.
      case SCHED -> {}
      case LOGINUID -> throw ErrnoException.of(Errno.EPERM);
      default -> throw ErrnoException.of(Errno.EINVAL);
    }
  }

  private String idMap(Task task) {
    Task reader = Task.current();
    UserNamespace ids = task.credentials().userNamespace();
    UserNamespace from =
        reader == null ? UserNamespace.INITIAL : reader.credentials().userNamespace();
    return ids.mapText(kind == TaskFileKind.GID_MAP, from);
  }

  @Override
  protected @Nullable Credentials opener() {
    Task opener = Task.current();
    return opener == null ? null : opener.credentials();
  }

  @Override
  protected void accept(String text, @Nullable Credentials opener) throws ErrnoException {
    Task writer = Task.current();
    if (kind == TaskFileKind.TIMENS_OFFSETS && opener != null) {
      setTimeOffsets(text, opener);
      return;
    }
    boolean map = kind == TaskFileKind.UID_MAP || kind == TaskFileKind.GID_MAP;
    if (!map || opener == null || writer == null) {
      accept(text);
      return;
    }
    UserNamespace ids = subject.present().credentials().userNamespace();
    ids.writeMap(kind == TaskFileKind.GID_MAP, upToZero(text), opener, writer.credentials());
  }

  private void setTimeOffsets(String text, Credentials opener) throws ErrnoException {
    TimeNamespace namespace = subject.present().namespaces().timeForChildren();
    if (!opener.hasCapability(namespace.owner(), Capability.SYS_TIME)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    TimeOffsets.write(namespace, text);
  }

  private static boolean isSetgroupsAllowed(Task task) {
    return task.credentials().userNamespace().isSetgroupsAllowed();
  }

  private static void setSetgroups(Task task, String text) throws ErrnoException {
    String word = text.stripTrailing();
    if (!word.equals("allow") && !word.equals("deny")) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    task.credentials().userNamespace().setSetgroups(word.equals("allow"));
  }

  private static void setComm(Task task, String text) throws ErrnoException {
    Task writer = Task.current();
    if (writer != null && writer.group() != task.group()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int end = 0;
    while (end < text.length() && end < LONGEST_COMM && text.charAt(end) != 0) {
      end++;
    }
    task.setComm(text.substring(0, end));
  }

  /**
   * The older file lowers nothing for the unprivileged, and leaves alone what they may lower to.
   */
  private static void setOomAdjustment(Task task, int value) throws ErrnoException {
    OomScoreAdjustment now = task.group().oomScoreAdjustment();
    if (value < now.value() && !mayLowerOomScores()) {
      throw ErrnoException.of(Errno.EACCES);
    }
    task.group().setOomScoreAdjustment(new OomScoreAdjustment(value, now.least()));
  }

  private static void setOomScoreAdjustment(Task task, long value) throws ErrnoException {
    if (Math.abs(value) > MOST_OOM_ADJUSTMENT) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int least = task.group().oomScoreAdjustment().least();
    if (mayLowerOomScores()) {
      least = (int) value;
    } else if (value < least) {
      throw ErrnoException.of(Errno.EACCES);
    }
    task.group().setOomScoreAdjustment(new OomScoreAdjustment((int) value, least));
  }

  private static boolean mayLowerOomScores() {
    Task writer = Task.current();
    return writer == null || writer.credentials().hasCapability(Capability.SYS_RESOURCE);
  }

  private static void setTimerSlack(Task task, long nanos) throws ErrnoException {
    Task writer = Task.current();
    if (writer != null
        && writer != task
        && !writer
            .credentials()
            .hasCapability(task.credentials().userNamespace(), Capability.SYS_NICE)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (nanos < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    task.setSettings(task.settings().withTimerSlack(nanos));
  }

  private static long number(String text) throws ErrnoException {
    try {
      return Long.parseLong(text.trim());
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }
}
