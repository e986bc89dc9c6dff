package dev.skerry.sentry.loader;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.Tracing;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.Registers;
import dev.skerry.sentry.platform.UserRegs;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What a core file tells besides memory (include/uapi/linux/elf.h, elfcore.h). */
final class CoreNotes {
  private static final int NT_PRSTATUS = 1;
  private static final int NT_FPREGSET = 2;
  private static final int NT_PRPSINFO = 3;
  private static final int NT_AUXV = 6;
  private static final int NT_SIGINFO = 0x53494749;
  private static final int NT_FILE = 0x46494c45;
  private static final int NT_X86_XSTATE = 0x202;

  private static final int STATUS_SIZE = 336;
  private static final int STATUS_REGISTERS = 112;
  private static final int STATUS_FLOATING_POINT = 328;
  private static final int INFO_SIZE = 136;
  private static final int INFO_NAME = 40;
  private static final int INFO_ARGUMENTS = 56;
  private static final int ARGUMENTS_SIZE = 80;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final CoreSource source;
  private final Task task;
  private final int signal;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private CoreNotes(CoreSource source) {
    this.source = source;
    this.task = source.task();
    this.signal = source.reason().signal();
  }

  /**
   * All notes, one after the other; during events of the tasks.
   *
   * @param files the note of the files that are mapped
   */
  static byte[] of(CoreSource source, byte[] files) {
    CoreNotes notes = new CoreNotes(source);
    notes.add("CORE", NT_PRSTATUS, notes.status(notes.task));
    notes.add("CORE", NT_PRPSINFO, notes.processInfo());
    notes.add("CORE", NT_SIGINFO, source.reason().toBytes());
    notes.add("CORE", NT_AUXV, notes.task.mm().auxiliaryVector());
    notes.add("CORE", NT_FILE, files);
    notes.addVectors(notes.task);
    for (Task other : source.others()) {
      notes.add("CORE", NT_PRSTATUS, notes.status(other));
      notes.addVectors(other);
    }
    return notes.out.toByteArray();
  }

  private void addVectors(Task which) {
    byte[] area = source.vectors().apply(which.thread().registers());
    add("CORE", NT_FPREGSET, Arrays.copyOf(area, Registers.FLOATING_POINT_MIN));
    if (area.length > Registers.FLOATING_POINT_MIN) {
      add("LINUX", NT_X86_XSTATE, area);
    }
  }

  private void add(String owner, int type, byte[] content) {
    int name = (owner.length() + 1 + 3) & -4;
    byte[] head = new byte[12 + name];
    INT.set(head, 0, owner.length() + 1);
    INT.set(head, 4, content.length);
    INT.set(head, 8, type);
    for (int i = 0; i < owner.length(); i++) {
      head[12 + i] = (byte) owner.charAt(i);
    }
    out.writeBytes(head);
    out.writeBytes(Arrays.copyOf(content, (content.length + 3) & -4));
  }

  private byte[] status(Task which) {
    byte[] bytes = new byte[STATUS_SIZE];
    INT.set(bytes, 0, signal);
    bytes[12] = (byte) signal;
    LONG.set(bytes, 24, SignalControl.mask(which));
    putFamily(which, bytes, 32);
    Registers registers = which.thread().registers();
    for (int place = 0; place < UserRegs.COUNT; place++) {
      int register = UserRegs.register(place);
      if (register >= 0) {
        putRegister(bytes, place, registers.get(register));
      }
    }
    long segments = registers.get(Registers.CSGSFS);
    putRegister(bytes, UserRegs.ORIG_RAX, Tracing.originalCall(which));
    putRegister(bytes, UserRegs.FS_BASE, registers.fsBase());
    putRegister(bytes, UserRegs.GS_BASE, registers.gsBase());
    putRegister(bytes, UserRegs.CS, segments & 0xffff);
    putRegister(bytes, UserRegs.SS, segments >>> 48);
    INT.set(bytes, STATUS_FLOATING_POINT, 1);
    return bytes;
  }

  private static void putRegister(byte[] status, int place, long value) {
    LONG.set(status, STATUS_REGISTERS + place * Long.BYTES, value);
  }

  /** The ids of process, parent, job and session. */
  private static void putFamily(Task which, byte[] bytes, int offset) {
    ThreadGroup group = which.group();
    ThreadGroup parent = group.parent();
    PidNamespace pids = which.pidNamespace();
    INT.set(bytes, offset, pids.number(which));
    INT.set(bytes, offset + 4, pids.number(parent));
    INT.set(bytes, offset + 8, pids.number(group.processGroup().id()));
    INT.set(bytes, offset + 12, pids.number(group.session().id()));
  }

  private byte[] processInfo() {
    byte[] bytes = new byte[INFO_SIZE];
    Credentials who = task.credentials();
    bytes[1] = 'R';
    bytes[3] = (byte) task.settings().scheduling().nice();
    INT.set(bytes, 16, who.uid());
    INT.set(bytes, 20, who.gid());
    putFamily(task, bytes, 24);
    String name = task.comm();
    for (int i = 0; i < name.length(); i++) {
      bytes[INFO_NAME + i] = (byte) name.charAt(i);
    }
    MemoryManager.Layout layout = task.mm().layout();
    int length = Math.clamp(layout.argEnd() - layout.argStart(), 0, ARGUMENTS_SIZE - 1);
    task.memory().copyInPartly(layout.argStart(), bytes, INFO_ARGUMENTS, length);
    for (int i = INFO_ARGUMENTS; i < INFO_ARGUMENTS + length - 1; i++) {
      bytes[i] = bytes[i] == 0 ? (byte) ' ' : bytes[i];
    }
    return bytes;
  }
}
