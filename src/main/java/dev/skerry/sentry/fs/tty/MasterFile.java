package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.ByteQueue;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** The outside of a pseudo-terminal, as /dev/ptmx gives it (pty(7)). */
final class MasterFile extends OpenFileDescription implements Terminal.Outside {
  private static final int FIONREAD = 0x541b;
  private static final int TIOCOUTQ = 0x5411;
  private static final int TIOCPKT = 0x5420;
  private static final int TIOCGPTN = 0x80045430;
  private static final int TIOCSPTLCK = 0x40045431;
  private static final int TIOCGPKT = 0x80045438;
  private static final int TIOCGPTLCK = 0x80045439;
  private static final int TIOCGPTPEER = 0x5441;
  private static final int CHUNK = 4096;

  /** How much may be on its way to the terminal, and below what there is more (tty_buffer.c). */
  private static final int MOST_TYPED = 33 * 256;

  private static final int WRITABLE_BELOW = 8192;

  private final WaitQueue queue = new WaitQueue();
  private final Terminals terminals;
  private final Terminal terminal;
  private final Place place;
  private final TerminalRequests requests;

  // Guarded by the terminal.
  private final byte[] chunk = new byte[CHUNK];

  private final ByteQueue typed = new ByteQueue(MOST_TYPED);
  private boolean packets;
  private int packetStatus;

  MasterFile(Terminals terminals, int number, int flags, Place place) {
    super(flags);
    this.terminals = terminals;
    this.place = place;
    this.terminal = new Terminal(terminals.kernel(), number, this);
    this.requests = new TerminalRequests(terminal, true);
    terminal.setLocked(true);
  }

  Terminal terminal() {
    return terminal;
  }

  @Override
  protected void release() {
    terminal.hangUp();
  }

  @Override
  public @Nullable VfsPath path() {
    return place.path();
  }

  @Override
  public String displayName() {
    return place.name();
  }

  @Override
  public Stat stat() throws ErrnoException {
    return place.stat();
  }

  @Override
  public void outputChanged() {
    queue.wake(Events.READABLE | Events.HUP);
  }

  @Override
  public void inputTaken() {
    passOn();
    queue.wake(Events.WRITABLE);
  }

  @Override
  public void dropTyped() {
    typed.clear();
    queue.wake(Events.WRITABLE);
  }

  @Override
  public void packetStatus(int bits) {
    if (packets) {
      packetStatus |= bits;
      queue.wake(Events.READABLE | Events.PRI);
    }
  }

  @Override
  public long read(IoBuffer target) {
    if (target.remaining() == 0) {
      return 0;
    }
    synchronized (terminal) {
      if (packets) {
        return readPacket(target);
      }
      return readOutput(target);
    }
  }

  private long readOutput(IoBuffer target) {
    if (terminal.output().size() == 0) {
      return terminal.isAbandoned() ? -Errno.EIO : -Errno.EAGAIN;
    }
    long moved = terminal.output().readTo(target);
    terminal.outputTaken();
    return moved;
  }

  /** In packet mode the first byte tells what happened: nothing, so that data follow, or status. */
  private long readPacket(IoBuffer target) {
    if (packetStatus == 0 && terminal.output().size() == 0) {
      return readOutput(target);
    }
    byte[] status = {(byte) packetStatus};
    long result = target.put(status, 0, 1);
    if (result < 0) {
      return result;
    }
    if (packetStatus != 0) {
      packetStatus = 0;
      return 1;
    }
    long moved = target.remaining() == 0 ? 0 : readOutput(target);
    return 1 + Math.max(moved, 0);
  }

  @Override
  public long write(IoBuffer source) {
    synchronized (terminal) {
      long total = 0;
      while (source.remaining() > 0 && typed.room() > 0) {
        long moved = typed.writeFrom(source, CHUNK);
        if (moved < 0) {
          return total > 0 ? total : moved;
        }
        total += moved;
        passOn();
      }
      return total > 0 || source.remaining() == 0 ? total : -Errno.EAGAIN;
    }
  }

  private void passOn() {
    while (typed.size() > 0 && terminal.takesInput()) {
      int length = Math.min(typed.size(), CHUNK);
      typed.peek(chunk, 0, length);
      int taken = terminal.type(chunk, 0, length);
      typed.skip(taken);
      if (taken < length) {
        break;
      }
    }
  }

  @Override
  public int poll() {
    synchronized (terminal) {
      int ready = typed.size() < WRITABLE_BELOW ? Events.WRITABLE : 0;
      ready |= terminal.output().size() > 0 || packetStatus != 0 ? Events.READABLE : 0;
      ready |= packetStatus != 0 ? Events.PRI : 0;
      ready |= terminal.isAbandoned() ? Events.HUP : 0;
      return ready;
    }
  }

  @Override
  public boolean hasSpliceRead() {
    return true;
  }

  @Override
  public boolean hasSpliceWrite() {
    return true;
  }

  @Override
  public boolean hasIoSignals() {
    return true;
  }

  @Override
  public WaitQueue waitQueue() {
    return queue;
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    try {
      return switch (request) {
        case TIOCGPTN -> memory.storeInt(argument, terminal.number());
        case TIOCSPTLCK -> setLocked(memory.readInt(argument) != 0);
        case TIOCGPTLCK -> memory.storeInt(argument, terminal.isLocked() ? 1 : 0);
        case TIOCPKT -> setPackets(memory.readInt(argument) != 0);
        case TIOCGPKT -> memory.storeInt(argument, packetMode() ? 1 : 0);
        case FIONREAD -> memory.storeInt(argument, waitingOutput());
        case TIOCOUTQ -> memory.storeInt(argument, 0);
        case TIOCGPTPEER -> openPeer((int) argument);
        default -> requests.ioctl(memory, request, argument);
      };
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  private long setLocked(boolean locked) {
    terminal.setLocked(locked);
    return 0;
  }

  private long setPackets(boolean on) {
    synchronized (terminal) {
      packets = on;
      packetStatus = 0;
    }
    return 0;
  }

  private boolean packetMode() {
    synchronized (terminal) {
      return packets;
    }
  }

  private int waitingOutput() {
    synchronized (terminal) {
      return terminal.output().size();
    }
  }

  private long openPeer(int flags) throws ErrnoException {
    Task task = Task.current();
    if (task == null) {
      return -Errno.ENOTTY;
    }
    int kept = flags & (OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK);
    boolean noControl = (flags & OpenFlags.O_NOCTTY) != 0;
    OpenFileDescription peer =
        terminals.openSlave(terminal.number(), kept, noControl, terminals.nameless(terminal));
    FdTable files = task.files();
    return files.install(peer, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
  }
}
