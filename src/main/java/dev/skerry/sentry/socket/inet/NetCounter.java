package dev.skerry.sentry.socket.inet;

/**
 * What a network namespace counts of its traffic, for /proc/net/snmp and its like (RFC 4113, RFC
 * 4022, RFC 4293). The loopback interface loses nothing: what goes out comes in.
 */
public enum NetCounter {
  IP_PACKETS,
  IP_BYTES,
  IP6_PACKETS,
  IP6_BYTES,
  UDP_IN,
  UDP_NO_PORTS,
  UDP_OUT,
  /** Datagrams that found a full receiver. */
  UDP_OVERFLOWS,
  UDP6_IN,
  UDP6_NO_PORTS,
  UDP6_OUT,
  UDP6_OVERFLOWS,
  ICMP_UNREACHABLE,
  ICMP_ECHO,
  ICMP_REPLY,
  ICMP6_UNREACHABLE,
  ICMP6_ECHO,
  ICMP6_REPLY,
  TCP_ACTIVE_OPENS,
  TCP_PASSIVE_OPENS,
  TCP_ATTEMPT_FAILS,
  TCP_RESETS_OUT,
  /** Ends of connections that were broken off before they were shut. */
  TCP_ESTABLISHED_RESETS,
  TCP_SEGMENTS
}
