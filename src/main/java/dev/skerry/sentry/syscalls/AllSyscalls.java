package dev.skerry.sentry.syscalls;

import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.loader.CoreDump;
import dev.skerry.sentry.loader.CoreSource;

/** Every family of system calls in one table. */
public final class AllSyscalls {
  private AllSyscalls() {}

  /** The complete table, connected with the kernel. */
  public static SyscallTable table(Kernel kernel) {
    SyscallTable table = new SyscallTable();
    ProcessSyscalls.register(table);
    ExecSyscalls.register(table);
    SignalSyscalls.register(table);
    SessionSyscalls.register(table);
    IdentitySyscalls.register(table);
    LimitSyscalls.register(table);
    PrctlSyscalls.register(table);
    SeccompSyscalls.register(table);
    SchedulingSyscalls.register(table);
    SystemSyscalls.register(table);
    ForeignSyscalls.register(table);
    PtraceSyscalls.register(table);
    MmSyscalls.register(table);
    MlockSyscalls.register(table);
    FutexSyscalls.register(table, kernel);
    TimeSyscalls.register(table);
    TimerSyscalls.register(table);
    PollSyscalls.register(table);
    EpollSyscalls.register(table);
    EventSyscalls.register(table);
    InotifySyscalls.register(table);
    PipeSyscalls.register(table);
    FileSyscalls.register(table);
    IoctlSyscalls.register(table);
    SocketSyscalls.register(table);
    ShmSyscalls.register(table, kernel);
    SemSyscalls.register(table, kernel);
    MsgSyscalls.register(table);
    MqSyscalls.register(table);
    AioSyscalls.register(table);
    PolicySyscalls.register(table);
    HandleSyscalls.register(table);
    QuotaSyscalls.register(table);
    SecurityModuleSyscalls.register(table);
    LandlockSyscalls.register(table);
    KernelLogSyscalls.register(table);
    RefusedSyscalls.register(table);
    kernel.setCoreDumper(
        (task, others, reason) ->
            CoreDump.dump(new CoreSource(task, others, reason, FloatingPointRegisters::state)));
    table.fillGaps();
    return table;
  }
}
