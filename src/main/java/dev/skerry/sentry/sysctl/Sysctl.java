package dev.skerry.sentry.sysctl;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A setting of /proc/sys: a word, or a list of whole numbers within bounds.
 *
 * <p>Many settings of Linux steer what a sentry does not have or leaves to the host. They show what
 * is the case, and take no other value (EINVAL), unless they are mere advice.
 */
public final class Sysctl {
  /** Whose setting it is. */
  public enum Scope {
    SYSTEM,
    NET,
    IPC
  }

  private static final Map<String, Sysctl> ALL = new LinkedHashMap<>();

  static {
    for (String[] row : SysctlTable.rows()) {
      ALL.put(row[0], parse(row));
    }
  }

  public static final Sysctl CORE_PATTERN = named("kernel/core_pattern");
  public static final Sysctl CORE_USES_PID = named("kernel/core_uses_pid");
  public static final Sysctl ICMP_ECHO_IGNORE_ALL = named("net/ipv4/icmp_echo_ignore_all");
  public static final Sysctl IGMP_MAX_MEMBERSHIPS = named("net/ipv4/igmp_max_memberships");
  public static final Sysctl INOTIFY_EVENTS = named("fs/inotify/max_queued_events");
  public static final Sysctl INOTIFY_INSTANCES = named("fs/inotify/max_user_instances");
  public static final Sysctl INOTIFY_WATCHES = named("fs/inotify/max_user_watches");
  public static final Sysctl IP_DEFAULT_TTL = named("net/ipv4/ip_default_ttl");
  public static final Sysctl IP_FORWARD = named("net/ipv4/ip_forward");
  public static final Sysctl IP_LOCAL_PORT_RANGE = named("net/ipv4/ip_local_port_range");
  public static final Sysctl IP_UNPRIVILEGED_PORT_START =
      named("net/ipv4/ip_unprivileged_port_start");
  public static final Sysctl BINDV6ONLY = named("net/ipv6/bindv6only");
  public static final Sysctl LEASE_BREAK_TIME = named("fs/lease-break-time");
  public static final Sysctl LEASES_ENABLE = named("fs/leases-enable");
  public static final Sysctl LEGACY_TIOCSTI = named("dev/tty/legacy_tiocsti");
  public static final Sysctl MAX_DGRAM_QLEN = named("net/unix/max_dgram_qlen");
  public static final Sysctl MQ_MSG_DEFAULT = named("fs/mqueue/msg_default");
  public static final Sysctl MQ_MSG_MAX = named("fs/mqueue/msg_max");
  public static final Sysctl MQ_MSGSIZE_DEFAULT = named("fs/mqueue/msgsize_default");
  public static final Sysctl MQ_MSGSIZE_MAX = named("fs/mqueue/msgsize_max");
  public static final Sysctl MQ_QUEUES_MAX = named("fs/mqueue/queues_max");
  public static final Sysctl MSGMAX = named("kernel/msgmax");
  public static final Sysctl MSGMNB = named("kernel/msgmnb");
  public static final Sysctl MSG_NEXT_ID = named("kernel/msg_next_id");
  public static final Sysctl MSGMNI = named("kernel/msgmni");
  public static final Sysctl NR_OPEN = named("fs/nr_open");
  public static final Sysctl OPTMEM_MAX = named("net/core/optmem_max");
  public static final Sysctl PIPE_MAX_SIZE = named("fs/pipe-max-size");
  public static final Sysctl PING_GROUP_RANGE = named("net/ipv4/ping_group_range");
  public static final Sysctl PROTECTED_HARDLINKS = named("fs/protected_hardlinks");
  public static final Sysctl PROTECTED_SYMLINKS = named("fs/protected_symlinks");
  public static final Sysctl RMEM_DEFAULT = named("net/core/rmem_default");
  public static final Sysctl RMEM_MAX = named("net/core/rmem_max");
  public static final Sysctl SEM = named("kernel/sem");
  public static final Sysctl SEM_NEXT_ID = named("kernel/sem_next_id");
  public static final Sysctl SHM_NEXT_ID = named("kernel/shm_next_id");
  public static final Sysctl SHMALL = named("kernel/shmall");
  public static final Sysctl SHMMAX = named("kernel/shmmax");
  public static final Sysctl SHMMNI = named("kernel/shmmni");
  public static final Sysctl SOMAXCONN = named("net/core/somaxconn");
  public static final Sysctl TCP_CONGESTION_CONTROL = named("net/ipv4/tcp_congestion_control");
  public static final Sysctl TCP_FIN_TIMEOUT = named("net/ipv4/tcp_fin_timeout");
  public static final Sysctl TCP_KEEPALIVE_INTVL = named("net/ipv4/tcp_keepalive_intvl");
  public static final Sysctl TCP_KEEPALIVE_PROBES = named("net/ipv4/tcp_keepalive_probes");
  public static final Sysctl TCP_KEEPALIVE_TIME = named("net/ipv4/tcp_keepalive_time");
  public static final Sysctl TCP_SYN_RETRIES = named("net/ipv4/tcp_syn_retries");
  public static final Sysctl WMEM_DEFAULT = named("net/core/wmem_default");
  public static final Sysctl WMEM_MAX = named("net/core/wmem_max");

