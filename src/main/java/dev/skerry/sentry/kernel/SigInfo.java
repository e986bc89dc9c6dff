package dev.skerry.sentry.kernel;

import dev.skerry.abi.Signal;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What a signal tells its receiver (sigaction(2)), kept in the form that the guest sees. Never
 * changed after it was made. Linux: struct kernel_siginfo.
 */
public final class SigInfo {
  /** sizeof(siginfo_t). */
  public static final int SIZE = 128;

  private static final int KEPT = 48;
  private static final int AUDIT_ARCH_X86_64 = 0xc000003e;
  private static final int FIELDS = 16;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;

  private SigInfo(byte[] bytes) {
    this.bytes = bytes;
  }

  private SigInfo(int signal, int code) {
    this(new byte[KEPT]);
    INT.set(bytes, 0, signal);
    INT.set(bytes, 8, code);
  }

  /** From kill(2) (SI_USER) or tgkill(2) (SI_TKILL). */
  public static SigInfo user(int signal, int code, int pid, int uid) {
    SigInfo info = new SigInfo(signal, code);
    info.setInt(0, pid);
    info.setInt(4, uid);
    return info;
  }

  /** From the kernel itself, with no more to tell. */
  public static SigInfo kernel(int signal) {
    return new SigInfo(signal, Signal.SI_KERNEL);
  }

  /** With a value: sigqueue(3), message queues, timers' notices. */
  public static SigInfo queued(int signal, int code, int pid, int uid, long value) {
    SigInfo info = user(signal, code, pid, uid);
    info.setLong(8, value);
    return info;
  }

  /** From a POSIX timer. */
  public static SigInfo timer(int signal, int timerId, int overrun, long value) {
    return queued(signal, Signal.SI_TIMER, timerId, overrun, value);
  }

  /** A fault at an address. */
  public static SigInfo fault(int signal, int code, long address) {
    SigInfo info = new SigInfo(signal, code);
    info.setLong(0, address);
    return info;
  }

  /** A system call that a filter of the program's own refused (seccomp(2)). */
  public static SigInfo refusedCall(long address, int number, int data) {
    SigInfo info = new SigInfo(Signal.SIGSYS, Signal.SYS_SECCOMP);
    INT.set(info.bytes, 4, data);
    info.setLong(0, address);
    info.setInt(8, number);
    info.setInt(12, AUDIT_ARCH_X86_64);
    return info;
  }

  /** Input or output became possible (fcntl(2), F_SETSIG). */
  public static SigInfo poll(int signal, int code, long band, int fd) {
    SigInfo info = new SigInfo(signal, code);
    info.setLong(0, band);
    info.setInt(8, fd);
    return info;
  }

  /**
   * A child changed its state.
   *
   * @param status the exit status or the signal
   * @param userTicks CPU time in 1/100 s
   */
  public static SigInfo child(
      int signal, int code, int pid, int uid, int status, long userTicks, long systemTicks) {
    SigInfo info = user(signal, code, pid, uid);
    info.setInt(8, status);
    info.setLong(16, userTicks);
    info.setLong(24, systemTicks);
    return info;
  }

  /** As the guest wrote it, for pidfd_send_signal(2). */
  static SigInfo raw(byte[] abi) {
    return new SigInfo(abi.clone());
  }

  /** As the guest wrote it, for rt_sigqueueinfo(2); {@code signal} counts, not what it wrote. */
  static SigInfo raw(int signal, byte[] abi) {
    SigInfo info = new SigInfo(abi.clone());
    INT.set(info.bytes, 0, signal);
    return info;
  }

  /** A copy that tells of more overruns of a timer. */
  public SigInfo withOverrun(int overrun) {
    SigInfo copy = new SigInfo(bytes.clone());
    copy.setInt(4, overrun);
    return copy;
  }

  private void setInt(int offset, int value) {
    INT.set(bytes, FIELDS + offset, value);
  }

  private void setLong(int offset, long value) {
    LONG.set(bytes, FIELDS + offset, value);
  }

  public int signal() {
    return (int) INT.get(bytes, 0);
  }

  public int errno() {
    return (int) INT.get(bytes, 4);
  }

  public int code() {
    return (int) INT.get(bytes, 8);
  }

  /** si_pid; for a timer's signal si_timerid. */
  public int pid() {
    return (int) INT.get(bytes, FIELDS);
  }

  /** si_uid; for a timer's signal si_overrun. */
  public int uid() {
    return (int) INT.get(bytes, FIELDS + 4);
  }

  /** si_status, si_fd or the integer of si_value. */
  public int status() {
    return (int) INT.get(bytes, FIELDS + 8);
  }

  /** si_value. */
  public long value() {
    return (long) LONG.get(bytes, FIELDS + 8);
  }

  /** si_addr or si_band. */
  public long address() {
    return (long) LONG.get(bytes, FIELDS);
  }

  /** si_utime, in 1/100 s. */
  public long userTicks() {
    return (long) LONG.get(bytes, FIELDS + 16);
  }

  /** si_stime, in 1/100 s. */
  public long systemTicks() {
    return (long) LONG.get(bytes, FIELDS + 24);
  }

  /** Whether the kernel made it, not a program. */
  boolean isFromKernel() {
    return code() > 0;
  }

  /** Writes the {@link #SIZE} bytes that the guest sees. */
  public void write(byte[] target, int offset) {
    Arrays.fill(target, offset, offset + SIZE, (byte) 0);
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  /** The {@link #SIZE} bytes that the guest sees. */
  public byte[] toBytes() {
    byte[] all = new byte[SIZE];
    write(all, 0);
    return all;
  }
}
