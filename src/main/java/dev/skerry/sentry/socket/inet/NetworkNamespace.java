package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.socket.Loopback;
import dev.skerry.sentry.socket.unix.UnixNames;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.util.concurrent.atomic.AtomicLongArray;

/** Ports, abstract names and the one interface (network_namespaces(7)). Linux: struct net. */
public final class NetworkNamespace extends Namespace implements Loopback {
  /** Traffic of the loopback interface: what is sent is received. */
  public record Counters(long bytes, long packets) {}

  private static final int LOOPBACK_MTU = 65536;

  private final PortTable tcp;
  private final PortTable udp;
  private final PortTable udpLite;
  private final IcmpTable icmp = new IcmpTable(this);
  private final RawTable raw = new RawTable(this);
  private final MulticastGroups groups = new MulticastGroups();
  private final UnixNames unixNames = new UnixNames();
  private final AtomicLongArray counters = new AtomicLongArray(NetCounter.values().length);
  private final SysctlValues sysctl = new SysctlValues();
  private volatile boolean loopbackUp;
  private volatile int mtu = LOOPBACK_MTU;

  /** The sandbox's first one. */
  public NetworkNamespace() {
    super(NamespaceKind.NET);
    tcp = new PortTable(true, sysctl);
    udp = new PortTable(false, sysctl);
    udpLite = new PortTable(false, sysctl);
    loopbackUp = true;
  }

  private NetworkNamespace(UserNamespace owner) throws ErrnoException {
    super(NamespaceKind.NET, owner);
    tcp = new PortTable(true, sysctl);
    udp = new PortTable(false, sysctl);
    udpLite = new PortTable(false, sysctl);
  }

  /** With nothing but a loopback interface that is down. */
  @Override
  public NetworkNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    return new NetworkNamespace(newOwner);
  }

  @Override
  public boolean isLoopbackUp() {
    return loopbackUp;
  }

  @Override
  public void setLoopbackUp(boolean up) {
    loopbackUp = up;
  }

  @Override
  public int mtu() {
    return mtu;
  }

  @Override
  public void setMtu(int bytes) {
    mtu = bytes;
  }

  @Override
  public SysctlValues sysctl() {
    return sysctl;
  }

  public PortTable tcp() {
    return tcp;
  }

  public PortTable udp() {
    return udp;
  }

  public PortTable udpLite() {
    return udpLite;
  }

  IcmpTable icmp() {
    return icmp;
  }

  public RawTable raw() {
    return raw;
  }

  /** Whether a user of these groups may make echo requests without rights (icmp(7)). */
  public boolean mayPing(int egid, int[] groups) {
    long low = sysctl.get(Sysctl.PING_GROUP_RANGE, 0);
    long high = sysctl.get(Sysctl.PING_GROUP_RANGE, 1);
    long own = Integer.toUnsignedLong(egid);
    boolean may = own >= low && own <= high;
    for (int group : groups) {
      long id = Integer.toUnsignedLong(group);
      may |= id >= low && id <= high;
    }
    return may;
  }

  /** The groups that sockets here are in. */
  public MulticastGroups groups() {
    return groups;
  }

  public UnixNames unixNames() {
    return unixNames;
  }

  /** A packet goes out. */
  void count(boolean six, long sent) {
    count(six ? NetCounter.IP6_BYTES : NetCounter.IP_BYTES, sent);
    count(six ? NetCounter.IP6_PACKETS : NetCounter.IP_PACKETS, 1);
  }

  void count(NetCounter counter, long more) {
    counters.addAndGet(counter.ordinal(), more);
  }

  public long counter(NetCounter counter) {
    return counters.get(counter.ordinal());
  }

  public Counters loopback() {
    return new Counters(
        counter(NetCounter.IP_BYTES) + counter(NetCounter.IP6_BYTES),
        counter(NetCounter.IP_PACKETS) + counter(NetCounter.IP6_PACKETS));
  }
}
