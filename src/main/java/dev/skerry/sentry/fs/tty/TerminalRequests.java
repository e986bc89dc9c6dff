package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.JobControl;
import dev.skerry.sentry.kernel.ProcessGroup;
import dev.skerry.sentry.kernel.Session;
import dev.skerry.sentry.kernel.SigInfo;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The ioctl(2) requests that both sides of a terminal answer (tty_ioctl(4)). */
final class TerminalRequests {
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TCSETSW = 0x5403;
  private static final int TCSETSF = 0x5404;
  private static final int TCGETA = 0x5405;
  private static final int TCSETA = 0x5406;
  private static final int TCSETAW = 0x5407;
  private static final int TCSETAF = 0x5408;
  private static final int TCSBRK = 0x5409;
  private static final int TCXONC = 0x540a;
  private static final int TCFLSH = 0x540b;
  private static final int TIOCEXCL = 0x540c;
  private static final int TIOCNXCL = 0x540d;
  private static final int TIOCSCTTY = 0x540e;
  private static final int TIOCGPGRP = 0x540f;
  static final int TIOCSPGRP = 0x5410;
  private static final int TIOCSTI = 0x5412;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int TIOCSWINSZ = 0x5414;
  private static final int TIOCNOTTY = 0x5422;
  private static final int TIOCSETD = 0x5423;
  private static final int TIOCGETD = 0x5424;
  private static final int TCSBRKP = 0x5425;
  private static final int TIOCGSID = 0x5429;
  private static final int TCGETS2 = 0x802c542a;
  private static final int TCSETS2 = 0x402c542b;
  private static final int TCSETSW2 = 0x402c542c;
  private static final int TCSETSF2 = 0x402c542d;
  private static final int TIOCGEXCL = 0x80045440;

  /** sizeof(struct termio). */
  private static final int OLD_SIZE = 18;

  private static final int WINSIZE = 8;
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final Terminal terminal;

  /** Whether the outside asks: then it need not be the asker's controlling terminal. */
  private final boolean master;

  TerminalRequests(Terminal terminal, boolean master) {
    this.terminal = terminal;
    this.master = master;
  }

