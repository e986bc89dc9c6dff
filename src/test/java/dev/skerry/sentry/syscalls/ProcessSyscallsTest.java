package dev.skerry.sentry.syscalls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.platform.FakeGuestThread;
import dev.skerry.sentry.platform.FakeGuestThread.Fate;
import dev.skerry.sentry.platform.Registers;
import org.junit.jupiter.api.Test;

class ProcessSyscallsTest {
  private static final int WNOHANG = 1;
  private static final int WUNTRACED = 2;
  private static final int WCONTINUED = 8;
  private static final long HANDLER = 0x500000;
  private static final long STATUS = TestKernel.SECOND;
  private static final long THREAD_FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000;
  private static final long CLONE_CHILD_CLEARTID = 0x200000;
  private static final long CLONE_CHILD_SETTID = 0x1000000;

  private final TestKernel test = new TestKernel();
  private final FakeGuestThread init = test.init;

  private long status() {
    return init.memory().loadInt(STATUS);
  }

  private long waitAny(FakeGuestThread thread, int options) {
    return test.call(thread, Syscall.WAIT4, -1, STATUS, options, 0);
  }

  @Test
  void aWaitingParentLearnsOfTheExit() {
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    assertEquals(0, child.result());
    assertEquals(0, waitAny(init, WNOHANG));
    waitAny(init, 0);
    assertEquals(Fate.IN_CALL, init.fate());
    test.call(child, Syscall.EXIT_GROUP, 3);
    assertEquals(Fate.RUNNING, init.fate());
    assertEquals(pid, init.result());
    assertEquals(3 << 8, status());
    assertEquals(-Errno.ECHILD, waitAny(init, 0));
    assertNull(test.kernel.tasks().find(pid));
  }

  @Test
  void aChildSignalsItsParent() {
    test.handle(init, Signal.SIGCHLD, HANDLER, 0, 0);
    FakeGuestThread child = test.fork(init);
    test.call(child, Syscall.EXIT_GROUP, 0);
    init.settle();
    assertEquals(HANDLER, init.registers().get(Registers.RIP));
    assertEquals(Signal.SIGCHLD, init.registers().get(Registers.RDI));
  }

  @Test
  void anIgnoredChildIsReapedByItself() {
    test.handle(init, Signal.SIGCHLD, 1, 0, 0);
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    waitAny(init, 0);
    test.call(child, Syscall.EXIT_GROUP, 0);
    assertEquals(-Errno.ECHILD, init.result());
    assertNull(test.kernel.tasks().findGroup(pid));
  }

  @Test
  void orphansGoToInit() {
    FakeGuestThread child = test.fork(init);
    FakeGuestThread grandchild = test.fork(child);
    int pid = (int) child.result();
    test.call(child, Syscall.EXIT_GROUP, 0);
    waitAny(init, 0);
    assertEquals(1, test.call(grandchild, Syscall.GETPPID));
    test.call(grandchild, Syscall.EXIT_GROUP, 1);
    assertEquals(pid, waitAny(init, 0));
  }

  @Test
  void stopsAndContinuesAreReported() {
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    test.call(init, Syscall.KILL, pid, Signal.SIGSTOP);
    child.settle();
    assertEquals(Fate.IN_EVENT, child.fate());
    assertEquals(0, waitAny(init, WNOHANG));
    assertEquals(pid, waitAny(init, WUNTRACED | WNOHANG));
    assertEquals((Signal.SIGSTOP << 8) | 0x7f, status());
    assertEquals(0, waitAny(init, WUNTRACED | WNOHANG));
    test.call(init, Syscall.KILL, pid, Signal.SIGCONT);
    assertEquals(Fate.RUNNING, child.fate());
    assertEquals(pid, waitAny(init, WCONTINUED | WNOHANG));
    assertEquals(0xffff, status());
  }

  @Test
  void allThreadsStopAndContinue() {
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    FakeGuestThread thread = test.clone(child, THREAD_FLAGS);
    test.call(init, Syscall.KILL, pid, Signal.SIGSTOP);
    child.settle();
    assertEquals(0, waitAny(init, WUNTRACED | WNOHANG));
    thread.settle();
    assertEquals(pid, waitAny(init, WUNTRACED | WNOHANG));
    test.call(init, Syscall.KILL, pid, Signal.SIGCONT);
    child.settle();
    thread.settle();
    assertEquals(Fate.RUNNING, child.fate());
    assertEquals(Fate.RUNNING, thread.fate());
  }

  @Test
  void aStoppedProcessCanBeKilled() {
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    test.signal(pid, Signal.SIGSTOP, child);
    test.call(init, Syscall.KILL, pid, Signal.SIGKILL);
    assertEquals(Fate.KILLED, child.fate());
    assertEquals(pid, waitAny(init, 0));
    assertEquals(Signal.SIGKILL, status());
  }

  @Test
  void aThreadEndsAlone() {
    FakeGuestThread child = test.fork(init);
    long flags = THREAD_FLAGS | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID;
    test.callInEvent(child, Syscall.CLONE, flags, 0, 0, TestKernel.SCRATCH, 0);
    FakeGuestThread thread = child.children().getFirst();
    assertEquals(child.result(), child.memory().loadInt(TestKernel.SCRATCH));
    test.call(thread, Syscall.EXIT, 0);
    assertEquals(Fate.EXITED, thread.fate());
    assertEquals(Fate.RUNNING, child.fate());
    assertEquals(0, child.memory().loadInt(TestKernel.SCRATCH));
    test.call(child, Syscall.EXIT, 9);
    assertEquals(true, waitAny(init, 0) > 1);
    assertEquals(9 << 8, status());
  }

