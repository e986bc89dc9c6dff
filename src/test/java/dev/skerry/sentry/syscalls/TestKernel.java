package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Clock;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.FsContext;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.NsProxy;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskParts;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.FakeGuestThread;
import dev.skerry.sentry.usermem.UserMemory;

/**
 * A kernel with the calls that need no files, an init and a child of it, played by fake threads.
 */
@SuppressWarnings("NullAway") // There is no file system; none of these calls asks for one.
final class TestKernel {
  /** Where tests put structs, in every thread's memory. */
  static final long SCRATCH = 0x11000;

  static final long SECOND = 0x12000;

  private static final long RESTORER = 0x401000;
  private static final long SA_RESTORER = 0x0400_0000;

  final Kernel kernel;
  final FakeGuestThread init = FakeGuestThread.create();
  int initStatus = -1;

  TestKernel() {
    kernel = new Kernel(null, new UtsNamespace("test"), new StillClock());
    SyscallTable table = new SyscallTable();
    ProcessSyscalls.register(table);
    SignalSyscalls.register(table);
    SessionSyscalls.register(table);
    IdentitySyscalls.register(table);
    LimitSyscalls.register(table);
    PrctlSyscalls.register(table);
    SchedulingSyscalls.register(table);
    SystemSyscalls.register(table);
    kernel.setDispatcher((task, number, args) -> dispatch(table, task, number, args));
    kernel.onInitExit(status -> initStatus = status);
    TaskParts parts =
        new TaskParts(
            new FdTable(1024),
            new FsContext(null, null, 022),
            NsProxy.of(kernel.uts(), kernel.pids(), new IpcNamespace()),
            new MemoryManager(0, 0),
            Credentials.ROOT,
            "init");
    Task task = kernel.createInit(parts, new Rlimits());
    task.setThread(init);
    init.setProgram(task);
  }

  private static long dispatch(SyscallTable table, Task task, int number, long[] args) {
    SyscallTable.Entry entry = table.get(number);
    if (entry == null) {
      return -Errno.ENOSYS;
    }
    try {
      return entry.function().call(task, new SyscallArgs(args));
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  /** Makes a plain call, and all that follows from it. Returns RAX. */
  long call(FakeGuestThread thread, int number, long... arguments) {
    thread.call(number, arguments);
    kernel.runQueue().drain();
    return thread.result();
  }

  /** As {@link #call}, for the calls that come with their registers. */
  long callInEvent(FakeGuestThread thread, int number, long... arguments) {
    thread.callInEvent(number, arguments);
    kernel.runQueue().drain();
    return thread.result();
  }

  /** Makes a child with clone(2), and returns its thread. */
  FakeGuestThread clone(FakeGuestThread parent, long flags) {
    int before = parent.children().size();
    callInEvent(parent, Syscall.CLONE, flags);
    return parent.children().get(before);
  }

  FakeGuestThread fork(FakeGuestThread parent) {
    return clone(parent, Signal.SIGCHLD);
  }

  /** Installs a handler at an address. */
  void handle(FakeGuestThread thread, int signal, long handler, long flags, long mask) {
    UserMemory memory = thread.memory();
    memory.storeLong(SCRATCH, handler);
    memory.storeLong(SCRATCH + 8, handler > 1 ? flags | SA_RESTORER : flags);
    memory.storeLong(SCRATCH + 16, RESTORER);
    memory.storeLong(SCRATCH + 24, mask);
    call(thread, Syscall.RT_SIGACTION, signal, SCRATCH, 0, 8);
  }

  void sigreturn(FakeGuestThread thread) {
    thread.returnFromHandler(Syscall.RT_SIGRETURN);
    kernel.runQueue().drain();
  }

  /** Sends from outside the sandbox, and lets the receiver come by. */
  void signal(int pid, int signal, FakeGuestThread receiver) {
    kernel.signalFromOutside(pid, signal);
    receiver.settle();
    kernel.runQueue().drain();
  }

  private static final class StillClock implements Clock {
    @Override
    public long monotonic() {
      return 1_000_000_000;
    }

    @Override
    public long realtime() {
      return 1_700_000_000_000_000_000L;
    }

    @Override
    public long processCpu(int hostPid) {
      return 30_000_000;
    }

    @Override
    public long processTicks(int hostPid) {
      return processCpu(hostPid);
    }

    @Override
    public long processUserTicks(int hostPid) {
      return processCpu(hostPid);
    }

    @Override
    public long threadCpu(int hostTid) {
      return 10_000_000;
    }
  }
}