  long ioctl(UserMemory memory, int request, long argument) {
    try {
      return switch (request) {
        case TCGETS -> copyOut(memory, argument, terminal.settings().encode(Termios.SIZE));
        case TCGETS2 -> copyOut(memory, argument, terminal.settings().encode(Termios.SIZE2));
        case TCGETA -> copyOut(memory, argument, terminal.settings().encodeOld());
        case TCSETS, TCSETSW -> set(memory.readBytes(argument, Termios.SIZE), false);
        case TCSETSF -> set(memory.readBytes(argument, Termios.SIZE), true);
        case TCSETS2, TCSETSW2 -> set(memory.readBytes(argument, Termios.SIZE2), false);
        case TCSETSF2 -> set(memory.readBytes(argument, Termios.SIZE2), true);
        case TCSETA, TCSETAW -> set(memory.readBytes(argument, OLD_SIZE), false);
        case TCSETAF -> set(memory.readBytes(argument, OLD_SIZE), true);
        case TIOCGWINSZ -> copyOut(memory, argument, encode(terminal.size()));
        case TIOCSWINSZ -> setSize(memory.readBytes(argument, WINSIZE));
        case TCXONC, TCFLSH, TCSBRK, TCSBRKP -> control(request, (int) argument);
        case TIOCGPGRP, TIOCSPGRP, TIOCGSID, TIOCSCTTY, TIOCNOTTY ->
            jobControl(memory, request, argument);
        case TIOCEXCL, TIOCNXCL -> setExclusive(request == TIOCEXCL);
        case TIOCGEXCL -> memory.storeInt(argument, terminal.isExclusive() ? 1 : 0);
        case TIOCGETD -> memory.storeInt(argument, 0);
        case TIOCSETD -> memory.readInt(argument) == 0 ? 0 : -Errno.EINVAL;
        case TIOCSTI -> -Errno.EIO;
        default -> -Errno.ENOTTY;
      };
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private static long copyOut(UserMemory memory, long address, byte[] struct) {
    return Math.min(memory.copyOut(address, struct, 0, struct.length), 0);
  }

  /** Zero, or what a job in the background gets (tty_check_change of the kernel). */
  private long checkChange() {
    Task task = Task.current();
    return task == null ? 0 : JobControl.checkTerminal(task, terminal, Signal.SIGTTOU);
  }

  private long set(byte[] struct, boolean flush) {
    long check = checkChange();
    if (check != 0) {
      return check;
    }
    Termios settings = terminal.settings();
    terminal.setSettings(
        struct.length == OLD_SIZE ? settings.withOld(struct) : settings.with(struct), flush);
    return 0;
  }

  private static byte[] encode(Terminal.WindowSize size) {
    byte[] struct = new byte[WINSIZE];
    SHORT.set(struct, 0, (short) size.rows());
    SHORT.set(struct, 2, (short) size.columns());
    SHORT.set(struct, 4, (short) size.width());
    SHORT.set(struct, 6, (short) size.height());
    return struct;
  }

  private long setSize(byte[] struct) {
    terminal.setSize(
        new Terminal.WindowSize(
            Short.toUnsignedInt((short) SHORT.get(struct, 0)),
            Short.toUnsignedInt((short) SHORT.get(struct, 2)),
            Short.toUnsignedInt((short) SHORT.get(struct, 4)),
            Short.toUnsignedInt((short) SHORT.get(struct, 6))));
    return 0;
  }

  private long control(int request, int argument) {
    boolean foreign = master && request == TCFLSH;
    long check = foreign ? 0 : checkChange();
    if (check != 0) {
      return check;
    }
    switch (request) {
      case TCFLSH -> {
        if (argument < 0 || argument > 2) {
          return -Errno.EINVAL;
        }
        if (master) {
          terminal.flushOutside(argument != 1, argument != 0);
        } else {
          terminal.flush(argument != 1, argument != 0);
        }
      }
      case TCXONC -> {
        if (argument < 0 || argument > 3) {
          return -Errno.EINVAL;
        }
        if (argument <= 1) {
          terminal.setStopped(argument == 0);
        }
      }
      default -> {
        // Output is with the other side at once, and a break means nothing to it.
      }
    }
    return 0;
  }

  private long setExclusive(boolean exclusive) {
    terminal.setExclusive(exclusive);
    return 0;
  }

  private long jobControl(UserMemory memory, int request, long argument) throws ErrnoException {
    Task task = Task.current();
    if (task == null) {
      return -Errno.ENOTTY;
    }
    if (request == TIOCSCTTY) {
      boolean steal = argument == 1 && task.credentials().hasCapability(Capability.SYS_ADMIN);
      return terminal.control(task, steal);
    }
    Session session = task.group().session();
    boolean own = task.group().controllingTerminal() == terminal;
    if (request == TIOCSPGRP) {
      return own ? setForeground(task, memory.readInt(argument)) : -Errno.ENOTTY;
    }
    if (request == TIOCNOTTY) {
      return own && !master ? giveUp(task, session) : -Errno.ENOTTY;
    }
    Session shown = terminal.session();
    if (!own && !master) {
      return -Errno.ENOTTY;
    }
    if (request == TIOCGSID) {
      return shown == null
          ? -Errno.ENOTTY
          : memory.storeInt(argument, task.pidNamespace().number(shown.id()));
    }
    @Nullable ProcessGroup foreground = shown == null ? null : shown.foreground();
    int job = foreground == null ? 0 : task.pidNamespace().number(foreground.id());
    return memory.storeInt(argument, job);
  }

  private long setForeground(Task task, int number) {
    long check = checkChange();
    if (check != 0) {
      return check;
    }
    if (number < 0) {
      return -Errno.EINVAL;
    }
    int id = task.pidNamespace().id(number);
    Session session = task.group().session();
    ProcessGroup group = terminal.kernel().tasks().findProcessGroup(id);
    if (group == null) {
      return -Errno.ESRCH;
    }
    if (group.session() != session) {
      return -Errno.EPERM;
    }
    session.setForeground(group);
    return 0;
  }

  private long giveUp(Task task, Session session) {
    if (session.id() != task.group().tgid()) {
      task.group().giveUpTerminal();
      return 0;
    }
    ProcessGroup foreground = session.foreground();
    session.setTerminal(null, null);
    terminal.released(session);
    if (foreground != null) {
      foreground.signal(SigInfo.kernel(Signal.SIGHUP));
      foreground.signal(SigInfo.kernel(Signal.SIGCONT));
    }
    return 0;
  }
}
