package dev.skerry.sentry.socket.inet;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.OptionMemory;
import dev.skerry.sentry.sysctl.Sysctl;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The groups of IPv4 that one socket is in (ip(7)). Its monitor guards all. */
final class Memberships {
  static final int IP_ADD_MEMBERSHIP = 35;
  static final int IP_DROP_MEMBERSHIP = 36;

  /** What a membership takes: struct ip_mc_socklist. */
  private static final int BYTES = 48;

  private static final int ADDRESS = 4;
  private static final int REQUEST = 8;
  private static final int INDEXED_REQUEST = 12;
  private static final int LOOPBACK_INDEX = 1;
  private static final int LOOPBACK_NETWORK = 127;
  private static final int CLASS = 0xf0;
  private static final int CLASS_D = 0xe0;

  private final NetworkNamespace network;
  private final OptionMemory memory;
  private final Set<ByteBuffer> groups = new HashSet<>(2);

  Memberships(NetworkNamespace network, OptionMemory memory) {
    this.network = network;
    this.memory = memory;
  }

  static boolean isOption(int level, int option) {
    return level == InetOptions.IPPROTO_IP
        && (option == IP_ADD_MEMBERSHIP || option == IP_DROP_MEMBERSHIP);
  }

  /**
   * Joins or leaves the group of a struct ip_mreq or ip_mreqn.
   *
   * @throws ErrnoException EINVAL, ENODEV, EADDRINUSE, ENOBUFS, EADDRNOTAVAIL
   */
  synchronized void change(int option, byte[] request) throws ErrnoException {
    check(request.length >= REQUEST, Errno.EINVAL);
    byte[] group = Arrays.copyOf(request, ADDRESS);
    boolean there = isLoopback(request);
    ByteBuffer key = ByteBuffer.wrap(group);
    if (option == IP_DROP_MEMBERSHIP) {
      check(there || !groups.isEmpty(), Errno.ENODEV);
      check(there && groups.remove(key), Errno.EADDRNOTAVAIL);
      memory.give(BYTES);
      network.groups().leave(group);
      return;
    }
    check((group[0] & CLASS) == CLASS_D, Errno.EINVAL);
    check(there, Errno.ENODEV);
    check(!groups.contains(key), Errno.EADDRINUSE);
    check(groups.size() < network.sysctl().get(Sysctl.IGMP_MAX_MEMBERSHIPS), Errno.ENOBUFS);
    check(memory.take(BYTES), Errno.ENOBUFS);
    groups.add(key);
    network.groups().join(group);
  }

  private static void check(boolean holds, int errno) throws ErrnoException {
    if (!holds) {
      throw ErrnoException.of(errno);
    }
  }

  /** Whether the request names the loopback interface: by its index, or else by its address. */
  private static boolean isLoopback(byte[] request) {
    int index =
        request.length < INDEXED_REQUEST
            ? 0
            : ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN).getInt(REQUEST);
    return index == 0 ? request[ADDRESS] == LOOPBACK_NETWORK : index == LOOPBACK_INDEX;
  }

  synchronized boolean contains(byte[] group) {
    return groups.contains(ByteBuffer.wrap(group));
  }

  /** The socket is closed. */
  synchronized void leaveAll() {
    groups.forEach(group -> network.groups().leave(MulticastGroups.bytes(group)));
    memory.give(groups.size() * BYTES);
    groups.clear();
  }
}
