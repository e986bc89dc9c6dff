package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.Wait;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** A socket call that may wait, for as long as the socket's own time-out says. */
abstract class SocketTransfer extends Wait {
  final SocketFile socket;
  private final long timeout;

  /**
   * @param timeout in nanoseconds, 0 for none; less if there is no time to wait at all
   */
  SocketTransfer(Task task, SocketFile socket, long timeout) {
    super(task);
    this.socket = socket;
    this.timeout = timeout;
  }

  /** Where else than on the socket the call is told to go on; null for nowhere. */
  @Nullable WaitQueue otherQueue() {
    return null;
  }

  /**
   * Attempts once or, if it may wait, until something comes of it. Takes a reference of its own.
   */
  final long run(boolean asked, int events) {
    boolean mayWait = asked && timeout >= 0;
    long result = mayWait ? attempt() : finalAttempt();
    if (result != Results.NOT_YET || !mayWait) {
      return result;
    }
    socket.acquire();
    on(socket.waitQueue(), events);
    on(otherQueue(), events);
    if (timeout > 0) {
      until(Times.deadline(timeout));
    }
    return park();
  }

  private long finalAttempt() {
    long result = attempt();
    return result == Results.NOT_YET ? soFar(-Errno.EAGAIN) : result;
  }

  /** What was moved already, or the error if nothing was. */
  long soFar(long error) {
    return error;
  }

  @Override
  protected long timedOut() {
    return soFar(-Errno.EAGAIN);
  }

  @Override
  protected long interrupted() {
    return soFar(timeout > 0 ? -Errno.EINTR : Results.ERESTARTSYS);
  }

  @Override
  protected void finished() {
    socket.drop();
  }
}
