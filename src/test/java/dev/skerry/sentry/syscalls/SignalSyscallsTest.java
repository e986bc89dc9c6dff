package dev.skerry.sentry.syscalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.platform.FakeGuestThread;
import dev.skerry.sentry.platform.FakeGuestThread.Fate;
import dev.skerry.sentry.platform.FakeMemory;
import dev.skerry.sentry.platform.Registers;
import org.junit.jupiter.api.Test;

class SignalSyscallsTest {
  private static final long HANDLER = 0x500000;
  private static final long SA_RESTART = 0x1000_0000;
  private static final long SA_ONSTACK = 0x0800_0000;
  private static final long SA_NODEFER = 0x4000_0000;
  private static final int FRAME_CONTEXT = 8;
  private static final int FRAME_RIP = FRAME_CONTEXT + 40 + 16 * 8;
  private static final int FRAME_INFO = FRAME_CONTEXT + 304;

  private final TestKernel test = new TestKernel();
  private final FakeGuestThread parent = test.init;
  private final FakeGuestThread child = test.fork(parent);
  private final int childPid = (int) parent.result();

  private long word(FakeGuestThread thread, long address) throws Exception {
    return thread.memory().readLong(address);
  }

  @Test
  void handlerRunsBeforeKillReturns() throws Exception {
    test.handle(child, Signal.SIGUSR1, HANDLER, 0, 0);
    child.registers().setFloatingPointMark(7);
    long stack = child.registers().get(Registers.RSP);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    Registers registers = child.registers();
    long frame = registers.get(Registers.RSP);
    assertEquals(HANDLER, registers.get(Registers.RIP));
    assertEquals(Signal.SIGUSR1, registers.get(Registers.RDI));
    assertEquals(frame + FRAME_INFO, registers.get(Registers.RSI));
    assertEquals(frame + FRAME_CONTEXT, registers.get(Registers.RDX));
    assertEquals(8, frame & 15);
    assertEquals(true, frame < stack - 128);
    assertEquals(Signal.SIGUSR1, child.memory().readInt(frame + FRAME_INFO));
    assertEquals(childPid, child.memory().readInt(frame + FRAME_INFO + 16));
    assertEquals(0, child.registers().floatingPointMark());
    long back = word(child, frame + FRAME_RIP);
    test.sigreturn(child);
    assertEquals(back, registers.get(Registers.RIP));
    assertEquals(stack, registers.get(Registers.RSP));
    assertEquals(0, child.result());
    assertEquals(7, child.registers().floatingPointMark());
  }

