package dev.skerry.sentry.socket.netlink;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.Loopback;
import dev.skerry.sentry.socket.MessageQueue;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.Received;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.socket.inet.NetworkNamespace;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.usermem.IoBuffer;
import dev.skerry.sentry.waiter.Events;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A NETLINK_ROUTE socket (rtnetlink(7)). Links, addresses, routes and rules can be asked for;
 * nothing can be changed (EPERM) but whether the loopback interface is up; multicast groups are
 * silent.
 */
public final class RouteSocket extends SocketFile {
  public static final int NETLINK_ROUTE = 0;

  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_ADD_MEMBERSHIP = 1;
  private static final int NETLINK_DROP_MEMBERSHIP = 2;
  private static final int NETLINK_LIST_MEMBERSHIPS = 9;
  private static final int MOST_GROUPS = 64;

  /** Groups, extended acknowledgements, strict checks: none changes what is told here. */
  private static final OptionTable OPTIONS = new OptionTable().flags(3, 4, 5, 8, 10, 11, 12);

  private static final int MOST_MESSAGES = 1024;
  private static final int MOST_REQUEST = 32768;
  private static final int FIRST_PORT_ID = 0x1000_0000;
  private static final AtomicInteger NEXT_PORT_ID = new AtomicInteger(FIRST_PORT_ID);

  /** The port ids in use. */
  private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int NLM_F_REQUEST = 1;
  private static final int NLM_F_MULTI = 2;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_DUMP = 0x300;
  private static final int RTM_NEWLINK = 16;
  private static final int RTM_GETLINK = 18;
  private static final int RTM_NEWADDR = 20;
  private static final int RTM_GETADDR = 22;
  private static final int RTM_LAST = 120;
  private static final int LINK_SIZE = 16;
  private static final int IFLA_IFNAME = 3;
  private static final int IFLA_ALT_IFNAME = 53;
  private static final int LOOPBACK_INDEX = 1;
  private static final int ARPHRD_LOOPBACK = 772;

  private static final int RTM_SETLINK = 19;
  private static final int IFA_LOCAL = 2;
  private static final int IFF_UP = 1;

  /** IFF_LOOPBACK, and with it IFF_UP, IFF_RUNNING and IFF_LOWER_UP. */
  private static final int LOOPBACK_FLAGS = 8;

  private static final int UP_FLAGS = LOOPBACK_FLAGS | 0x10040 | IFF_UP;

  /** IF_OPER_DOWN of RFC 2863. */
  private static final int OPERATIONAL_DOWN = 2;

  private static final int IFLA_MTU = 4;
  private static final int IFA_F_PERMANENT = 0x80;
  private static final int RT_SCOPE_HOST = 254;

  private final NetworkNamespace network;
  private final MessageQueue queue = new MessageQueue(MOST_MESSAGES);
  private final OptionTable.Values netlinkOptions = new OptionTable.Values(OPTIONS);
  private volatile int portId;
  private volatile int groups;

  public RouteSocket(int type, int protocol, NetworkNamespace network, Maker maker) {
    super(SocketAddress.AF_NETLINK, type, protocol, maker);
    this.network = network;
  }

  @Override
  protected void release() {
    TAKEN.remove(portId);
    queue.clear();
  }

  @Override
  public long bind(SocketAddress address) {
    if (!(address instanceof SocketAddress.Netlink netlink)) {
      return -Errno.EINVAL;
    }
    if (portId != 0 && netlink.portId() != portId && netlink.portId() != 0) {
      return -Errno.EINVAL;
    }
    groups = netlink.groups();
    if (portId == 0) {
      if (netlink.portId() != 0 && !TAKEN.add(netlink.portId())) {
        return -Errno.EADDRINUSE;
      }
      portId = netlink.portId() != 0 ? netlink.portId() : freePortId();
    }
    return 0;
  }