  private final String path;
  private final int permissions;
  private final boolean unsigned;
  private final boolean word;
  private final boolean restore;
  private final long least;
  private final long most;
  private final String initial;
  private final long[] initialNumbers;

  private Sysctl(String[] row, int permissions, boolean word, long least, long most) {
    this.path = row[0];
    this.permissions = permissions;
    this.unsigned = row[1].equals("ulong");
    this.word = word;
    this.least = least;
    this.most = most;
    this.initial = row[2];
    this.restore = row[1].equals("restore");
    this.initialNumbers = word ? new long[0] : numbers(row[2]);
  }

  /** A row is a path, what the setting takes, and what it is at first; see {@link SysctlTable}. */
  private static Sysctl parse(String[] row) {
    return switch (row[1]) {
      case "ro" -> new Sysctl(row, 0444, true, 0, 0);
      case "restore" -> new Sysctl(row, 0444, false, 0, Integer.MAX_VALUE);
      case "word" -> new Sysctl(row, 0644, true, 0, 0);
      case "same" -> {
        boolean word = !isNumbers(row[2]);
        yield new Sysctl(row, 0644, word, 1, 0);
      }
      case "int" -> new Sysctl(row, 0644, false, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "ulong" -> new Sysctl(row, 0644, false, 0, -1);
      default -> {
        int dots = row[1].indexOf("..");
        long least = Long.parseLong(row[1].substring(0, dots));
        yield new Sysctl(row, 0644, false, least, Long.parseLong(row[1].substring(dots + 2)));
      }
    };
  }

  private static boolean isNumbers(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '-' && c != '\t') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static long[] numbers(String text) {
    String[] words = text.split("\t");
    long[] numbers = new long[words.length];
    for (int i = 0; i < words.length; i++) {
      numbers[i] =
          words[i].startsWith("-") ? Long.parseLong(words[i]) : Long.parseUnsignedLong(words[i]);
    }
    return numbers;
  }

  /**
   * @throws IllegalArgumentException if there is none
   */
  public static Sysctl named(String path) {
    Sysctl found = ALL.get(path);
    if (found == null) {
      throw new IllegalArgumentException(path);
    }
    return found;
  }

  public static Collection<Sysctl> all() {
    return ALL.values();
  }

  /** The path below /proc/sys. */
  public String path() {
    return path;
  }

  /** Of the file: 0444 or 0644. */
  public int permissions() {
    return permissions;
  }

  public Scope scope() {
    if (path.startsWith("net/")) {
      return Scope.NET;
    }
    boolean ipc =
        path.startsWith("kernel/shm")
            || path.startsWith("kernel/msg")
            || path.startsWith("kernel/sem")
            || path.startsWith("fs/mqueue/");
    return ipc ? Scope.IPC : Scope.SYSTEM;
  }

  /** Whether it is there for who restores processes, and changes what they need. */
  public boolean isForRestore() {
    return restore;
  }

  boolean isWord() {
    return word;
  }

  boolean isUnsigned() {
    return unsigned;
  }

  /** Whether it is what it is. */
  boolean isFixed() {
    return least > most && !unsigned;
  }

  boolean allows(long number) {
    return unsigned || (number >= least && number <= most);
  }

  String initial() {
    return initial;
  }

  long[] initialNumbers() {
    return initialNumbers;
  }
}
