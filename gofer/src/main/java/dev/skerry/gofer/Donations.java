package dev.skerry.gofer;

import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;

/** The descriptors that go with one response. Used by one thread. */
final class Donations {
  private final int[] descriptors = new int[Limits.OPEN];
  private int count;

  /** Takes the descriptor over. */
  void add(int fd) {
    descriptors[count++] = fd;
  }

  int[] descriptors() {
    return descriptors;
  }

  int count() {
    return count;
  }

  /** The response is sent, or fails. */
  void close() {
    while (count > 0) {
      Host.os().close(descriptors[--count]);
    }
  }
}
