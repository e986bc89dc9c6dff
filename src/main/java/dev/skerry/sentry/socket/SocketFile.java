package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Signal;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.slab.Slab;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.vfs.AnonymousInode;
import dev.skerry.sentry.vfs.AnonymousInodes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Stat;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A socket (socket(2)). The calls never block: they return -EAGAIN when they would, and the caller
 * waits on {@link #waitQueue}. Linux: struct socket with its struct proto_ops.
 */
public abstract class SocketFile extends OpenFileDescription {
  public static final int SOCK_STREAM = 1;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_RAW = 3;
  public static final int SOCK_SEQPACKET = 5;

  public static final int MSG_OOB = 1;
  public static final int MSG_PEEK = 2;
  public static final int MSG_CTRUNC = 8;
  public static final int MSG_TRUNC = 0x20;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_EOR = 0x80;
  public static final int MSG_WAITALL = 0x100;
  public static final int MSG_ERRQUEUE = 0x2000;
  public static final int MSG_NOSIGNAL = 0x4000;
  public static final int MSG_MORE = 0x8000;
  private static final int MSG_ZEROCOPY = 0x400_0000;
  public static final int MSG_WAITFORONE = 0x10000;
  public static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  public static final int SHUT_RD = 0;
  public static final int SHUT_WR = 1;
  public static final int SHUT_RDWR = 2;

  private static final int FIONREAD = 0x541b;
  private static final int SIOCOUTQ = 0x5411;
  private static final int SIOCATMARK = 0x8905;

  /**
   * Who makes a socket.
   *
   * @param restricted the domain that the maker is in (landlock(7)), or null
   */
  public record Maker(Ancillary.Sender sender, @Nullable Domain restricted) {
    /**
     * @param task whose call it is
     */
    public static Maker of(Task task) {
      return new Maker(senderOf(task), task.credentials().domain());
    }
  }

  private final int domain;
  private final int type;
  private final int protocol;
  private final Maker maker;
  private final AnonymousInode inode;
  private final SocketOptions options;
  private final WaitQueue queue = new WaitQueue();
  private int error;
  private volatile long stamp = -1;
  private final ErrorQueue errors = new ErrorQueue();

  protected SocketFile(int domain, int type, int protocol, Maker maker) {
    super(OpenFlags.O_RDWR, Slab.SOCKET);
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.maker = maker;
    this.options = new SocketOptions(domain, type);
    this.inode =
        new AnonymousInode(
            AnonymousInodes.SOCKET_DEVICE, 0140777, maker.sender().uid(), maker.sender().gid(), 0);
  }

  /** What SCM_CREDENTIALS and SO_PEERCRED tell of a task. */
  public static Ancillary.Sender senderOf(Task task) {
    return new Ancillary.Sender(
        task.group().tgid(), task.credentials().euid(), task.credentials().egid());
  }

  public final int domain() {
    return domain;
  }

  public final int type() {
    return type;
  }

  public final int protocol() {
    return protocol;
  }

  public final Maker maker() {
    return maker;
  }

  public final SocketOptions options() {
    return options;
  }

  /** The inode number, as in /proc/net. */
  public final long number() {
    return inode.number();
  }

  @Override
  public boolean hasIoSignals() {
    return true;
  }

  @Override
  public final boolean hasSpliceRead() {
    return true;
  }

  @Override
  public final boolean hasSpliceWrite() {
    return true;
  }

  @Override
  public final WaitQueue waitQueue() {
    return queue;
  }

  @Override
  public final String displayName() {
    return "socket:[" + number() + "]";
  }

  @Override
  public final Stat stat() {
    return inode.stat();
  }

  @Override
  protected final AnonymousInode anonymousInode() {
    return inode;
  }

  /**
   * When the last message came, in nanoseconds since the epoch; 0 unknown, less before the first.
   */
  public final long stamp() {
    return stamp;
  }

  public final void setStamp(long time) {
    stamp = time;
  }

  /** Notes an error to be reported once (SO_ERROR), a positive error number. */
  public final synchronized void setError(int errno) {
    error = errno;
  }

  /**
   * The pending error as a negative number, which it is no longer afterwards; 0 if there is none.
   */
  public final synchronized long takeError() {
    int pending = error;
    error = 0;
    return -pending;
  }

  protected final synchronized boolean hasError() {
    return error != 0 || !errors.isEmpty();
  }

  /** A packet or a part of a stream was taken: tells who asked whether its memory is free again. */
  protected final void sent(int flags) {
    if ((flags & MSG_ZEROCOPY) != 0 && options.isSet(SocketOptions.SO_ZEROCOPY)) {
      errors.addNotice();
      queue.wake(Events.ERR);
    }
  }

  /** What MSG_ERRQUEUE tells. */
  protected final ErrorQueue errors() {
    return errors;
  }

  /**
   * recvmsg(2) with MSG_ERRQUEUE.
   *
   * @return the bytes of the packet that were taken, or -EAGAIN
   */
  public final long receiveError(IoBuffer target, Received received) {
    ErrorQueue.Item item = errors.poll();
    if (item == null) {
      return -Errno.EAGAIN;
    }
    if (item.isError()) {
      setError(errors.nextError());
    }
    byte[] data = item.data();
    int length = (int) Math.min(data.length, target.remaining());
    if (length > 0 && target.put(data, 0, length) != length) {
      return -Errno.EFAULT;
    }
    received.setError(item, MSG_ERRQUEUE | (length < data.length ? MSG_TRUNC : 0));
    return length;
  }

  /** bind(2). */
  public long bind(SocketAddress address) {
    return -Errno.EOPNOTSUPP;
  }

  /**
   * connect(2).
   *
   * @return zero; -EAGAIN while the other side's queue is full; -EINPROGRESS while the outcome is
   *     open: the socket becomes writable then
   */
  public long connect(SocketAddress address) {
    return -Errno.EOPNOTSUPP;
  }

  public long listen(int backlog) {
    return -Errno.EOPNOTSUPP;
  }

  /** accept(2): the next connection, or null while there is none. */
  public @Nullable SocketFile accept(Maker by) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  public abstract SocketAddress localAddress();

  /** ENOTCONN without one. */
  public abstract SocketAddress peerAddress() throws ErrnoException;

  /** shutdown(2). */
  public abstract long shutdown(int how);

  /**
   * sendmsg(2), without waiting and without the signal.
   *
   * @param to null for the connected peer
   * @param ancillary taken over if the result is not negative
   * @return the bytes taken, or -EPIPE, -EAGAIN, …
   */
  public abstract long send(
      IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags);

  /** recvmsg(2), without waiting. Zero is the end of the stream, or an empty message. */
  public abstract long receive(IoBuffer target, int flags, Received received);

  /**
   * The poll events that follow from shutdown(2) on a datagram socket, and from what is there to
   * read.
   */
  protected static int datagramEvents(boolean readable, boolean readShut, boolean writeShut) {
    int ready = readable || readShut ? Events.READABLE : 0;
    if (readShut) {
      ready |= Events.RDHUP;
    }
    return readShut && writeShut ? ready | Events.HUP : ready;
  }

  /** Whether sendto(2) does not even look at the address. */
  public boolean ignoresDestinations() {
    return type == SOCK_SEQPACKET;
  }

  /** Bytes that FIONREAD tells. */
  protected abstract int available();

  /** Only a stream can be asked if its next byte is urgent. */
  private long tellMark(UserMemory memory, long argument) {
    if (type == SOCK_STREAM) {
      return memory.storeInt(argument, isAtMark() ? 1 : 0);
    }
    return domain == SocketAddress.AF_UNIX
        ? -Errno.EOPNOTSUPP
        : InterfaceRequests.refuse(memory, argument);
  }

  /** Whether the next byte is urgent. */
  protected boolean isAtMark() {
    return false;
  }

  /** Bytes that SIOCOUTQ tells. */
  protected int unsent() {
    return 0;
  }

  @Override
  public final long read(IoBuffer target) {
    if (target.remaining() == 0 && type == SOCK_STREAM) {
      return 0;
    }
    Received received = new Received();
    long result = receive(target, 0, received);
    received.ancillary().drop();
    return result;
  }

  @Override
  public final long write(IoBuffer source) {
    long result = send(source, null, Ancillary.NONE, 0);
    if (result == -Errno.EPIPE) {
      signalBrokenPipe();
    }
    return result;
  }

  /** SIGPIPE to the task whose call it is. */
  public final void signalBrokenPipe() {
    Task task = Task.current();
    if (task != null && type != SOCK_DGRAM) {
      task.signalSelf(Signal.SIGPIPE);
    }
  }

  @Override
  public final long waitLimit(boolean write) {
    return write ? options.sendTimeout() : options.receiveTimeout();
  }

  /**
   * getsockopt(2).
   *
   * @param room how many bytes the caller has for the value
   */
  public final byte[] getOption(int level, int option, int room) throws ErrnoException {
    return level == SocketOptions.SOL_SOCKET
        ? getSocketOption(option, room)
        : getLevelOption(level, option, room);
  }

  /** A family's own levels. */
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  /** Level SOL_SOCKET. */
  protected byte[] getSocketOption(int option, int room) throws ErrnoException {
    return switch (option) {
      case SocketOptions.SO_TYPE -> SocketOptions.ofInt(type);
      case SocketOptions.SO_DOMAIN -> SocketOptions.ofInt(domain);
      case SocketOptions.SO_PROTOCOL -> SocketOptions.ofInt(protocol);
      case SocketOptions.SO_ERROR -> SocketOptions.ofInt((int) -takeError());
      case SocketOptions.SO_ACCEPTCONN -> SocketOptions.ofInt(isListening() ? 1 : 0);
      case SocketOptions.SO_PEERCRED -> ofSender(null);
      case SocketOptions.SO_PEERGROUPS, SocketOptions.SO_PEERPIDFD ->
          throw ErrnoException.of(Errno.ENODATA);
      case SocketOptions.SO_COOKIE -> ofLong(room, number());
      default -> options.get(option, room);
    };
  }

  /** struct ucred; without a peer nobody's (unix(7)). */
  protected static byte[] ofSender(Ancillary.@Nullable Sender sender) {
    Task reader = Task.current();
    UserNamespace ids =
        reader == null ? UserNamespace.INITIAL : reader.credentials().userNamespace();
    int pid = sender == null ? 0 : sender.pid();
    return ByteBuffer.allocate(3 * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(reader == null ? pid : reader.pidNamespace().number(pid))
        .putInt(sender == null ? -1 : ids.shownUid(sender.uid()))
        .putInt(sender == null ? -1 : ids.shownGid(sender.gid()))
        .array();
  }

  private static byte[] ofLong(int room, long value) throws ErrnoException {
    if (room < Long.BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  protected boolean isListening() {
    return false;
  }

  /** setsockopt(2). */
  public final void setOption(int level, int option, byte[] value) throws ErrnoException {
    if (level != SocketOptions.SOL_SOCKET) {
      setLevelOption(level, option, value);
      return;
    }
    if (option == SocketOptions.SO_ATTACH_FILTER) {
      attachFilter(value);
      return;
    }
    options.set(option, value);
    boolean buffers =
        switch (option) {
          case SocketOptions.SO_SNDBUF,
              SocketOptions.SO_RCVBUF,
              SocketOptions.SO_SNDBUFFORCE,
              SocketOptions.SO_RCVBUFFORCE ->
              true;
          default -> false;
        };
    if (buffers) {
      buffersChanged();
    }
  }

  /**
   * @param program the instructions of a struct sock_fprog
   */
  private void attachFilter(byte[] program) throws ErrnoException {
    options.checkFilterChange();
    SocketFilter filter = SocketFilter.of(program);
    if (filter == null || !hasFilters()) {
      throw ErrnoException.of(filter == null ? Errno.EINVAL : Errno.ENOPROTOOPT);
    }
    options.setFilter(filter);
  }

  /** Whether a filter decides on what is received. */
  protected boolean hasFilters() {
    return false;
  }

  /** A family's own levels. */
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  /** SO_SNDBUF or SO_RCVBUF was set. */
  protected void buffersChanged() {}

  @Override
  public long ioctl(UserMemory memory, int request, long argument) {
    return switch (request) {
      case FIONREAD -> isListening() ? -Errno.EINVAL : memory.storeInt(argument, available());
      case SIOCOUTQ -> memory.storeInt(argument, unsent());
      case SIOCATMARK -> tellMark(memory, argument);
      default ->
          InterfaceRequests.contains(request)
              ? InterfaceRequests.ioctl(memory, request, argument)
              : -Errno.ENOTTY;
    };
  }
}
