package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.ErrorQueue;
import dev.skerry.sentry.socket.Received;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.socket.inet.PacketReceiver;
import dev.skerry.sentry.socket.inet.TcpSocket;
import dev.skerry.sentry.usermem.GuestBuffer;
import dev.skerry.sentry.usermem.UserMemory;
import dev.skerry.sentry.waiter.Events;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Data through sockets: send(2), recv(2) and their relatives. */
final class MessageSyscalls {
  private static final int MSGHDR_BYTES = 56;
  private static final int MMSGHDR_BYTES = 64;
  private static final int MMSG_LENGTH = 56;
  private static final int MOST_MESSAGES = 1024;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_CM_INQ = 36;

  private MessageSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.SENDTO, MessageSyscalls::sendto);
    table.supported(Syscall.RECVFROM, MessageSyscalls::recvfrom);
    table.supported(Syscall.SENDMSG, MessageSyscalls::sendmsg);
    table.supported(Syscall.RECVMSG, MessageSyscalls::recvmsg);
    table.supported(Syscall.SENDMMSG, MessageSyscalls::sendmmsg);
    table.supported(Syscall.RECVMMSG, MessageSyscalls::recvmmsg);
  }

  /** struct msghdr. */
  private record Header(
      long name, int nameLength, long vector, long count, long control, long controlLength) {
    static Header read(UserMemory memory, long address) throws ErrnoException {
      StructReader struct = new StructReader(memory.readBytes(address, MSGHDR_BYTES));
      long name = struct.longAt(0);
      int length = name == 0 ? 0 : struct.intAt(8);
      if (length < 0) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return new Header(
          name,
          Math.min(length, SocketAddresses.MOST_BYTES),
          struct.longAt(16),
          struct.longAt(24),
          struct.longAt(32),
          struct.longAt(40));
    }
  }

  static long sendto(Task task, SyscallArgs args) throws ErrnoException {
    return SocketSyscalls.withSocket(
        task,
        args.intAt(0),
        socket -> {
          SocketAddress to =
              args.addressAt(4) == 0 || socket.ignoresDestinations()
                  ? null
                  : destination(task, socket, args.addressAt(4), args.intAt(5));
          GuestBuffer buffer = GuestBuffer.of(task.memory(), args.addressAt(1), args.longAt(2));
          return new Send(task, socket, buffer, to, Ancillary.NONE, args.intAt(3)).start();
        });
  }

  /** Where a message goes; a datagram over IPv6 is choosier than connect(2). */
  private static SocketAddress destination(Task task, SocketFile socket, long address, int length)
      throws ErrnoException {
    try {
      return SocketAddresses.read(task.memory(), socket.domain(), address, length);
    } catch (ErrnoException e) {
      boolean strict =
          socket.domain() == SocketAddress.AF_INET6 && socket.type() == SocketFile.SOCK_DGRAM;
      throw e.errno() == Errno.EAFNOSUPPORT && strict ? ErrnoException.of(Errno.EINVAL) : e;
    }
  }

  static long sendmsg(Task task, SyscallArgs args) throws ErrnoException {
    return SocketSyscalls.withSocket(
        task, args.intAt(0), socket -> sendMessage(task, socket, args.addressAt(1), args.intAt(2)));
  }

  private static long sendMessage(Task task, SocketFile socket, long address, int flags)
      throws ErrnoException {
    Header header = Header.read(task.memory(), address);
    SocketAddress to =
        header.name() == 0 || header.nameLength() == 0 || socket.ignoresDestinations()
            ? null
            : destination(task, socket, header.name(), header.nameLength());
    if (header.count() < 0 || header.count() > GuestBuffer.MOST_PIECES) {
      return -Errno.EMSGSIZE;
    }
    GuestBuffer buffer = GuestBuffer.ofVector(task.memory(), header.vector(), header.count());
    Ancillary ancillary = Ancillary.NONE;
    if (socket.domain() == SocketAddress.AF_UNIX) {
      ancillary = ControlMessages.read(task, header.control(), header.controlLength());
    } else if (socket instanceof PacketReceiver) {
      ancillary = InetControl.read(task, socket.domain(), header.control(), header.controlLength());
    }
    return new Send(task, socket, buffer, to, ancillary, flags).start();
  }

  static long sendmmsg(Task task, SyscallArgs args) throws ErrnoException {
    long vector = args.addressAt(1);
    int count = (int) Math.min(Integer.toUnsignedLong(args.intAt(2)), MOST_MESSAGES);
    return SocketSyscalls.withSocket(
        task,
        args.intAt(0),
        socket -> {
          for (int i = 0; i < count; i++) {
            long address = vector + (long) i * MMSGHDR_BYTES;
            // Only the first may wait: what is sent by then is told.
            int flags = i == 0 ? args.intAt(3) : args.intAt(3) | SocketFile.MSG_DONTWAIT;
            long sent = sendMessage(task, socket, address, flags);
            if (sent < 0) {
              return i > 0 ? i : sent;
            }
            task.memory().writeInt(address + MMSG_LENGTH, (int) sent);
          }
          return count;
        });
  }

  /** A send that may wait. Owns the ancillary data until the socket takes them. */
  private static final class Send extends SocketTransfer {
    private final GuestBuffer buffer;
    private final @Nullable SocketAddress to;
    private final int flags;
    private Ancillary ancillary;
    private boolean owned = true;
    private long total;

    Send(
        Task task,
        SocketFile socket,
        GuestBuffer buffer,
        @Nullable SocketAddress to,
        Ancillary ancillary,
        int flags) {
      super(task, socket, socket.options().sendTimeout());
      this.buffer = buffer;
      this.to = to;
      this.flags = flags;
      this.ancillary = ancillary;
    }

    long start() {
      boolean mayWait = !socket.isNonBlocking() && (flags & SocketFile.MSG_DONTWAIT) == 0;
      long result = run(mayWait, Events.WRITABLE);
      if (result != Results.PARKED && owned) {
        ancillary.drop();
        owned = false;
      }
      return result;
    }

    @Override
    protected long attempt() {
      while (true) {
        long moved = socket.send(buffer, to, ancillary, flags);
        if (moved >= 0) {
          owned = false;
          ancillary = new Ancillary(List.of(), ancillary.sender());
          total += moved;
          if (socket.type() != SocketFile.SOCK_STREAM || buffer.remaining() == 0) {
            return total;
          }
          continue;
        }
        if (moved == -Errno.EAGAIN) {
          return Results.NOT_YET;
        }
        if (moved == -Errno.EPIPE && total == 0 && (flags & SocketFile.MSG_NOSIGNAL) == 0) {
          socket.signalBrokenPipe();
        }
        return soFar(moved);
      }
    }

    @Override
    long soFar(long error) {
      return total > 0 ? total : error;
    }

    @Override
    protected void finished() {
      if (owned) {
        ancillary.drop();
        owned = false;
      }
      super.finished();
    }
  }

  /** Where a receive call puts the rest: called once, with what was received. */
  @FunctionalInterface
  private interface Delivery {
    void deliver(Received received, long length) throws ErrnoException;
  }

  static long recvfrom(Task task, SyscallArgs args) throws ErrnoException {
    return SocketSyscalls.withSocket(
        task,
        args.intAt(0),
        socket -> {
          GuestBuffer buffer = GuestBuffer.of(task.memory(), args.addressAt(1), args.longAt(2));
          Delivery delivery =
              (received, length) -> {
                if (args.addressAt(4) != 0) {
                  SocketAddresses.write(
                      task, received.from(), args.addressAt(4), args.addressAt(5));
                }
                received.ancillary().drop();
              };
          return new Receive(task, socket, buffer, args.intAt(3), delivery).start();
        });
  }

  static long recvmsg(Task task, SyscallArgs args) throws ErrnoException {
    return SocketSyscalls.withSocket(
        task,
        args.intAt(0),
        socket -> receiveMessage(task, socket, args.addressAt(1), args.intAt(2)));
  }

  private static long receiveMessage(Task task, SocketFile socket, long address, int flags)
      throws ErrnoException {
    Header header = Header.read(task.memory(), address);
    if (header.count() < 0 || header.count() > GuestBuffer.MOST_PIECES) {
      return -Errno.EMSGSIZE;
    }
    GuestBuffer buffer = GuestBuffer.ofVector(task.memory(), header.vector(), header.count());
    return new Receive(
            task,
            socket,
            buffer,
            flags,
            (received, length) -> deliver(task, socket, header, address, flags, received))
        .start();
  }

  private static void deliver(
      Task task, SocketFile socket, Header header, long address, int flags, Received received)
      throws ErrnoException {
    UserMemory memory = task.memory();
    int messageFlags = received.flags();
    long room = header.control() == 0 ? 0 : Math.max(header.controlLength(), 0);
    ControlWriter control = new ControlWriter(memory, header.control(), room);
    ErrorQueue.Item error = received.error();
    if (error != null) {
      InetControl.writeError(control, socket.domain(), error.report());
    }
    Timestamps.write(control, task, socket, received.ancillary().packet());
    if (socket.domain() == SocketAddress.AF_UNIX) {
      boolean closeOnExec = (flags & SocketFile.MSG_CMSG_CLOEXEC) != 0;
      ControlMessages.write(task, socket, received.ancillary(), control, closeOnExec);
    } else if (socket instanceof PacketReceiver told && received.ancillary().packet() != null) {
      InetControl.write(control, told, received.ancillary().packet());
    } else if (socket instanceof TcpSocket tcp && tcp.toldInput() >= 0) {
      control.put(IPPROTO_TCP, TCP_CM_INQ, SocketOptions.ofInt(tcp.toldInput()));
    }
    messageFlags |= control.flags();
    if (header.name() != 0) {
      int length =
          SocketAddresses.write(memory, received.from(), header.name(), header.nameLength());
      memory.writeInt(address + 8, length);
    }
    memory.writeLong(address + 40, control.used());
    memory.writeInt(address + 48, messageFlags | flags & SocketFile.MSG_CMSG_CLOEXEC);
  }

  static long recvmmsg(Task task, SyscallArgs args) throws ErrnoException {
    int count = (int) Math.min(Integer.toUnsignedLong(args.intAt(2)), MOST_MESSAGES);
    long timeout = args.addressAt(4);
    long limit = timeout == 0 ? Times.FOREVER : Times.timespec(task.memory(), timeout);
    return count == 0
        ? 0
        : SocketSyscalls.withSocket(
            task,
            args.intAt(0),
            socket ->
                new ReceiveMany(task, socket, args.addressAt(1), count, args.intAt(3), limit)
                    .start());
  }

  /** Waits for one message after the other. The time is up only when one has come (recvmmsg(2)). */
  private static final class ReceiveMany extends SocketTransfer {
    private final long vector;
    private final int count;
    private final int flags;
    private final long deadline;
    private int done;

    ReceiveMany(Task task, SocketFile socket, long vector, int count, int flags, long timeout) {
      super(task, socket, socket.options().receiveTimeout());
      this.vector = vector;
      this.count = count;
      this.flags = flags;
      this.deadline = Times.deadline(timeout);
    }

    long start() {
      boolean mayWait = !socket.isNonBlocking() && (flags & SocketFile.MSG_DONTWAIT) == 0;
      return run(mayWait, Events.READABLE | Events.RDHUP);
    }

    @Override
    protected long attempt() {
      try {
        while (done < count) {
          long address = vector + (long) done * MMSGHDR_BYTES;
          int each = flags & ~SocketFile.MSG_WAITFORONE | SocketFile.MSG_DONTWAIT;
          long length = receiveMessage(task(), socket, address, each);
          if (length == -Errno.EAGAIN) {
            return done > 0 && (flags & SocketFile.MSG_WAITFORONE) != 0 ? done : Results.NOT_YET;
          }
          if (length < 0) {
            return soFar(length);
          }
          task().memory().writeInt(address + MMSG_LENGTH, (int) length);
          done++;
          if (System.nanoTime() >= deadline) {
            break;
          }
        }
        return done;
      } catch (ErrnoException e) {
        return soFar(e.result());
      }
    }

    @Override
    long soFar(long error) {
      return done > 0 ? done : error;
    }
  }

  /** A receive that may wait. */
  private static final class Receive extends SocketTransfer {
    private final GuestBuffer buffer;
    private final int flags;
    private final Delivery delivery;
    private Received received = new Received();
    private long total;

    Receive(Task task, SocketFile socket, GuestBuffer buffer, int flags, Delivery delivery) {
      super(task, socket, socket.options().receiveTimeout());
      this.buffer = buffer;
      this.flags = flags;
      this.delivery = delivery;
    }

    long start() {
      if ((flags & SocketFile.MSG_ERRQUEUE) != 0) {
        long length = socket.receiveError(buffer, received);
        return length < 0 ? length : deliver(length);
      }
      boolean mayWait = !socket.isNonBlocking() && (flags & SocketFile.MSG_DONTWAIT) == 0;
      return run(mayWait, Events.READABLE | Events.RDHUP);
    }

    @Override
    protected long attempt() {
      boolean all =
          (flags & SocketFile.MSG_WAITALL) != 0
              && (flags & SocketFile.MSG_PEEK) == 0
              && socket.type() == SocketFile.SOCK_STREAM;
      while (true) {
        if (total > 0 && buffer.remaining() == 0 && socket.type() == SocketFile.SOCK_STREAM) {
          return deliver(total);
        }
        Received part = new Received();
        long moved = socket.receive(buffer, flags, part);
        if (moved == -Errno.EAGAIN) {
          return Results.NOT_YET;
        }
        if (moved < 0) {
          return total > 0 ? deliver(total) : moved;
        }
        received = part;
        total += moved;
        if (!all || moved == 0 || part.stops() || !part.ancillary().isEmpty()) {
          return deliver(reported());
        }
      }
    }

    /** With MSG_TRUNC a message's own length counts. */
    private long reported() {
      boolean full = (flags & SocketFile.MSG_TRUNC) != 0 && received.fullLength() >= 0;
      return full ? received.fullLength() : total;
    }

    private long deliver(long length) {
      try {
        delivery.deliver(received, length);
      } catch (ErrnoException e) {
        return e.result();
      }
      return length;
    }

    @Override
    long soFar(long error) {
      return total > 0 ? deliver(total) : error;
    }
  }
}
