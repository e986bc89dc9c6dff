package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.kernel.ControllingTerminal;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.ProcessGroup;
import dev.skerry.sentry.kernel.Session;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.Timeouts;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.vfs.DeviceNumbers;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/**
 * A terminal: the side that programs see, {@code /dev/pts/N}, with all that both sides share. Its
 * monitor guards all. Linux: struct tty_struct.
 */
public final class Terminal implements ControllingTerminal, LineDiscipline.Effects {
  /** Who shows the output and types the input. Called with the terminal's lock held. */
  interface Outside {
    /** There is output, or it is not stopped any more. */
    void outputChanged();

    /** There is room for input again. */
    void inputTaken();

    /** What was typed and has not come in is to be forgotten. */
    void dropTyped();

    /** Something to be told in packet mode (TIOCPKT). */
    void packetStatus(int bits);
  }

  /** The size of the window in characters and pixels (struct winsize). */
  record WindowSize(int rows, int columns, int width, int height) {
    static final WindowSize UNKNOWN = new WindowSize(0, 0, 0, 0);
  }

  static final int FLUSH_READ = 1;
  static final int FLUSH_WRITE = 2;
  static final int STOP = 4;
  static final int START = 8;

  /** Major number of /dev/pts/N. */
  static final int MAJOR = 136;

  private static final int CHUNK = 4096;
  private static final long TENTH = 100_000_000;

  private final Kernel kernel;
  private final int number;
  private final WaitQueue queue = new WaitQueue();
  private final OutputProcessor output = new OutputProcessor();
  private final LineDiscipline discipline = new LineDiscipline(output, this);
  private final byte[] chunk = new byte[CHUNK];
  private final Outside outside;
  private WindowSize size = WindowSize.UNKNOWN;
  private @Nullable Session session;
  private int openings;
  private boolean everOpened;
  private boolean hungUp;
  private boolean locked;
  private boolean exclusive;

  /** When a read without input ends (VTIME); 0 for no such read. */
  private long readDeadline;

  private Timeouts.@Nullable Handle readTimer;

  Terminal(Kernel kernel, int number, Outside outside) {
    this.kernel = kernel;
    this.number = number;
    this.outside = outside;
  }

  public int number() {
    return number;
  }

  @Override
  public long device() {
    return deviceOf(number);
  }

  static long deviceOf(int number) {
    return DeviceNumbers.of(MAJOR, number);
  }

  Kernel kernel() {
    return kernel;
  }

  WaitQueue queue() {
    return queue;
  }

  ByteQueue output() {
    return output.queue();
  }

  LineDiscipline discipline() {
    return discipline;
  }

  // Opening and closing.

  /** Another file of the programs' side: zero, -EIO if it is locked or hung up, or -EBUSY. */
  synchronized long opened(boolean privileged) {
    if (locked || hungUp) {
      return -Errno.EIO;
    }
    if (exclusive && openings > 0 && !privileged) {
      return -Errno.EBUSY;
    }
    openings++;
    everOpened = true;
    return 0;
  }

  void closed() {
    Session left;
    synchronized (this) {
      if (--openings > 0) {
        return;
      }
      exclusive = false;
      left = session;
      session = null;
      if (left != null) {
        left.setTerminal(null, null);
      }
      outside.outputChanged();
    }
  }

  /** Whether programs had it open, and none has now. */
  synchronized boolean isAbandoned() {
    return everOpened && openings == 0;
  }

  synchronized boolean isHungUp() {
    return hungUp;
  }

  /** Whether neither side is in use any more. */
  synchronized boolean isUnused() {
    return hungUp && openings == 0;
  }

  synchronized void setLocked(boolean lock) {
    locked = lock;
  }

  synchronized boolean isLocked() {
    return locked;
  }

  synchronized void setExclusive(boolean alone) {
    exclusive = alone;
  }

  synchronized boolean isExclusive() {
    return exclusive;
  }

