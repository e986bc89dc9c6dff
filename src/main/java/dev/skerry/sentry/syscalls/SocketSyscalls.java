package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.kernel.Results;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.socket.ConnectionSocket;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketFilter;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.socket.inet.IcmpSocket;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.socket.inet.RawSocket;
import dev.skerry.sentry.socket.inet.TcpSocket;
import dev.skerry.sentry.socket.inet.UdpSocket;
import dev.skerry.sentry.socket.netlink.RouteSocket;
import dev.skerry.sentry.socket.unix.UnixDatagramSocket;
import dev.skerry.sentry.socket.unix.UnixNames;
import dev.skerry.sentry.socket.unix.UnixSocket;
import dev.skerry.sentry.socket.unix.UnixStreamSocket;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.vfs.Access;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import dev.skerry.sentry.waiter.Events;
import dev.skerry.sentry.waiter.WaitQueue;
import org.jspecify.annotations.Nullable;

/** Sockets: making, naming, connecting, options. Data are {@link MessageSyscalls}' affair. */
final class SocketSyscalls {
  private static final int TYPE_MASK = 0xf;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int MOST_OPTION = 4096;

  /** One less than IPPROTO_MAX. */
  private static final int MOST_PROTOCOL = 262;

  private SocketSyscalls() {}

  static void register(SyscallTable table) {
    table.partial(
        Syscall.SOCKET,
        SocketSyscalls::socket,
        "AF_UNIX, AF_INET and AF_INET6 streams, datagrams and raw packets over loopback, AF_NETLINK"
            + " ROUTE");
    table.supported(Syscall.SOCKETPAIR, SocketSyscalls::socketpair);
    table.supported(Syscall.BIND, SocketSyscalls::bind);
    table.supported(Syscall.CONNECT, SocketSyscalls::connect);
    table.supported(Syscall.LISTEN, SocketSyscalls::listen);
    table.supported(Syscall.ACCEPT, SocketSyscalls::accept);
    table.supported(Syscall.ACCEPT4, SocketSyscalls::accept4);
    table.supported(Syscall.GETSOCKNAME, SocketSyscalls::getsockname);
    table.supported(Syscall.GETPEERNAME, SocketSyscalls::getpeername);
    table.partial(
        Syscall.SETSOCKOPT,
        SocketSyscalls::setsockopt,
        "what tunes a real network has no effect; filters on datagrams over IP only");
    table.partial(Syscall.GETSOCKOPT, SocketSyscalls::getsockopt, "TCP_INFO tells the state only");
    table.supported(Syscall.SHUTDOWN, SocketSyscalls::shutdown);
    MessageSyscalls.register(table);
  }

  /** What a call does with its socket, whose reference is the caller's. */
  @FunctionalInterface
  interface Action {
    long apply(SocketFile socket) throws ErrnoException;
  }

  static long withSocket(Task task, int fd, Action action) throws ErrnoException {
    OpenFileDescription file = task.files().acquire(fd);
    if (file == null) {
      return -Errno.EBADF;
    }
    try {
      if ((file.flags() & OpenFlags.O_PATH) != 0) {
        return -Errno.EBADF;
      }
      return file instanceof SocketFile socket ? action.apply(socket) : -Errno.ENOTSOCK;
    } finally {
      file.drop();
    }
  }

  private static NetworkNamespace network(Task task) {
    return (NetworkNamespace) task.namespaces().get(NamespaceKind.NET);
  }

  private static Origin origin(Task task) {
    return task.fs().origin(task.credentials());
  }

  /** Finds the inode that the task whose call is being served names. */
  private static Inode find(String path) throws ErrnoException {
    Task task = Task.current();
    if (task == null) {
      throw ErrnoException.of(Errno.ECONNREFUSED);
    }
    VfsPath place = task.kernel().vfs().walk(origin(task), null, path, VirtualFileSystem.FOLLOW);
    Access.check(task.credentials(), place.inode(), Access.WRITE);
    return place.inode();
  }

