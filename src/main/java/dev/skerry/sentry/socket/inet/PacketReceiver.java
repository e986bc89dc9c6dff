package dev.skerry.sentry.socket.inet;

/** A socket that can tell what the headers of packets said (ip(7), ipv6(7)). */
public interface PacketReceiver {
  int domain();

  /** Whether an option of level IPPROTO_IP or IPPROTO_IPV6 is on. */
  boolean hasOption(int level, int name);
}
