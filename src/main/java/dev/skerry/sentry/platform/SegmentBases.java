package dev.skerry.sentry.platform;

import dev.skerry.abi.Syscall;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The bases of FS and GS, which no signal frame holds: the thread itself has to ask and to set
 * them.
 */
final class SegmentBases {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int ARCH_SET_GS = 0x1001;
  private static final int ARCH_SET_FS = 0x1002;
  private static final int ARCH_GET_FS = 0x1003;
  private static final int ARCH_GET_GS = 0x1004;
  private static final int PR_SET_DUMPABLE = 4;

  private SegmentBases() {}

  /**
   * The calls that read them. The first gives the process's memory to the sandbox's root, so that
   * the sentry, which has no right but CAP_SYS_PTRACE, may open it.
   */
  static List<HostCall> reading(AddressSpace.Slot slot) {
    long scratch = slot.address() + StubLayout.BASES;
    return List.of(
        HostCall.of(Syscall.PRCTL, PR_SET_DUMPABLE, 0),
        HostCall.of(Syscall.ARCH_PRCTL, ARCH_GET_FS, scratch),
        HostCall.of(Syscall.ARCH_PRCTL, ARCH_GET_GS, scratch + Long.BYTES));
  }

  /** Takes over what the host has written. */
  static void read(UserMemory memory, AddressSpace.Slot slot, NotifyRegisters registers) {
    byte[] bases = new byte[2 * Long.BYTES];
    // It fails only if the guest is gone, and with it all further entries.
    memory.copyIn(slot.address() + StubLayout.BASES, bases, 0, bases.length);
    registers.basesRead((long) LONG.get(bases, 0), (long) LONG.get(bases, Long.BYTES));
  }

  /** The calls that set them. */
  static List<HostCall> setting(NotifyRegisters registers) {
    return List.of(
        HostCall.of(Syscall.ARCH_PRCTL, ARCH_SET_FS, registers.fsBase()),
        HostCall.of(Syscall.ARCH_PRCTL, ARCH_SET_GS, registers.gsBase()));
  }
}