  static long socket(Task task, SyscallArgs args) {
    int flags = args.intAt(1) & ~TYPE_MASK;
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      return -Errno.EINVAL;
    }
    int type = args.intAt(1) & TYPE_MASK;
    long wrong = check(args.intAt(0), type, args.intAt(2), task);
    if (wrong != 0) {
      return wrong;
    }
    return install(task, make(task, args.intAt(0), type, args.intAt(2)), flags);
  }

  /** Zero, or why there is no such socket. */
  private static long check(int domain, int type, int protocol, Task task) {
    if (type > SocketFile.SOCK_SEQPACKET + 5) {
      return -Errno.EINVAL;
    }
    boolean raw = type == SocketFile.SOCK_RAW;
    switch (domain) {
      case SocketAddress.AF_UNIX -> {
        if (protocol != 0 && protocol != SocketAddress.AF_UNIX) {
          return -Errno.EPROTONOSUPPORT;
        }
        boolean known =
            type == SocketFile.SOCK_STREAM
                || type == SocketFile.SOCK_DGRAM
                || raw
                || type == SocketFile.SOCK_SEQPACKET;
        return known ? 0 : -Errno.ESOCKTNOSUPPORT;
      }
      case SocketAddress.AF_INET, SocketAddress.AF_INET6 -> {
        if (protocol < 0 || protocol > MOST_PROTOCOL) {
          return -Errno.EINVAL;
        }
        if (type == SocketFile.SOCK_STREAM) {
          return protocol == 0 || protocol == IPPROTO_TCP ? 0 : -Errno.EPROTONOSUPPORT;
        }
        if (type == SocketFile.SOCK_DGRAM) {
          if (protocol == IcmpSocket.protocolOf(domain)) {
            return checkPing(task);
          }
          return protocol == 0 || protocol == IPPROTO_UDP || protocol == UdpSocket.IPPROTO_UDPLITE
              ? 0
              : -Errno.EPROTONOSUPPORT;
        }
        if (raw) {
          return protocol == 0
              ? -Errno.EPROTONOSUPPORT
              : task.credentials().hasCapability(network(task).owner(), Capability.NET_RAW)
                  ? 0
                  : -Errno.EPERM;
        }
        return -Errno.ESOCKTNOSUPPORT;
      }
      case SocketAddress.AF_NETLINK -> {
        if (!raw && type != SocketFile.SOCK_DGRAM) {
          return -Errno.ESOCKTNOSUPPORT;
        }
        return protocol == RouteSocket.NETLINK_ROUTE ? 0 : -Errno.EPROTONOSUPPORT;
      }
      default -> {
        return -Errno.EAFNOSUPPORT;
      }
    }
  }

  private static long checkPing(Task task) {
    Credentials who = task.credentials();
    return network(task).mayPing(who.egid(), who.groups()) ? 0 : -Errno.EACCES;
  }

  private static SocketFile make(Task task, int domain, int type, int protocol) {
    SocketFile.Maker maker = SocketFile.Maker.of(task);
    NetworkNamespace network = network(task);
    UnixNames names = network.unixNames();
    return switch (domain) {
      case SocketAddress.AF_UNIX ->
          type == SocketFile.SOCK_STREAM || type == SocketFile.SOCK_SEQPACKET
              ? new UnixStreamSocket(type, names, SocketSyscalls::find, maker)
              : new UnixDatagramSocket(names, SocketSyscalls::find, maker);
      case SocketAddress.AF_NETLINK -> new RouteSocket(type, protocol, network, maker);
      default -> {
        if (type == SocketFile.SOCK_STREAM) {
          yield new TcpSocket(domain, network, maker);
        }
        if (protocol == IcmpSocket.protocolOf(domain)) {
          yield new IcmpSocket(domain, type, network, maker);
        }
        yield type == SocketFile.SOCK_RAW
            ? new RawSocket(domain, protocol, network, maker)
            : new UdpSocket(domain, protocol == UdpSocket.IPPROTO_UDPLITE, network, maker);
      }
    };
  }

  /**
   * Gives a new socket a descriptor; SOCK_CLOEXEC and SOCK_NONBLOCK are O_CLOEXEC and O_NONBLOCK.
   */
  private static long install(Task task, SocketFile socket, int flags) {
    socket.setFlags(socket.flags() | flags & OpenFlags.O_NONBLOCK);
    return task.files().install(socket, (flags & OpenFlags.O_CLOEXEC) != 0, 0);
  }

  static long socketpair(Task task, SyscallArgs args) {
    int flags = args.intAt(1) & ~TYPE_MASK;
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      return -Errno.EINVAL;
    }
    int domain = args.intAt(0);
    int type = args.intAt(1) & TYPE_MASK;
    long wrong = check(domain, type, args.intAt(2), task);
    if (wrong != 0) {
      return wrong;
    }
    if (domain != SocketAddress.AF_UNIX) {
      return -Errno.EOPNOTSUPP;
    }
    SocketFile.Maker maker = SocketFile.Maker.of(task);
    UnixNames names = network(task).unixNames();
    boolean connection = type == SocketFile.SOCK_STREAM || type == SocketFile.SOCK_SEQPACKET;
    SocketFile[] pair =
        connection
            ? UnixStreamSocket.pair(type, names, SocketSyscalls::find, maker)
            : UnixDatagramSocket.pair(names, SocketSyscalls::find, maker);
    for (SocketFile socket : pair) {
      socket.setFlags(socket.flags() | flags & OpenFlags.O_NONBLOCK);
    }
    boolean closeOnExec = (flags & OpenFlags.O_CLOEXEC) != 0;
    return PipeSyscalls.installPair(task, pair[0], pair[1], closeOnExec, args.addressAt(3));
  }

  static long bind(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          byte[] bytes = SocketAddresses.copyIn(task.memory(), args.addressAt(1), args.intAt(2));
          PortRights.check(task, socket, bytes, AccessRights.BIND_TCP);
          SocketAddress address = SocketAddresses.parseLocal(bytes, socket.domain());
          if (address instanceof SocketAddress.Unix unix
              && !unix.isUnnamed()
              && !unix.isAbstract()) {
            return socket instanceof UnixSocket named
                ? bindToPath(task, named, unix)
                : -Errno.EINVAL;
          }
          if (address instanceof SocketAddress.Inet inet
              && inet.port() > 0
              && inet.port() < network(task).sysctl().get(Sysctl.IP_UNPRIVILEGED_PORT_START)
              && !task.credentials()
                  .hasCapability(network(task).owner(), Capability.NET_BIND_SERVICE)) {
            return -Errno.EACCES;
          }
          return socket.bind(address);
        });
  }

  private static long bindToPath(Task task, UnixSocket socket, SocketAddress.Unix path)
      throws ErrnoException {
    VirtualFileSystem vfs = task.kernel().vfs();
    try {
      if (!socket.name().isUnnamed()) {
        vfs.walk(origin(task), null, path.name(), 0);
        return -Errno.EADDRINUSE;
      }
      Inode file =
          vfs.mknod(origin(task), null, path.name(), ((SocketFile) socket).stat().mode(), 0);
      socket.bindTo(path, file);
      return 0;
    } catch (ErrnoException e) {
      if (!socket.name().isUnnamed()) {
        return -Errno.EINVAL;
      }
      return e.errno() == Errno.EEXIST ? -Errno.EADDRINUSE : e.result();
    }
  }

  static long connect(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          byte[] bytes = SocketAddresses.copyIn(task.memory(), args.addressAt(1), args.intAt(2));
          PortRights.check(task, socket, bytes, AccessRights.CONNECT_TCP);
          SocketAddress address = SocketAddresses.parse(bytes, socket.domain());
          return new Connect(task, socket, address).start();
        });
  }

  /** A connect(2) that may wait: for room in the listener's queue. */
  private static final class Connect extends SocketTransfer {
    private final SocketAddress address;
    private boolean begun;

    Connect(Task task, SocketFile socket, SocketAddress address) {
      super(task, socket, socket.options().sendTimeout());
      this.address = address;
    }

    long start() {
      boolean mayWait = !socket.isNonBlocking();
      return run(mayWait, Events.WRITABLE);
    }

    @Override
    protected long attempt() {
      long result = begun ? outcome() : socket.connect(address);
      begun |= result == -Errno.EINPROGRESS;
      return begun && result == -Errno.EINPROGRESS && !socket.isNonBlocking()
          ? Results.NOT_YET
          : result;
    }

    private long outcome() {
      long error = socket.takeError();
      if (error != 0) {
        return error;
      }
      return (socket.poll() & Events.OUT) != 0 ? 0 : -Errno.EINPROGRESS;
    }

    @Override
    @Nullable WaitQueue otherQueue() {
      return socket instanceof ConnectionSocket connecting ? connecting.connectQueue() : null;
    }

    @Override
    protected long timedOut() {
      return begun ? -Errno.EINPROGRESS : -Errno.EAGAIN;
    }
  }

  static long listen(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(task, args.intAt(0), socket -> socket.listen(args.intAt(1)));
  }

  static long accept(Task task, SyscallArgs args) throws ErrnoException {
    return accept(task, args, 0);
  }

  static long accept4(Task task, SyscallArgs args) throws ErrnoException {
    int flags = args.intAt(3);
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
      return -Errno.EINVAL;
    }
    return accept(task, args, flags);
  }

  private static long accept(Task task, SyscallArgs args, int flags) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket ->
            // A connection stays in line when there is no descriptor for it (net/socket.c).
            !task.files().hasRoom()
                ? -Errno.EMFILE
                : new Accept(task, socket, args.addressAt(1), args.addressAt(2), flags)
                    .run(!socket.isNonBlocking(), Events.READABLE));
  }

  /** An accept(2) that may wait. */
  private static final class Accept extends SocketTransfer {
    private final long address;
    private final long lengthAddress;
    private final int flags;

    Accept(Task task, SocketFile socket, long address, long lengthAddress, int flags) {
      super(task, socket, socket.options().receiveTimeout());
      this.address = address;
      this.lengthAddress = lengthAddress;
      this.flags = flags;
    }

    @Override
    protected long attempt() {
      try {
        SocketFile accepted = socket.accept(SocketFile.Maker.of(task()));
        return accepted == null ? Results.NOT_YET : deliver(accepted);
      } catch (ErrnoException e) {
        return e.result();
      }
    }

    private long deliver(SocketFile accepted) {
      if (address != 0) {
        try {
          SocketAddresses.write(task(), peerOf(accepted), address, lengthAddress);
        } catch (ErrnoException e) {
          accepted.drop();
          return e.result();
        }
      }
      return install(task(), accepted, flags);
    }

    private static @Nullable SocketAddress peerOf(SocketFile accepted) {
      try {
        return accepted.peerAddress();
      } catch (ErrnoException e) {
        // The peer is gone already; the connection's data are there to be read all the same.
        return null;
      }
    }
  }

  static long getsockname(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          SocketAddresses.write(task, socket.localAddress(), args.addressAt(1), args.addressAt(2));
          return 0;
        });
  }

  static long getpeername(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          SocketAddresses.write(task, socket.peerAddress(), args.addressAt(1), args.addressAt(2));
          return 0;
        });
  }

  static long setsockopt(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          int length = args.intAt(4);
          if (length < 0) {
            return -Errno.EINVAL;
          }
          byte[] value = task.memory().readBytes(args.addressAt(3), Math.min(length, MOST_OPTION));
          boolean filter =
              args.intAt(1) == SocketOptions.SOL_SOCKET
                  && args.intAt(2) == SocketOptions.SO_ATTACH_FILTER;
          socket.setOption(args.intAt(1), args.intAt(2), filter ? program(task, value) : value);
          return 0;
        });
  }

  /** The instructions that a struct sock_fprog leads to. */
  private static byte[] program(Task task, byte[] value) throws ErrnoException {
    if (value.length != 2 * Long.BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    StructReader struct = new StructReader(value);
    int count = struct.intAt(0) & 0xffff;
    long address = struct.longAt(Long.BYTES);
    if (count == 0 || count > SocketFilter.MOST_INSTRUCTIONS || address == 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return task.memory().readBytes(address, count * SocketFilter.INSTRUCTION);
  }

  static long getsockopt(Task task, SyscallArgs args) throws ErrnoException {
    return withSocket(
        task,
        args.intAt(0),
        socket -> {
          int room = task.memory().readInt(args.addressAt(4));
          if (room < 0) {
            return -Errno.EINVAL;
          }
          boolean namesPeer =
              args.intAt(1) == SocketOptions.SOL_SOCKET
                  && args.intAt(2) == SocketOptions.SO_PEERNAME;
          byte[] value =
              namesPeer
                  ? peerName(socket, room)
                  : socket.getOption(args.intAt(1), args.intAt(2), room);
          int part = Math.min(room, value.length);
          if (part > 0) {
            ErrnoException.check(task.memory().copyOut(args.addressAt(3), value, 0, part));
          }
          task.memory().writeInt(args.addressAt(4), part);
          return 0;
        });
  }

  /** SO_PEERNAME, which nobody may ask for more of than there is. */
  private static byte[] peerName(SocketFile socket, int room) throws ErrnoException {
    byte[] name = SocketAddresses.encode(socket.peerAddress());
    if (name.length < room) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return name;
  }

  static long shutdown(Task task, SyscallArgs args) throws ErrnoException {
    int how = args.intAt(1);
    return withSocket(
        task,
        args.intAt(0),
        socket ->
            how < SocketFile.SHUT_RD || how > SocketFile.SHUT_RDWR
                ? -Errno.EINVAL
                : socket.shutdown(how));
  }
}
