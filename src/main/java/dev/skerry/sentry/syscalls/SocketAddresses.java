package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.usermem.UserMemory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** struct sockaddr and its kinds (sockaddr(3type), unix(7), ip(7), ipv6(7), netlink(7)). */
final class SocketAddresses {
  /** sizeof(struct sockaddr_storage). */
  static final int MOST_BYTES = 128;

  private static final int FAMILY_BYTES = 2;
  private static final int UNIX_PATH_BYTES = 108;
  private static final int INET_BYTES = 16;
  private static final int INET6_BYTES = 28;
  private static final int INET6_LEAST = 24;
  private static final int NETLINK_BYTES = 12;

  private SocketAddresses() {}

  /** Copies an address in, whatever it is: EINVAL for too many bytes, EFAULT. */
  static byte[] copyIn(UserMemory memory, long address, int length) throws ErrnoException {
    if (length < 0 || length > MOST_BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return memory.readBytes(address, length);
  }

  /**
   * Reads an address for a socket of the domain: EINVAL for a wrong length, EAFNOSUPPORT for a
   * family that does not fit, EFAULT.
   */
  static SocketAddress read(UserMemory memory, int domain, long address, int length)
      throws ErrnoException {
    return parse(copyIn(memory, address, length), domain);
  }

  /** What the bytes of an address mean to a socket of the domain; errors as of {@link #read}. */
  static SocketAddress parse(byte[] bytes, int domain) throws ErrnoException {
    int length = bytes.length;
    if (length < FAMILY_BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    StructReader struct = new StructReader(bytes);
    int family = struct.shortAt(0) & 0xffff;
    boolean inet = domain == SocketAddress.AF_INET || domain == SocketAddress.AF_INET6;
    if (inet && family != SocketAddress.AF_UNSPEC) {
      boolean plain = domain == SocketAddress.AF_INET || family == SocketAddress.AF_INET;
      need(length, plain ? INET_BYTES : INET6_LEAST);
      if (domain == SocketAddress.AF_INET && family != domain) {
        throw ErrnoException.of(Errno.EAFNOSUPPORT);
      }
    }
    return switch (family) {
      case SocketAddress.AF_UNSPEC -> new SocketAddress.Unspecified();
      case SocketAddress.AF_UNIX -> unix(bytes);
      case SocketAddress.AF_INET -> {
        need(length, INET_BYTES);
        yield new SocketAddress.Inet(family, Arrays.copyOfRange(bytes, 4, 8), port(bytes), 0);
      }
      case SocketAddress.AF_INET6 -> {
        need(length, INET6_LEAST);
        int scope = length >= INET6_BYTES ? struct.intAt(24) : 0;
        yield new SocketAddress.Inet(family, Arrays.copyOfRange(bytes, 8, 24), port(bytes), scope);
      }
      case SocketAddress.AF_NETLINK -> {
        need(length, NETLINK_BYTES);
        yield new SocketAddress.Netlink(struct.intAt(4), struct.intAt(8));
      }
      default -> throw ErrnoException.of(Errno.EAFNOSUPPORT);
    };
  }

  /**
   * As {@link #parse}, for bind(2), where AF_UNSPEC with no host means AF_INET as it has always
   * done.
   */
  static SocketAddress parseLocal(byte[] bytes, int domain) throws ErrnoException {
    if (domain == SocketAddress.AF_INET || domain == SocketAddress.AF_INET6) {
      need(bytes.length, domain == SocketAddress.AF_INET ? INET_BYTES : INET6_LEAST);
    }
    SocketAddress read = parse(bytes, domain);
    if (domain != SocketAddress.AF_INET || !(read instanceof SocketAddress.Unspecified)) {
      return read;
    }
    SocketAddress.Inet inet =
        new SocketAddress.Inet(domain, Arrays.copyOfRange(bytes, 4, 8), port(bytes), 0);
    return inet.isAny() ? inet : read;
  }

  private static void need(int length, int least) throws ErrnoException {
    if (length < least) {
      throw ErrnoException.of(Errno.EINVAL);
    }
  }

  /** The port of an address of AF_INET or AF_INET6. */
  static int port(byte[] bytes) {
    return (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
  }

  private static SocketAddress.Unix unix(byte[] bytes) throws ErrnoException {
    if (bytes.length > FAMILY_BYTES + UNIX_PATH_BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    int end = bytes.length;
    if (end > FAMILY_BYTES && bytes[FAMILY_BYTES] != 0) {
      end = FAMILY_BYTES;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
    }
    return new SocketAddress.Unix(
        new String(bytes, FAMILY_BYTES, end - FAMILY_BYTES, StandardCharsets.ISO_8859_1));
  }

  static byte[] encode(SocketAddress address) {
    if (address instanceof SocketAddress.Unix unix) {
      byte[] name = unix.name().getBytes(StandardCharsets.ISO_8859_1);
      boolean path = !unix.isUnnamed() && !unix.isAbstract();
      byte[] bytes = new byte[FAMILY_BYTES + name.length + (path ? 1 : 0)];
      bytes[0] = SocketAddress.AF_UNIX;
      System.arraycopy(name, 0, bytes, FAMILY_BYTES, name.length);
      return bytes;
    }
    if (address instanceof SocketAddress.Inet inet) {
      boolean six = inet.family() == SocketAddress.AF_INET6;
      byte[] bytes = new byte[six ? INET6_BYTES : INET_BYTES];
      bytes[0] = (byte) inet.family();
      bytes[2] = (byte) (inet.port() >> 8);
      bytes[3] = (byte) inet.port();
      System.arraycopy(inet.host(), 0, bytes, six ? 8 : 4, inet.host().length);
      if (six) {
        bytes[24] = (byte) inet.scope();
      }
      return bytes;
    }
    if (address instanceof SocketAddress.Netlink netlink) {
      byte[] bytes = new byte[NETLINK_BYTES];
      bytes[0] = SocketAddress.AF_NETLINK;
      for (int i = 0; i < Integer.BYTES; i++) {
        bytes[4 + i] = (byte) (netlink.portId() >> 8 * i);
        bytes[8 + i] = (byte) (netlink.groups() >> 8 * i);
      }
      return bytes;
    }
    return new byte[FAMILY_BYTES];
  }

  /**
   * Writes an address as far as it fits, and its full length.
   *
   * @param lengthAddress where the room is told, and then the length
   */
  static void write(Task task, @Nullable SocketAddress value, long address, long lengthAddress)
      throws ErrnoException {
    UserMemory memory = task.memory();
    int room = memory.readInt(lengthAddress);
    if (room < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    byte[] bytes = value == null ? new byte[0] : encode(value);
    int part = Math.min(room, bytes.length);
    if (part > 0) {
      ErrnoException.check(memory.copyOut(address, bytes, 0, part));
    }
    memory.writeInt(lengthAddress, bytes.length);
  }

  /**
   * Writes an address into a struct msghdr's room.
   *
   * @return the length for msg_namelen
   */
  static int write(UserMemory memory, @Nullable SocketAddress value, long address, int room)
      throws ErrnoException {
    byte[] bytes = value == null ? new byte[0] : encode(value);
    int part = Math.min(Math.max(room, 0), bytes.length);
    if (part > 0) {
      ErrnoException.check(memory.copyOut(address, bytes, 0, part));
    }
    return bytes.length;
  }
}
