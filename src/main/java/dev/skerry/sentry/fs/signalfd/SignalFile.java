package dev.skerry.sentry.fs.signalfd;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.SignalControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** A signalfd: it shows the pending signals of whoever uses it. */
public final class SignalFile extends OpenFileDescription {
  /** sizeof(struct signalfd_siginfo). */
  private static final int RECORD = 128;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private volatile long set;

  /**
   * @param set the signals to be read
   */
  public SignalFile(int flags, long set) {
    super(flags);
    setSignals(set);
  }

  /** Replaces the signals to be read. */
  public void setSignals(long signals) {
    set = signals & ~Signal.UNSTOPPABLE;
  }

  @Override
  protected void release() {}

  @Override
  public String displayName() {
    return "anon_inode:[signalfd]";
  }

  @Override
  public String details() {
    String digits = Long.toHexString(set);
    return "sigmask:\t" + "0".repeat(16 - digits.length()) + digits + "\n";
  }

  @Override
  public Stat stat() {
    return AnonymousInodes.shared();
  }

  @Override
  public long read(IoBuffer target) {
    Task task = Task.current();
    if (task == null || target.remaining() < RECORD) {
      return -Errno.EINVAL;
    }
    long total = 0;
    while (target.remaining() >= RECORD) {
      SigInfo info = task.takeSignal(set);
      if (info == null) {
        return total == 0 ? -Errno.EAGAIN : total;
      }
      if (target.put(encode(info), 0, RECORD) != RECORD) {
        return total == 0 ? -Errno.EFAULT : total;
      }
      total += RECORD;
    }
    return total;
  }

  /** As fs/signalfd.c fills it in: which fields count depends on how the signal was sent. */
  private static byte[] encode(SigInfo info) {
    byte[] bytes = new byte[RECORD];
    INT.set(bytes, 0, info.signal());
    INT.set(bytes, 4, info.errno());
    INT.set(bytes, 8, info.code());
    int signal = info.signal();
    if (info.code() == Signal.SI_TIMER) {
      INT.set(bytes, 24, info.pid());
      INT.set(bytes, 32, info.uid());
      LONG.set(bytes, 48, info.value());
      INT.set(bytes, 44, info.status());
    } else if (info.code() > 0 && signal == Signal.SIGIO) {
      INT.set(bytes, 28, (int) info.address());
      INT.set(bytes, 20, info.status());
    } else if (info.code() > 0 && (Signal.bit(signal) & Signal.SYNCHRONOUS) != 0) {
      LONG.set(bytes, 72, info.address());
    } else {
      INT.set(bytes, 12, info.pid());
      INT.set(bytes, 16, info.uid());
      if (signal == Signal.SIGCHLD && info.code() > 0) {
        INT.set(bytes, 40, info.status());
        LONG.set(bytes, 56, info.userTicks());
        LONG.set(bytes, 64, info.systemTicks());
      } else if (info.code() < 0) {
        INT.set(bytes, 44, info.status());
        LONG.set(bytes, 48, info.value());
      }
    }
    return bytes;
  }

  /** There is no position, and yet no error (noop_llseek). */
  @Override
  public long seek(long offset, int whence) {
    return 0;
  }

  @Override
  public int poll() {
    Task task = Task.current();
    return task != null && (SignalControl.pending(task) & set) != 0 ? Events.READABLE : 0;
  }

  @Override
  public @Nullable WaitQueue waitQueue() {
    Task task = Task.current();
    return task == null ? null : task.group().handlers().arrivals();
  }
}