  /** The first socket of a process usually gets its process id (netlink(7)). */
  private static int freePortId() {
    Task task = Task.current();
    if (task != null && TAKEN.add(task.group().tgid())) {
      return task.group().tgid();
    }
    int next = NEXT_PORT_ID.incrementAndGet();
    TAKEN.add(next);
    return next;
  }

  @Override
  public long connect(SocketAddress address) {
    if (address instanceof SocketAddress.Unspecified) {
      return 0;
    }
    if (!(address instanceof SocketAddress.Netlink netlink)) {
      return -Errno.EINVAL;
    }
    if (netlink.portId() != 0) {
      return -Errno.EPERM;
    }
    portId = portId == 0 ? freePortId() : portId;
    return 0;
  }

  @Override
  public SocketAddress localAddress() {
    return new SocketAddress.Netlink(portId, groups);
  }

  @Override
  public SocketAddress peerAddress() {
    return new SocketAddress.Netlink(0, 0);
  }

  @Override
  public long shutdown(int how) {
    return -Errno.EOPNOTSUPP;
  }

  @Override
  public long send(IoBuffer source, @Nullable SocketAddress to, Ancillary ancillary, int flags) {
    if (to != null && (!(to instanceof SocketAddress.Netlink netlink) || netlink.portId() != 0)) {
      return to instanceof SocketAddress.Netlink ? -Errno.ECONNREFUSED : -Errno.EINVAL;
    }
    if (source.remaining() > MOST_REQUEST) {
      return -Errno.EMSGSIZE;
    }
    if (!queue.hasRoom()) {
      return -Errno.ENOBUFS;
    }
    portId = portId == 0 ? freePortId() : portId;
    byte[] bytes = new byte[(int) source.remaining()];
    if (bytes.length > 0 && source.get(bytes, 0, bytes.length) != bytes.length) {
      return -Errno.EFAULT;
    }
    ByteBuffer requests = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.length - at >= MessageBuilder.HEADER) {
      int length = requests.getInt(at);
      if (length < MessageBuilder.HEADER || length > bytes.length - at) {
        break;
      }
      serve(requests.slice(at, length).order(ByteOrder.LITTLE_ENDIAN));
      at += (length + 3) & -4;
    }
    return bytes.length;
  }

  private void serve(ByteBuffer request) {
    int type = request.getShort(4) & 0xffff;
    int flags = request.getShort(6) & 0xffff;
    if ((flags & NLM_F_REQUEST) == 0 || type < RTM_NEWLINK) {
      return;
    }
    boolean dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;
    // Of each four types the third asks (rtnetlink(7): NEW, DEL, GET, SET).
    boolean asks = type % 4 == 2;
    int error;
    if (type > RTM_LAST) {
      error = Errno.EOPNOTSUPP;
    } else if (!asks) {
      error = change(request, type);
    } else if (dump) {
      dump(request, type);
      return;
    } else if (type == RTM_GETLINK) {
      error = link(request);
    } else if (type == RouteMessages.RTM_GETROUTE) {
      error = route(request);
    } else {
      error = type == RTM_GETADDR ? Errno.EOPNOTSUPP : Errno.ENETUNREACH;
    }
    if (error != 0 || (flags & NLM_F_ACK) != 0) {
      acknowledge(request, error);
    }
  }

  private void dump(ByteBuffer request, int type) {
    int sequence = request.getInt(8);
    int family = request.capacity() > MessageBuilder.HEADER ? request.get(16) & 0xff : 0;
    MessageBuilder out = new MessageBuilder();
    boolean up = network.isLoopbackUp();
    if (type == RTM_GETLINK) {
      putLink(out, sequence, NLM_F_MULTI);
    } else if (type == RTM_GETADDR && up) {
      if (family == 0 || family == SocketAddress.AF_INET) {
        putAddress(out, sequence, SocketAddress.Inet.loopback(SocketAddress.AF_INET, 0), 8);
      }
      if (family == 0 || family == SocketAddress.AF_INET6) {
        putAddress(out, sequence, SocketAddress.Inet.loopback(SocketAddress.AF_INET6, 0), 128);
      }
    } else if (type == RouteMessages.RTM_GETROUTE && up) {
      RouteMessages.putRoutes(out, family, sequence, portId);
    } else if (type == RouteMessages.RTM_GETRULE) {
      RouteMessages.putRules(out, family, sequence, portId);
    }
    byte[] messages = out.toBytes();
    if (messages.length > 0) {
      post(messages);
    }
    post(
        new MessageBuilder()
            .begin(NLMSG_DONE, NLM_F_MULTI, sequence, portId)
            .u32(0)
            .end()
            .toBytes());
  }

  /** The loopback interface can be set up and down; nothing else can be changed. */
  private int change(ByteBuffer request, int type) {
    int refused = Loopback.checkChange();
    if (refused != 0) {
      return refused;
    }
    if (type == RTM_NEWADDR) {
      return addAddress(request);
    }
    boolean link = type == RTM_NEWLINK || type == RTM_SETLINK;
    if (!link || request.capacity() < MessageBuilder.HEADER + LINK_SIZE) {
      return Errno.EPERM;
    }
    if (request.getInt(20) != LOOPBACK_INDEX && !namesLoopback(request)) {
      return request.getInt(20) != 0 ? Errno.ENODEV : Errno.EPERM;
    }
    byte[] mtu = MessageBuilder.find(request, MessageBuilder.HEADER + LINK_SIZE, IFLA_MTU);
    if (mtu != null && mtu.length >= Integer.BYTES) {
      int bytes = ByteBuffer.wrap(mtu).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (bytes < 0) {
        return Errno.EINVAL;
      }
      network.setMtu(bytes);
    }
    int flags = request.getInt(24);
    int mask = request.getInt(28);
    if (mask == 0 || (mask & IFF_UP) != 0) {
      network.setLoopbackUp((flags & IFF_UP) != 0);
    }
    return 0;
  }

  /**
   * The interface gets its own addresses when it is set up, so that asking for one changes nothing.
   */
  private int addAddress(ByteBuffer request) {
    if (request.capacity() < MessageBuilder.HEADER + 8 || request.getInt(20) != LOOPBACK_INDEX) {
      return Errno.ENODEV;
    }
    byte[] address = MessageBuilder.find(request, MessageBuilder.HEADER + 8, IFA_LOCAL);
    if (address == null || address.length < 4 || address[0] != 127) {
      return Errno.EPERM;
    }
    return network.isLoopbackUp() ? Errno.EEXIST : 0;
  }

  /** One link, by index or by name: zero, or the error. */
  private int link(ByteBuffer request) {
    int index = request.capacity() >= MessageBuilder.HEADER + 8 ? request.getInt(20) : 0;
    if (index != LOOPBACK_INDEX && !namesLoopback(request)) {
      return Errno.ENODEV;
    }
    MessageBuilder out = new MessageBuilder();
    putLink(out, request.getInt(8), 0);
    post(out.toBytes());
    return 0;
  }

  private int route(ByteBuffer request) {
    MessageBuilder out = new MessageBuilder();
    if (!network.isLoopbackUp() || !RouteMessages.answer(out, request, portId)) {
      return Errno.ENETUNREACH;
    }
    post(out.toBytes());
    return 0;
  }

  private static boolean namesLoopback(ByteBuffer request) {
    int attributes = MessageBuilder.HEADER + LINK_SIZE;
    byte[] name = MessageBuilder.find(request, attributes, IFLA_IFNAME);
    if (name == null) {
      name = MessageBuilder.find(request, attributes, IFLA_ALT_IFNAME);
    }
    return name != null
        && name.length >= 2
        && name[0] == 'l'
        && name[1] == 'o'
        && (name.length == 2 || name[2] == 0);
  }

  private void putLink(MessageBuilder out, int sequence, int flags) {
    boolean up = network.isLoopbackUp();
    NetworkNamespace.Counters counters = network.loopback();
    ByteBuffer statistics = ByteBuffer.allocate(24 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    statistics.putLong(counters.packets()).putLong(counters.packets());
    statistics.putLong(counters.bytes()).putLong(counters.bytes());
    out.begin(RTM_NEWLINK, flags, sequence, portId)
        .u8(0)
        .u8(0)
        .u16(ARPHRD_LOOPBACK)
        .u32(LOOPBACK_INDEX)
        .u32(up ? UP_FLAGS : LOOPBACK_FLAGS)
        .u32(0)
        .attribute(3, "lo")
        .attribute(13, 1000)
        .attribute(16, new byte[] {(byte) (up ? 0 : OPERATIONAL_DOWN)})
        .attribute(17, new byte[] {0})
        .attribute(IFLA_MTU, network.mtu())
        .attribute(6, up ? "noqueue" : "noop")
        .attribute(1, new byte[6])
        .attribute(2, new byte[6])
        .attribute(23, statistics.array())
        .end();
  }

  private void putAddress(
      MessageBuilder out, int sequence, SocketAddress.Inet address, int prefix) {
    out.begin(RTM_NEWADDR, NLM_F_MULTI, sequence, portId)
        .u8(address.family())
        .u8(prefix)
        .u8(IFA_F_PERMANENT)
        .u8(RT_SCOPE_HOST)
        .u32(LOOPBACK_INDEX)
        .attribute(1, address.host());
    if (address.family() == SocketAddress.AF_INET) {
      out.attribute(2, address.host()).attribute(3, "lo");
    }
    out.attribute(8, IFA_F_PERMANENT).end();
  }

  private void acknowledge(ByteBuffer request, int error) {
    byte[] header = new byte[error == 0 ? MessageBuilder.HEADER : request.capacity()];
    request.get(0, header);
    post(
        new MessageBuilder()
            .begin(NLMSG_ERROR, 0, request.getInt(8), portId)
            .u32(-error)
            .bytes(header.length > 1024 ? Arrays.copyOf(header, 1024) : header)
            .end()
            .toBytes());
  }

  /** Puts a message of the kernel's into the socket, whatever it is about. */
  public void deliver(byte[] datagram) {
    if (queue.hasRoom()) {
      post(datagram);
    }
  }

  private void post(byte[] datagram) {
    queue.send(new ArrayBuffer(datagram), new SocketAddress.Netlink(0, 0), Ancillary.NONE);
    waitQueue().wake(Events.READABLE);
  }

  @Override
  public long receive(IoBuffer target, int flags, Received received) {
    return queue.receive(target, flags, received);
  }

  @Override
  public int poll() {
    return queue.isEmpty() ? Events.WRITABLE : Events.WRITABLE | Events.READABLE;
  }

  @Override
  protected int available() {
    return queue.available();
  }

  @Override
  protected byte[] getLevelOption(int level, int option, int room) throws ErrnoException {
    if (level != SOL_NETLINK) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    if (option == NETLINK_LIST_MEMBERSHIPS) {
      return new byte[0];
    }
    int value = netlinkOptions.get(option);
    if (room < Integer.BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return SocketOptions.ofInt(value);
  }

  @Override
  protected void setLevelOption(int level, int option, byte[] value) throws ErrnoException {
    if (level != SOL_NETLINK) {
      throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
    int number = value.length < Integer.BYTES ? 0 : SocketOptions.toInt(value);
    if (option == NETLINK_ADD_MEMBERSHIP || option == NETLINK_DROP_MEMBERSHIP) {
      if (number <= 0 || number > MOST_GROUPS) {
        throw ErrnoException.of(Errno.EINVAL);
      }
      return;
    }
    netlinkOptions.set(option, number);
  }
}
