package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The ioctl(2) requests about interfaces (netdevice(7)), which every socket answers. */
final class InterfaceRequests {
  private static final int SIOCGIFNAME = 0x8910;
  private static final int SIOCGIFCONF = 0x8912;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCGIFADDR = 0x8915;
  private static final int SIOCGIFBRDADDR = 0x8919;
  private static final int SIOCGIFNETMASK = 0x891b;
  private static final int SIOCGIFMETRIC = 0x891d;
  private static final int SIOCGIFMTU = 0x8921;
  private static final int SIOCSIFMTU = 0x8922;
  private static final int SIOCGIFHWADDR = 0x8927;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int SIOCGIFTXQLEN = 0x8942;
  private static final int FIRST = 0x8910;
  private static final int LAST = 0x89ff;

  private static final int IFREQ_BYTES = 40;
  private static final int NAME_BYTES = 16;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;

  /** IFF_LOOPBACK, and with it IFF_UP and IFF_RUNNING. */
  private static final int LOOPBACK_FLAGS = 8;

  private static final int UP_FLAGS = LOOPBACK_FLAGS | 0x40 | IFF_UP;
  private static final int QUEUE_LENGTH = 1000;
  private static final int ARPHRD_LOOPBACK = 772;

  private InterfaceRequests() {}

  private static boolean isUp() {
    Loopback own = Loopback.current();
    return own == null || own.isLoopbackUp();
  }

  private static int mtu() {
    Loopback own = Loopback.current();
    return own == null ? 0 : own.mtu();
  }

  private static long setMtu(int bytes) {
    int refused = Loopback.checkChange();
    Loopback own = Loopback.current();
    if (refused == 0 && own != null) {
      if (bytes < 0) {
        return -Errno.EINVAL;
      }
      own.setMtu(bytes);
    }
    return -refused;
  }

  private static long setFlags(int flags) {
    int refused = Loopback.checkChange();
    Loopback own = Loopback.current();
    if (refused == 0 && own != null) {
      own.setLoopbackUp((flags & IFF_UP) != 0);
    }
    return -refused;
  }

  static boolean contains(int request) {
    return request >= FIRST && request <= LAST;
  }

  /** What is no request to any kind of socket is taken for one about an interface. */
  static long refuse(UserMemory memory, long argument) {
    try {
      memory.readBytes(argument, IFREQ_BYTES);
      return -Errno.ENOTTY;
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  static long ioctl(UserMemory memory, int request, long argument) {
    try {
      return request == SIOCGIFCONF
          ? configuration(memory, argument)
          : one(memory, request, argument);
    } catch (ErrnoException e) {
      return e.result();
    }
  }

  /** struct ifconf: the room, then the address of an array of struct ifreq. */
  private static long configuration(UserMemory memory, long argument) throws ErrnoException {
    int room = memory.readInt(argument);
    long array = memory.readLong(argument + 8);
    if (array == 0) {
      memory.writeInt(argument, IFREQ_BYTES);
      return 0;
    }
    int length = room >= IFREQ_BYTES && isUp() ? IFREQ_BYTES : 0;
    if (length > 0) {
      byte[] entry = new byte[IFREQ_BYTES];
      putAddress(named(entry), 127, 0, 0, 1);
      memory.writeBytes(array, entry);
    }
    memory.writeInt(argument, length);
    return 0;
  }

  private static ByteBuffer named(byte[] entry) {
    return ByteBuffer.wrap(entry)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(0, (byte) 'l')
        .put(1, (byte) 'o');
  }

  private static void putAddress(ByteBuffer entry, int a, int b, int c, int d) {
    entry.putShort(NAME_BYTES, (short) SocketAddress.AF_INET);
    entry.put(NAME_BYTES + 4, new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
  }

  private static long one(UserMemory memory, int request, long argument) throws ErrnoException {
    byte[] bytes = memory.readBytes(argument, IFREQ_BYTES);
    ByteBuffer given = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    boolean loopback =
        request == SIOCGIFNAME
            ? given.getInt(NAME_BYTES) == 1
            : bytes[0] == 'l' && bytes[1] == 'o' && bytes[2] == 0;
    if (!loopback) {
      return -Errno.ENODEV;
    }
    boolean address = request == SIOCGIFADDR || request == SIOCGIFNETMASK;
    if ((address || request == SIOCGIFBRDADDR) && !isUp()) {
      return -Errno.EADDRNOTAVAIL;
    }
    byte[] answer = new byte[IFREQ_BYTES];
    ByteBuffer entry = named(answer);
    switch (request) {
      case SIOCGIFNAME -> entry.putInt(NAME_BYTES, 1);
      case SIOCGIFFLAGS -> entry.putShort(NAME_BYTES, (short) (isUp() ? UP_FLAGS : LOOPBACK_FLAGS));
      case SIOCSIFFLAGS -> {
        return setFlags(given.getShort(NAME_BYTES));
      }
      case SIOCSIFMTU -> {
        return setMtu(given.getInt(NAME_BYTES));
      }
      case SIOCGIFADDR -> putAddress(entry, 127, 0, 0, 1);
      case SIOCGIFBRDADDR -> putAddress(entry, 0, 0, 0, 0);
      case SIOCGIFNETMASK -> putAddress(entry, 255, 0, 0, 0);
      case SIOCGIFMETRIC -> entry.putInt(NAME_BYTES, 0);
      case SIOCGIFMTU -> entry.putInt(NAME_BYTES, mtu());
      case SIOCGIFHWADDR -> entry.putShort(NAME_BYTES, (short) ARPHRD_LOOPBACK);
      case SIOCGIFINDEX -> entry.putInt(NAME_BYTES, 1);
      case SIOCGIFTXQLEN -> entry.putInt(NAME_BYTES, QUEUE_LENGTH);
      default -> {
        // The others would change the interface.
        return -Errno.EPERM;
      }
    }
    memory.writeBytes(argument, answer);
    return 0;
  }
}