  /** The outside is gone: programs read the end and cannot write; their session is told. */
  void hangUp() {
    synchronized (this) {
      if (hungUp) {
        return;
      }
      hungUp = true;
      Session lost = session;
      session = null;
      discipline.input().clear();
      if (lost != null) {
        ProcessGroup foreground = lost.foreground();
        ThreadGroup leader = kernel.tasks().findGroup(lost.id());
        lost.setTerminal(null, null);
        if (leader != null) {
          leader.signal(SigInfo.kernel(Signal.SIGHUP));
          leader.signal(SigInfo.kernel(Signal.SIGCONT));
        }
        if (foreground != null) {
          foreground.signal(SigInfo.kernel(Signal.SIGHUP));
          foreground.signal(SigInfo.kernel(Signal.SIGCONT));
        }
      }
      queue.wake(Events.READABLE | Events.WRITABLE | Events.ALWAYS);
    }
  }

  // Job control.

  @Override
  public void released(Session released) {
    synchronized (this) {
      if (session == released) {
        session = null;
      }
    }
  }

  synchronized @Nullable Session session() {
    return session;
  }

  /** Makes this the controlling terminal of the sandbox's first process. */
  public void controlFirst(Task init) {
    control(init, true);
  }

  /**
   * Makes this the controlling terminal of the task's session.
   *
   * @param steal whether it may be taken from another session
   * @return zero or -EPERM
   */
  synchronized long control(Task task, boolean steal) {
    Session own = task.group().session();
    if (own == session) {
      return 0;
    }
    boolean leads = own.id() == task.group().tgid();
    if (!leads || own.terminal() != null || hungUp) {
      return -Errno.EPERM;
    }
    Session other = session;
    if (other != null) {
      if (!steal) {
        return -Errno.EPERM;
      }
      other.setTerminal(null, null);
    }
    session = own;
    own.setTerminal(this, task.group().processGroup());
    task.group().takeTerminal();
    return 0;
  }

  @Override
  public void signal(int signal) {
    Session controlled = session;
    ProcessGroup foreground = controlled == null ? null : controlled.foreground();
    if (foreground != null) {
      foreground.signal(SigInfo.kernel(signal));
    }
  }

  // The line discipline's effects.

  @Override
  public void flow(boolean stopped) {
    outside.packetStatus(stopped ? STOP : START);
    if (!stopped) {
      queue.wake(Events.WRITABLE);
    }
    outside.outputChanged();
  }

  @Override
  public void flushOutput() {
    output.queue().clear();
    outside.packetStatus(FLUSH_WRITE);
    queue.wake(Events.WRITABLE);
  }

  void flushInput() {
    discipline.input().clear();
    outside.packetStatus(FLUSH_READ);
    outside.inputTaken();
  }

  synchronized void flush(boolean input, boolean alsoOutput) {
    if (input) {
      outside.dropTyped();
      flushInput();
    }
    if (alsoOutput) {
      flushOutput();
    }
  }

  /** The same for the outside, whose input is the programs' output. */
  synchronized void flushOutside(boolean input, boolean alsoOutput) {
    if (input) {
      output.queue().clear();
      queue.wake(Events.WRITABLE);
    }
    if (alsoOutput) {
      outside.dropTyped();
    }
  }

  synchronized void setStopped(boolean stopped) {
    discipline.setStopped(stopped);
  }

  // The outside.

  /** Typed bytes: how many could be taken. */
  synchronized int type(byte[] source, int offset, int length) {
    if (hungUp) {
      return length;
    }
    int done = discipline.receive(source, offset, length);
    if (done > 0) {
      if (!discipline.isCanonical() || discipline.input().hasLine()) {
        noteArrival();
        queue.wake(Events.READABLE);
      }
      outside.outputChanged();
    }
    return done;
  }

  /** Whether typed bytes would be taken. */
  synchronized boolean takesInput() {
    return hungUp || discipline.hasRoom();
  }

  /** The outside has taken output. */
  void outputTaken() {
    queue.wake(Events.WRITABLE);
  }

  synchronized WindowSize size() {
    return size;
  }

  /** Sets the size; the job in the foreground is told of a change. */
  synchronized void setSize(WindowSize changed) {
    if (!size.equals(changed)) {
      size = changed;
      signal(Signal.SIGWINCH);
    }
  }

  // The programs' side.

