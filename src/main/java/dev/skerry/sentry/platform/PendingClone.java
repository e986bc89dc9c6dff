package dev.skerry.sentry.platform;

import dev.skerry.abi.Signal;
import dev.skerry.abi.Syscall;
import dev.skerry.hostos.Host;

/** A host thread or process that is about to be. */
final class PendingClone {
  private static final int INIT = 1;
  private static final int CLONE_VM = 0x100;

  /** CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM: what a host thread must share. */
  private static final long HOST_THREAD_FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;

  /** Room for the stub's first steps in a child, below the copied frame. */
  private static final int CHILD_STACK_GAP = 512;

  private final NotifyThread parent;
  private final CloneRequest request;
  private final AddressSpace.Slot slot;
  private final NotifyRegisters registers;
  private final long delta;
  private final boolean goesOn;
  private final GuestThread.ChildFactory factory;
  private final GuestThread.Completion done;

  /**
   * @param registers of the parent as they are in its frame, for the child
   * @param slot the child's
   * @param delta from the parent's slot to the child's
   * @param done gets 0 or a negative error; not called for success if the parent goes on
   */
  PendingClone(
      NotifyThread parent,
      NotifyRegisters registers,
      CloneRequest request,
      AddressSpace.Slot slot,
      long delta,
      GuestThread.ChildFactory factory,
      GuestThread.Completion done) {
    this.parent = parent;
    this.registers = registers;
    this.request = request;
    this.slot = slot;
    this.delta = delta;
    this.factory = factory;
    this.done = done;
    // What a tracer has read, or changed, goes back to the thread when its event ends.
    this.goesOn = request.answer() > 0 && !registers.hasBases();
  }

  NotifyThread parent() {
    return parent;
  }

  /** Whether it will be a thread of the parent's process. */
  boolean isThread() {
    return request.isThread();
  }

  /** Whether the parent runs on as soon as the host has made the child. */
  boolean parentGoesOn() {
    return goesOn;
  }

  /**
   * Whether a host thread is the child, by what the host says: a process is its parent's, and when
   * its parent may have ended already, the one that the parent named.
   *
   * @param named what the parent got from the host; 0 if it has not said so yet
   */
  boolean made(int hostTid, long named) {
    int tgid = parent.hostTgid();
    if (isThread()) {
      return HostWitness.isThreadOf(tgid, hostTid);
    }
    int parentOfIt = HostWitness.parentOf(hostTid);
    return parentOfIt == tgid || (parentOfIt == INIT && named == hostTid);
  }

  /** The child's thread. */
  NotifyThread child(int hostTid) {
    int tgid = isThread() ? parent.hostTgid() : hostTid;
    NotifyThread child = parent.child(hostTid, tgid, slot);
    child.adoptRegisters(registers, delta, request.stack());
    child.setProgram(factory.program(child));
    return child;
  }

  /** The host call that makes it. */
  HostCall call() {
    boolean shares = request.sharesMemory();
    long flags = isThread() ? HOST_THREAD_FLAGS : (shares ? CLONE_VM : 0) | Signal.SIGCHLD;
    long stack = shares ? (registers.context() + delta - CHILD_STACK_GAP) & -16 : 0;
    long tls = request.setTls() != 0 ? request.tls() : 0;
    return HostCall.of(Syscall.CLONE, flags | request.setTls(), stack, 0, 0, tls, 0);
  }

  /** What the stub is told of it, beside the call. */
  HostCalls.Child childInMailbox() {
    return new HostCalls.Child(delta, request.stack(), goesOn ? request.answer() : 0);
  }

  /**
   * The parent says that the host has not made the process. Nobody can tell whether that is true,
   * and a process that is denied would be a child of whatever program its parent becomes: so the
   * parent ends, and with it what there is of its host process.
   */
  void endParent() {
    Host.os().kill(parent.hostTgid(), Signal.SIGKILL);
  }

  /** Ends it, in the parent, with the host's result. */
  void done(long result) {
    if (result < 0) {
      slot.free();
    }
    done.done(Math.min(result, 0));
  }
}
