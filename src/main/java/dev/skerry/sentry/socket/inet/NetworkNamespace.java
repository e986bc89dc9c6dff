package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.socket.unix.UnixNames;
import java.util.concurrent.atomic.AtomicLong;

/** Ports, abstract names and the one interface of a sandbox. Linux: struct net. */
public final class NetworkNamespace {
  /** Traffic of the loopback interface: what is sent is received. */
  public record Counters(long bytes, long packets) {}

  private final PortTable tcp = new PortTable(true);
  private final PortTable udp = new PortTable(false);
  private final UnixNames unixNames = new UnixNames();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong packets = new AtomicLong();

  public PortTable tcp() {
    return tcp;
  }

  public PortTable udp() {
    return udp;
  }

  public UnixNames unixNames() {
    return unixNames;
  }

  void count(long sent) {
    bytes.addAndGet(sent);
    packets.incrementAndGet();
  }

  public Counters loopback() {
    return new Counters(bytes.get(), packets.get());
  }
}