  synchronized Termios settings() {
    return discipline.settings();
  }

  synchronized void setSettings(Termios changed, boolean flush) {
    if (flush) {
      flushInput();
    }
    discipline.setSettings(changed);
    queue.wake(Events.READABLE | Events.WRITABLE);
    outside.inputTaken();
    outside.outputChanged();
  }

  /** How many bytes a read without waiting for more would find ready at least. */
  private int ready() {
    Termios settings = discipline.settings();
    if (discipline.isCanonical()) {
      return discipline.available();
    }
    int least = settings.character(Termios.VTIME) == 0 ? settings.character(Termios.VMIN) : 1;
    int there = discipline.available();
    return there >= Math.max(least, 1) ? there : 0;
  }

  synchronized long read(IoBuffer target, boolean nonBlocking) {
    if (hungUp || target.remaining() == 0) {
      return 0;
    }
    long result;
    if (discipline.isCanonical()) {
      result = discipline.input().hasLine() ? discipline.input().readLine(target) : -Errno.EAGAIN;
    } else {
      result = readRaw(target, nonBlocking);
    }
    if (result != -Errno.EAGAIN) {
      stopReadTimer();
      outside.inputTaken();
    }
    return result;
  }

  private long readRaw(IoBuffer target, boolean nonBlocking) {
    Termios settings = discipline.settings();
    int there = discipline.available();
    int least = nonBlocking ? 1 : settings.character(Termios.VMIN);
    long time = settings.character(Termios.VTIME) * TENTH;
    if (there > 0 && there >= Math.min(least, target.remaining())) {
      return discipline.input().readBytes(target);
    }
    if (nonBlocking) {
      return -Errno.EAGAIN;
    }
    if (time == 0) {
      return least == 0 ? 0 : -Errno.EAGAIN;
    }
    if (readDeadline != 0 && System.nanoTime() - readDeadline >= 0) {
      return there > 0 ? discipline.input().readBytes(target) : 0;
    }
    if (readDeadline == 0 && (least == 0 || there > 0)) {
      startReadTimer(time);
    }
    return -Errno.EAGAIN;
  }

  /** Between bytes the time of VTIME begins anew. */
  private void noteArrival() {
    Termios settings = discipline.settings();
    if (readDeadline != 0 && settings.character(Termios.VMIN) > 0) {
      stopReadTimer();
      startReadTimer(settings.character(Termios.VTIME) * TENTH);
    }
  }

  private void startReadTimer(long nanos) {
    readDeadline = System.nanoTime() + nanos;
    readTimer = kernel.timeouts().schedule(readDeadline, () -> queue.wake(Events.READABLE));
  }

  private void stopReadTimer() {
    readDeadline = 0;
    if (readTimer != null) {
      readTimer.cancel();
      readTimer = null;
    }
  }

  synchronized long write(IoBuffer source) {
    if (hungUp) {
      return -Errno.EIO;
    }
    long total = 0;
    while (source.remaining() > 0) {
      int room = discipline.isStopped() ? 0 : output.room(discipline.settings());
      int wanted = (int) Math.min(Math.min(room, CHUNK), source.remaining());
      if (wanted == 0) {
        break;
      }
      long copied = source.get(chunk, 0, wanted);
      if (copied < 0) {
        return total > 0 ? total : copied;
      }
      for (int i = 0; i < copied; i++) {
        output.put(Byte.toUnsignedInt(chunk[i]), discipline.settings());
      }
      total += copied;
      outside.outputChanged();
      if (copied < wanted) {
        break;
      }
    }
    return total > 0 || source.remaining() == 0 ? total : -Errno.EAGAIN;
  }

  synchronized int poll() {
    if (hungUp) {
      return Events.READABLE | Events.WRITABLE | Events.ALWAYS | Events.RDHUP;
    }
    int events = ready() > 0 ? Events.READABLE : 0;
    if (!discipline.isStopped() && output.room(discipline.settings()) > 0) {
      events |= Events.WRITABLE;
    }
    return events;
  }

  /** Bytes ready to be read (FIONREAD). */
  synchronized int available() {
    return discipline.available();
  }
}