  @Test
  void handlerBlocksItsOwnSignalAndItsMask() throws Exception {
    test.handle(child, Signal.SIGUSR1, HANDLER, 0, Signal.bit(Signal.SIGUSR2));
    test.handle(child, Signal.SIGUSR2, HANDLER + 16, 0, 0);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR2);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    assertEquals(true, child.registers().get(Registers.RIP) < HANDLER + 16);
    test.sigreturn(child);
    // Both are pending now: the lower one comes first, and blocks the other once more.
    assertEquals(HANDLER, child.registers().get(Registers.RIP));
    test.sigreturn(child);
    assertEquals(HANDLER + 16, child.registers().get(Registers.RIP));
    test.sigreturn(child);
    assertNotEquals(HANDLER, child.registers().get(Registers.RIP));
  }

  @Test
  void pauseIsInterruptedAndNeverRestarts() {
    test.handle(child, Signal.SIGUSR1, HANDLER, SA_RESTART, 0);
    test.call(child, Syscall.PAUSE);
    assertEquals(Fate.IN_CALL, child.fate());
    test.signal(childPid, Signal.SIGUSR1, child);
    assertEquals(HANDLER, child.registers().get(Registers.RIP));
    test.sigreturn(child);
    assertEquals(-Errno.EINTR, child.result());
  }

  @Test
  void waitRestartsIfTheHandlerSaysSo() throws Exception {
    FakeGuestThread grandchild = test.fork(child);
    test.handle(child, Signal.SIGUSR1, HANDLER, SA_RESTART, 0);
    long before = child.registers().get(Registers.RIP);
    test.call(child, Syscall.WAIT4, -1, 0, 0, 0);
    test.signal(childPid, Signal.SIGUSR1, child);
    long frame = child.registers().get(Registers.RSP);
    assertEquals(before, word(child, frame + FRAME_RIP));
    test.sigreturn(child);
    assertEquals(before, child.registers().get(Registers.RIP));
    assertEquals(Syscall.WAIT4, child.result());
    assertEquals(Fate.RUNNING, grandchild.fate());
  }

  @Test
  void waitFailsIfTheHandlerDoesNotRestart() {
    test.fork(child);
    test.handle(child, Signal.SIGUSR1, HANDLER, 0, 0);
    test.call(child, Syscall.WAIT4, -1, 0, 0, 0);
    test.signal(childPid, Signal.SIGUSR1, child);
    test.sigreturn(child);
    assertEquals(-Errno.EINTR, child.result());
  }

  @Test
  void aStopAndContinueRestartsTheCallUnseen() {
    test.fork(child);
    long before = child.registers().get(Registers.RIP);
    test.call(child, Syscall.WAIT4, -1, 0, 0, 0);
    test.signal(childPid, Signal.SIGSTOP, child);
    assertEquals(Fate.IN_EVENT, child.fate());
    test.signal(childPid, Signal.SIGCONT, child);
    assertEquals(Fate.RUNNING, child.fate());
    assertEquals(Syscall.WAIT4, child.result());
    assertEquals(before, child.registers().get(Registers.RIP));
  }

  @Test
  void sigsuspendShowsTheHandlerItsOwnMask() throws Exception {
    test.handle(child, Signal.SIGUSR1, HANDLER, 0, 0);
    child.memory().storeLong(TestKernel.SCRATCH, Signal.bit(Signal.SIGUSR1));
    test.call(child, Syscall.RT_SIGPROCMASK, 0, TestKernel.SCRATCH, 0, 8);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    child.memory().storeLong(TestKernel.SCRATCH, 0);
    test.call(child, Syscall.RT_SIGSUSPEND, TestKernel.SCRATCH, 8);
    assertEquals(HANDLER, child.registers().get(Registers.RIP));
    test.sigreturn(child);
    assertEquals(-Errno.EINTR, child.result());
    test.call(child, Syscall.RT_SIGPROCMASK, 0, 0, TestKernel.SCRATCH, 8);
    assertEquals(Signal.bit(Signal.SIGUSR1), word(child, TestKernel.SCRATCH));
  }

  @Test
  void aFaultThatIsBlockedKills() {
    test.handle(child, Signal.SIGSEGV, HANDLER, 0, 0);
    child.memory().storeLong(TestKernel.SCRATCH, Signal.bit(Signal.SIGSEGV));
    test.call(child, Syscall.RT_SIGPROCMASK, 0, TestKernel.SCRATCH, 0, 8);
    child.fault(Signal.SIGSEGV, 1, 0xdead);
    test.kernel.runQueue().drain();
    assertEquals(Fate.KILLED, child.fate());
    test.call(parent, Syscall.WAIT4, childPid, TestKernel.SCRATCH, 0, 0);
    assertEquals(childPid, parent.result());
    assertEquals(Signal.SIGSEGV, parent.memory().loadInt(TestKernel.SCRATCH));
  }

  @Test
  void aFaultTellsItsAddress() throws Exception {
    test.handle(child, Signal.SIGSEGV, HANDLER, SA_NODEFER, 0);
    child.fault(Signal.SIGSEGV, 2, 0xdead);
    long info = child.registers().get(Registers.RSI);
    assertEquals(2, child.memory().readInt(info + 8));
    assertEquals(0xdead, word(child, info + 16));
  }

  @Test
  void theAlternateStackIsUsedOnce() throws Exception {
    long base = FakeMemory.BASE + 0x8000;
    child.memory().storeLong(TestKernel.SCRATCH, base);
    child.memory().storeInt(TestKernel.SCRATCH + 8, 0);
    child.memory().storeLong(TestKernel.SCRATCH + 16, 0x4000);
    assertEquals(0, test.call(child, Syscall.SIGALTSTACK, TestKernel.SCRATCH, 0));
    test.handle(child, Signal.SIGUSR1, HANDLER, SA_ONSTACK | SA_NODEFER, 0);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    long first = child.registers().get(Registers.RSP);
    assertEquals(true, first > base && first < base + 0x4000);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    long second = child.registers().get(Registers.RSP);
    assertEquals(true, second > base && second < first);
  }

  @Test
  void aStackWithoutRoomIsASegmentationFault() {
    test.handle(child, Signal.SIGUSR1, HANDLER, 0, 0);
    child.registers().set(Registers.RSP, FakeMemory.BASE + 64);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    assertEquals(Fate.KILLED, child.fate());
  }

  @Test
  void realTimeSignalsQueueAndStandardOnesDoNot() throws Exception {
    long set = Signal.bit(40) | Signal.bit(Signal.SIGUSR1);
    child.memory().storeLong(TestKernel.SCRATCH, set);
    test.call(child, Syscall.RT_SIGPROCMASK, 0, TestKernel.SCRATCH, 0, 8);
    for (int i = 0; i < 3; i++) {
      test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
      test.call(child, Syscall.KILL, childPid, 40);
    }
    child.memory().storeLong(TestKernel.SECOND, 0);
    child.memory().storeLong(TestKernel.SECOND + 8, 0);
    int[] expected = {Signal.SIGUSR1, 40, 40, 40, -Errno.EAGAIN};
    for (int wanted : expected) {
      child.memory().storeLong(TestKernel.SCRATCH, set);
      long got =
          test.call(child, Syscall.RT_SIGTIMEDWAIT, TestKernel.SCRATCH, 0, TestKernel.SECOND, 8);
      if (wanted > 0) {
        assertEquals(wanted, got);
      }
    }
  }

  @Test
  void initIgnoresWhatItHasNoHandlerFor() {
    test.call(child, Syscall.KILL, 1, Signal.SIGTERM);
    test.call(child, Syscall.KILL, 1, Signal.SIGKILL);
    parent.settle();
    test.kernel.runQueue().drain();
    assertEquals(Fate.RUNNING, parent.fate());
    test.signal(1, Signal.SIGKILL, parent);
    assertEquals(Fate.KILLED, parent.fate());
    assertEquals(Fate.KILLED, child.fate());
    assertEquals(Signal.SIGKILL, test.initStatus);
  }

  @Test
  void ignoredSignalsVanish() {
    test.handle(child, Signal.SIGUSR1, 1, 0, 0);
    test.call(child, Syscall.KILL, childPid, Signal.SIGUSR1);
    assertEquals(Fate.RUNNING, child.fate());
    assertEquals(0, child.result());
  }
}