  @Test
  void theLeadersStatusCountsIfItEndsFirst() {
    FakeGuestThread child = test.fork(init);
    FakeGuestThread thread = test.clone(child, THREAD_FLAGS);
    test.call(child, Syscall.EXIT, 4);
    assertEquals(Fate.EXITED, child.fate());
    assertEquals(0, waitAny(init, WNOHANG));
    test.call(thread, Syscall.EXIT, 5);
    waitAny(init, 0);
    assertEquals(4 << 8, status());
  }

  @Test
  void exitGroupEndsThreadsThatWait() {
    FakeGuestThread child = test.fork(init);
    FakeGuestThread thread = test.clone(child, THREAD_FLAGS);
    test.call(thread, Syscall.PAUSE);
    test.call(child, Syscall.EXIT_GROUP, 0);
    assertEquals(true, waitAny(init, 0) > 1);
    assertEquals(1, test.kernel.tasks().liveCount());
  }

  @Test
  void aVforkParentWaits() {
    test.callInEvent(init, Syscall.VFORK);
    FakeGuestThread child = init.children().getFirst();
    assertEquals(Fate.IN_EVENT, init.fate());
    test.call(child, Syscall.EXIT_GROUP, 0);
    assertEquals(Fate.RUNNING, init.fate());
    assertEquals(true, init.result() > 1);
  }

  @Test
  void aCloneThatTheHostRefusesLeavesNothing() {
    init.setCloneResult(-Errno.ENOMEM);
    assertEquals(-Errno.EAGAIN, test.callInEvent(init, Syscall.FORK));
    assertEquals(-Errno.ECHILD, waitAny(init, 0));
    assertEquals(1, test.kernel.tasks().liveCount());
  }

  @Test
  void cloneFlagsAreCheckedAsOnLinux() {
    assertEquals(-Errno.EINVAL, test.callInEvent(init, Syscall.CLONE, 0x10000));
    assertEquals(-Errno.EINVAL, test.callInEvent(init, Syscall.CLONE, 0x800));
    assertEquals(-Errno.EINVAL, test.callInEvent(init, Syscall.CLONE, 0x20200));
  }

  @Test
  void processGroupsAndSessions() {
    FakeGuestThread child = test.fork(init);
    int pid = (int) init.result();
    assertEquals(0, test.call(init, Syscall.SETPGID, pid, pid));
    assertEquals(pid, test.call(child, Syscall.GETPGRP));
    assertEquals(-Errno.EPERM, test.call(child, Syscall.SETSID));
    FakeGuestThread grandchild = test.fork(child);
    int second = (int) child.result();
    assertEquals(second, test.call(grandchild, Syscall.SETSID));
    assertEquals(-Errno.EPERM, test.call(child, Syscall.SETPGID, second, 0));
    assertEquals(-Errno.ESRCH, test.call(init, Syscall.SETPGID, second, 0));
  }

  @Test
  void anOrphanedStoppedJobIsHungUp() {
    FakeGuestThread shell = test.fork(init);
    test.call(shell, Syscall.SETSID);
    FakeGuestThread job = test.fork(shell);
    int pid = (int) shell.result();
    test.call(shell, Syscall.SETPGID, pid, pid);
    test.signal(pid, Signal.SIGSTOP, job);
    assertEquals(Fate.IN_EVENT, job.fate());
    test.call(shell, Syscall.EXIT_GROUP, 0);
    assertEquals(Fate.KILLED, job.fate());
  }

  @Test
  void theDeathOfAParentIsSignalled() {
    FakeGuestThread child = test.fork(init);
    FakeGuestThread grandchild = test.fork(child);
    test.handle(grandchild, Signal.SIGUSR1, HANDLER, 0, 0);
    test.call(grandchild, Syscall.PRCTL, 1, Signal.SIGUSR1);
    test.call(child, Syscall.EXIT_GROUP, 0);
    grandchild.settle();
    assertEquals(HANDLER, grandchild.registers().get(Registers.RIP));
  }

  @Test
  void aSubreaperAdoptsOrphans() {
    FakeGuestThread reaper = test.fork(init);
    int pid = (int) init.result();
    test.call(reaper, Syscall.PRCTL, 36, 1);
    FakeGuestThread child = test.fork(reaper);
    FakeGuestThread grandchild = test.fork(child);
    test.call(child, Syscall.EXIT_GROUP, 0);
    assertEquals(pid, test.call(grandchild, Syscall.GETPPID));
  }

  @Test
  void theEndOfInitEndsAll() {
    FakeGuestThread child = test.fork(init);
    FakeGuestThread other = test.fork(child);
    test.call(child, Syscall.PAUSE);
    test.call(init, Syscall.EXIT_GROUP, 7);
    assertEquals(Fate.KILLED, child.fate());
    assertEquals(Fate.KILLED, other.fate());
    assertEquals(7 << 8, test.initStatus);
  }
}
