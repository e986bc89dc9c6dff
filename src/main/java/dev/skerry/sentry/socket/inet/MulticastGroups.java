package dev.skerry.sentry.socket.inet;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The groups of IPv4 that sockets of a network namespace are in, on its loopback interface. Its
 * monitor guards all. Linux: the multicast list of struct in_device.
 */
public final class MulticastGroups {
  /**
   * A group.
   *
   * @param host its address, from the first byte on
   * @param members how many sockets are in it
   */
  public record Group(byte[] host, int members) {}

  private static final byte[] ALL_HOSTS = {(byte) 224, 0, 0, 1};

  private final Map<ByteBuffer, Integer> members = new LinkedHashMap<>();

  synchronized void join(byte[] host) {
    members.merge(ByteBuffer.wrap(host.clone()), 1, Integer::sum);
  }

  synchronized void leave(byte[] host) {
    members.computeIfPresent(ByteBuffer.wrap(host), (key, count) -> count == 1 ? null : count - 1);
  }

  /** Whether packets for the group are taken at all. */
  synchronized boolean isTaken(byte[] host) {
    ByteBuffer key = ByteBuffer.wrap(host);
    return members.containsKey(key) || key.equals(ByteBuffer.wrap(ALL_HOSTS));
  }

  /** The bytes of a key, which has no more than them. */
  static byte[] bytes(ByteBuffer key) {
    byte[] bytes = new byte[key.remaining()];
    key.duplicate().get(bytes);
    return bytes;
  }

  /** The newest first, and last the one that every interface is in. */
  public synchronized List<Group> list() {
    List<Group> all = new ArrayList<>();
    members.forEach((host, count) -> all.addFirst(new Group(bytes(host), count)));
    all.addLast(new Group(ALL_HOSTS, 1));
    return all;
  }
}
