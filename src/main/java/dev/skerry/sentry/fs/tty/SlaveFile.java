package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.JobControl;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** A terminal as programs have it open. */
final class SlaveFile extends OpenFileDescription {
  private static final int FIONREAD = 0x541b;
  private static final int TIOCOUTQ = 0x5411;

  private final Terminal terminal;
  private final Place place;
  private final TerminalRequests requests;

  /** The terminal was told ({@link Terminal#opened}). */
  SlaveFile(Terminal terminal, int flags, Place place) {
    super(flags);
    this.terminal = terminal;
    this.place = place;
    this.requests = new TerminalRequests(terminal, false);
  }

  @Override
  protected void release() {
    terminal.closed();
  }

  @Override
  public @Nullable VfsPath path() {
    return place.path();
  }

  @Override
  public OpenFileDescription reopen(int flags) throws ErrnoException {
    return Terminals.open(terminal, flags & ~OpenFlags.O_NOCTTY, true, place);
  }

  @Override
  public String displayName() {
    return place.name();
  }

  @Override
  public Stat stat() throws ErrnoException {
    return place.stat();
  }

  private long check(int signal) {
    Task task = Task.current();
    return task == null ? 0 : JobControl.checkTerminal(task, terminal, signal);
  }

  @Override
  public long read(IoBuffer target) {
    long result = check(Signal.SIGTTIN);
    return result != 0 ? result : terminal.read(target, isNonBlocking());
  }

  @Override
  public long write(IoBuffer source) {
    if (terminal.settings().local(Termios.TOSTOP)) {
      long result = check(Signal.SIGTTOU);
      if (result != 0) {
        return result;
      }
    }
    return terminal.write(source);
  }

  @Override
  public int poll() {
    return terminal.poll();
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
    return !terminal.isHungUp();
  }

  @Override
  public WaitQueue waitQueue() {
    return terminal.queue();
  }

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    if (terminal.isHungUp()) {
      return request == TerminalRequests.TIOCSPGRP ? -Errno.ENOTTY : -Errno.EIO;
    }
    return switch (request) {
      case FIONREAD -> memory.storeInt(argument, terminal.available());
      case TIOCOUTQ -> memory.storeInt(argument, 0);
      default -> requests.ioctl(memory, request, argument);
    };
  }
}
