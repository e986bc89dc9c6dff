package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlValues;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The options of level SOL_SOCKET (socket(7)). Its monitor guards all. Linux: sk_setsockopt() and
 * sk_getsockopt() of net/core/sock.c.
 */
public final class SocketOptions {
  public static final int SOL_SOCKET = 1;

  /** net.core.rmem_default and wmem_default. */
  public static final int DEFAULT_BUFFER = 212992;

  /** What more than this was asked for counts by a sixteenth: it is the sentry's heap. */
  private static final int LARGE_BUFFER = 2 * DEFAULT_BUFFER;

  private static final int LARGE_SHARE = 16;

  /** What TCP makes of the buffer once a connection over the loopback stands. */
  private static final int TCP_CONNECTED_BUFFER = 2626560;

  /** net.core.rmem_max and wmem_max as they are at first. */
  private static final int MOST_WANTED = 4 << 20;

  /** The most bytes that wait in one direction, whatever sizes were asked for at its two ends. */
  public static final int MOST_BUFFER = 2 * (2 * DEFAULT_BUFFER + 2 * MOST_WANTED / 16);

  private static final int LEAST_SEND_BUFFER = 4608;
  private static final int LEAST_RECEIVE_BUFFER = 2304;
  private static final int TCP_SEND_BUFFER = 16384;
  private static final int TCP_RECEIVE_BUFFER = 131072;

  public static final int SO_DEBUG = 1;
  public static final int SO_REUSEADDR = 2;
  public static final int SO_TYPE = 3;
  public static final int SO_ERROR = 4;
  public static final int SO_DONTROUTE = 5;
  public static final int SO_BROADCAST = 6;
  public static final int SO_SNDBUF = 7;
  public static final int SO_RCVBUF = 8;
  public static final int SO_KEEPALIVE = 9;
  public static final int SO_OOBINLINE = 10;
  public static final int SO_NO_CHECK = 11;
  public static final int SO_PRIORITY = 12;
  public static final int SO_LINGER = 13;
  private static final int SO_BSDCOMPAT = 14;
  public static final int SO_REUSEPORT = 15;
  public static final int SO_PASSCRED = 16;
  public static final int SO_PEERCRED = 17;
  public static final int SO_RCVLOWAT = 18;
  public static final int SO_SNDLOWAT = 19;
  public static final int SO_RCVTIMEO = 20;
  public static final int SO_SNDTIMEO = 21;
  public static final int SO_BINDTODEVICE = 25;
  public static final int SO_ATTACH_FILTER = 26;
  private static final int SO_DETACH_FILTER = 27;
  public static final int SO_PEERNAME = 28;
  public static final int SO_TIMESTAMP = 29;
  public static final int SO_ACCEPTCONN = 30;
  public static final int SO_SNDBUFFORCE = 32;
  public static final int SO_RCVBUFFORCE = 33;
  public static final int SO_PASSSEC = 34;
  public static final int SO_TIMESTAMPNS = 35;
  public static final int SO_MARK = 36;
  public static final int SO_PROTOCOL = 38;
  public static final int SO_DOMAIN = 39;
  public static final int SO_PEEK_OFF = 42;
  private static final int SO_LOCK_FILTER = 44;
  private static final int SO_MAX_PACING_RATE = 47;
  private static final int SO_MEMINFO = 55;
  public static final int SO_COOKIE = 57;
  public static final int SO_PEERGROUPS = 59;
  static final int SO_ZEROCOPY = 60;
  private static final int SO_TIMESTAMP_NEW = 63;
  public static final int SO_TIMESTAMPNS_NEW = 64;
  private static final int SO_RCVTIMEO_NEW = 66;
  private static final int SO_SNDTIMEO_NEW = 67;
  private static final int SO_NETNS_COOKIE = 71;
  private static final int SO_RESERVE_MEM = 73;
  private static final int SO_TXREHASH = 74;
  private static final int SO_PASSPIDFD = 76;
  public static final int SO_PEERPIDFD = 77;
  private static final int SO_PASSRIGHTS = 83;

  /** SO_RXQ_OVFL, SO_WIFI_STATUS, SO_NOFCS, SO_SELECT_ERR_QUEUE, SO_PREFER_BUSY_POLL and others. */
  private static final OptionTable TABLE =
      new OptionTable()
          .flags(SO_DEBUG, SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST, SO_KEEPALIVE, SO_OOBINLINE)
          .flags(SO_NO_CHECK, SO_REUSEPORT, SO_PASSCRED, SO_PASSSEC, 40, 41, 43)
          .flags(SO_LOCK_FILTER, 45, 69, 75, SO_PASSPIDFD, 82)
          .flagsOn(SO_PASSRIGHTS)
          .number(SO_PRIORITY, 0, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .number(SO_MARK, 0, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .number(SO_RCVLOWAT, 1, 1, Integer.MAX_VALUE)
          .shown(SO_SNDLOWAT, 1)
          .number(SO_PEEK_OFF, -1, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .number(46, 0, 0, Integer.MAX_VALUE)
          .shown(48, 64)
          .number(49, -1, Integer.MIN_VALUE, Integer.MAX_VALUE)
          .shown(56, 0)
          .number(SO_ZEROCOPY, 0, 0, 1)
          .number(62, 0, 0, Integer.MAX_VALUE)
          .number(72, 0, 0, 3)
          .number(SO_TXREHASH, 1, 0, 1);

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MICROSECOND = 1_000L;
  private static final long SECOND = 1_000_000_000L;
  private static final int MOST_FREE_PRIORITY = 6;
  private static final int DEVICE_NAME_BYTES = 16;
  private static final byte[] LOOPBACK = {'l', 'o', 0};

  private final boolean inet;
  private final boolean tcp;
  private final boolean unix;
  private final SysctlValues settings;
  private final OptionTable.Values values = new OptionTable.Values(TABLE);
  private int sendBuffer;
  private int receiveBuffer;
  private int lingerOn;
  private int lingerSeconds;
  private long receiveTimeout;
  private long sendTimeout;
  private long pacingRate = -1;
  private boolean boundToDevice;
  private final OptionMemory optionMemory;
  private @Nullable SocketFilter filter;

  /** The one of the options for timestamps that is on; zero for none. */
  private int timestamps;

  SocketOptions(int domain, int type) {
    this.inet = domain == SocketAddress.AF_INET || domain == SocketAddress.AF_INET6;
    this.tcp = inet && type == SocketFile.SOCK_STREAM;
    this.unix = domain == SocketAddress.AF_UNIX;
    this.settings = Loopback.settings();
    this.optionMemory = new OptionMemory(settings);
    this.sendBuffer = tcp ? TCP_SEND_BUFFER : settings.getInt(Sysctl.WMEM_DEFAULT);
    this.receiveBuffer = tcp ? TCP_RECEIVE_BUFFER : settings.getInt(Sysctl.RMEM_DEFAULT);
  }

  /** An int as an option's value. */
  public static byte[] ofInt(int value) {
    byte[] bytes = new byte[Integer.BYTES];
    INT.set(bytes, 0, value);
    return bytes;
  }

  private static byte[] ofLong(long value) {
    byte[] bytes = new byte[Long.BYTES];
    LONG.set(bytes, 0, value);
    return bytes;
  }

  /** The int of an option's value; EINVAL if it is too short. */
  public static int toInt(byte[] value) throws ErrnoException {
    if (value.length < Integer.BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return (int) INT.get(value, 0);
  }

  /** For the options that are on or off. */
  public synchronized boolean isSet(int option) {
    return values.getOrZero(option) != 0;
  }

  /** The option for timestamps that is on: SO_TIMESTAMP, SO_TIMESTAMPNS or their like; or zero. */
  public synchronized int timestamps() {
    return timestamps;
  }

  /** Nanoseconds that a receive may wait; 0 for ever, less for not at all. */
  public synchronized long receiveTimeout() {
    return receiveTimeout;
  }

  /** Nanoseconds that a send, a connect or an accept may wait; 0 for ever. */
  public synchronized long sendTimeout() {
    return sendTimeout;
  }

  /** How many bytes may wait to be read, if somebody has said so; otherwise the default. */
  public synchronized int receiveCapacity() {
    return bounded(tcp && !values.isSet(SO_RCVBUF) ? DEFAULT_BUFFER : receiveBuffer);
  }

  /** How many bytes may wait to be sent, beyond what the receiver takes. */
  public synchronized int sendCapacity() {
    return values.isSet(SO_SNDBUF) ? bounded(sendBuffer) : 0;
  }

  /** SO_SNDBUF. */
  public synchronized int sendBuffer() {
    return sendBuffer;
  }

  /** How many bytes of messages that it has sent may wait, as the sentry has room for. */
  public synchronized int messageCapacity() {
    return bounded(sendBuffer);
  }

  private static int bounded(int wanted) {
    int beyond = Math.min(Math.max(wanted - LARGE_BUFFER, 0), 2 * MOST_WANTED);
    return Math.min(wanted, LARGE_BUFFER) + beyond / LARGE_SHARE;
  }

  /** A TCP connection stands: the buffer has grown unless its size was set. */
  public synchronized void connected() {
    if (tcp && !values.isSet(SO_SNDBUF)) {
      sendBuffer = TCP_CONNECTED_BUFFER;
    }
  }

  /** Whether closing throws unsent data away and resets the connection (SO_LINGER with 0). */
  public synchronized boolean resetsOnClose() {
    return lingerOn != 0 && lingerSeconds == 0;
  }

  /** An accepted socket has its listener's options. */
  public synchronized void inherit(SocketOptions listener) {
    synchronized (listener) {
      values.copy(listener.values);
      sendBuffer = listener.sendBuffer;
      receiveBuffer = listener.receiveBuffer;
      lingerOn = listener.lingerOn;
      lingerSeconds = listener.lingerSeconds;
      receiveTimeout = listener.receiveTimeout;
      sendTimeout = listener.sendTimeout;
      pacingRate = listener.pacingRate;
      boundToDevice = listener.boundToDevice;
      timestamps = listener.timestamps;
    }
  }

  /** An accepted unix(7) socket asks for what its listener asks for beside the data. */
  public synchronized void inheritRequests(SocketOptions listener) {
    for (int option : new int[] {SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD, SO_PASSRIGHTS}) {
      values.put(option, listener.isSet(option) ? 1 : 0);
    }
  }

  /** ENOPROTOOPT for what is not kept here. */
  synchronized byte[] get(int option, int room) throws ErrnoException {
    return switch (option) {
      case SO_SNDBUF -> ofInt(sendBuffer);
      case SO_RCVBUF -> ofInt(receiveBuffer);
      case SO_LINGER -> {
        byte[] value = new byte[8];
        INT.set(value, 0, lingerOn);
        INT.set(value, 4, lingerSeconds);
        yield value;
      }
      case SO_BSDCOMPAT -> ofInt(0);
      case SO_RCVTIMEO, SO_RCVTIMEO_NEW -> timeval(receiveTimeout);
      case SO_SNDTIMEO, SO_SNDTIMEO_NEW -> timeval(sendTimeout);
      case SO_BINDTODEVICE -> device(room);
      case SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_NEW ->
          ofInt(timestamps == option ? 1 : 0);
      case SO_MAX_PACING_RATE -> ofLong(pacingRate);
      case SO_MEMINFO -> memory();
      case SO_NETNS_COOKIE -> {
        if (room < Long.BYTES) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        yield ofLong(1);
      }
      case SO_RESERVE_MEM -> ofInt(0);
      default -> {
        checkFamily(option);
        yield ofInt(values.get(option));
      }
    };
  }

  /** EOPNOTSUPP for what only another family has. */
  private void checkFamily(int option) throws ErrnoException {
    boolean missing =
        switch (option) {
          case SO_PASSPIDFD, SO_PASSRIGHTS -> !unix;
          case SO_PASSCRED, SO_PASSSEC -> inet;
          case SO_PEEK_OFF -> !unix && !inet;
          case SO_TXREHASH -> !tcp;
          default -> false;
        };
    if (missing) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  private byte[] device(int room) throws ErrnoException {
    if (!boundToDevice) {
      return new byte[0];
    }
    if (room < DEVICE_NAME_BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return LOOPBACK.clone();
  }

  /** SK_MEMINFO_RCVBUF and SK_MEMINFO_SNDBUF of nine numbers (sock_diag(7)). */
  private byte[] memory() {
    byte[] numbers = new byte[9 * Integer.BYTES];
    INT.set(numbers, Integer.BYTES, receiveBuffer);
    INT.set(numbers, 3 * Integer.BYTES, sendBuffer);
    return numbers;
  }

  private static byte[] timeval(long timeout) {
    long nanos = Math.max(timeout, 0);
    byte[] value = new byte[16];
    LONG.set(value, 0, nanos / SECOND);
    LONG.set(value, 8, nanos % SECOND / MICROSECOND);
    return value;
  }

  private static long nanos(byte[] value) throws ErrnoException {
    if (value.length < 16) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long seconds = (long) LONG.get(value, 0);
    long micros = (long) LONG.get(value, 8);
    if (micros < 0 || micros >= SECOND / MICROSECOND) {
      throw ErrnoException.of(Errno.EDOM);
    }
    return seconds < 0
        ? -1
        : Math.min(seconds, Long.MAX_VALUE / SECOND / 2) * SECOND + micros * MICROSECOND;
  }

  /** ENOPROTOOPT for what cannot be set. */
  synchronized void set(int option, byte[] value) throws ErrnoException {
    if (option == SO_BINDTODEVICE) {
      bindToDevice(value);
      return;
    }
    int number = toInt(value);
    switch (option) {
      case SO_SNDBUF, SO_SNDBUFFORCE -> {
        boolean forced = option == SO_SNDBUFFORCE;
        checkForce(forced);
        sendBuffer = Math.max(bufferSize(number, forced, Sysctl.WMEM_MAX), LEAST_SEND_BUFFER);
        values.put(SO_SNDBUF, 0);
      }
      case SO_RCVBUF, SO_RCVBUFFORCE -> {
        boolean forced = option == SO_RCVBUFFORCE;
        checkForce(forced);
        receiveBuffer = Math.max(bufferSize(number, forced, Sysctl.RMEM_MAX), LEAST_RECEIVE_BUFFER);
        values.put(SO_RCVBUF, 0);
      }
      case SO_LINGER -> {
        if (value.length < 8) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        lingerOn = number == 0 ? 0 : 1;
        lingerSeconds = lingerOn == 0 ? lingerSeconds : (int) INT.get(value, 4);
      }
      case SO_BSDCOMPAT -> {}
      case SO_RCVTIMEO, SO_RCVTIMEO_NEW -> receiveTimeout = nanos(value);
      case SO_SNDTIMEO, SO_SNDTIMEO_NEW -> sendTimeout = nanos(value);
      case SO_TIMESTAMP, SO_TIMESTAMPNS, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_NEW ->
          timestamps = number == 0 ? 0 : option;
      case SO_MAX_PACING_RATE ->
          pacingRate =
              value.length >= Long.BYTES
                  ? (long) LONG.get(value, 0)
                  : number == -1 ? -1 : Integer.toUnsignedLong(number);
      case SO_DETACH_FILTER -> setFilter(null);
      case SO_RESERVE_MEM -> throw ErrnoException.of(number < 0 ? Errno.EINVAL : Errno.EOPNOTSUPP);
      default -> setNumber(option, number);
    }
  }

  /** What a socket of datagrams receives; null for everything. */
  public synchronized @Nullable SocketFilter filter() {
    return filter;
  }

  /**
   * Attaches a filter, or detaches the present one.
   *
   * @throws ErrnoException EPERM if it is locked, ENOENT if there is none to detach, ENOMEM
   */
  synchronized void setFilter(@Nullable SocketFilter wanted) throws ErrnoException {
    checkFilterChange();
    checkCapable(wanted != null || filter != null, Errno.ENOENT);
    checkCapable(wanted == null || optionMemory.take(wanted.bytes()), Errno.ENOMEM);
    dropFilter();
    filter = wanted;
  }

  /** EPERM if the filter is locked. */
  synchronized void checkFilterChange() throws ErrnoException {
    checkCapable(values.getOrZero(SO_LOCK_FILTER) == 0, Errno.EPERM);
  }

  /** The socket is closed: nothing more is received. */
  public synchronized void dropFilter() {
    if (filter != null) {
      optionMemory.give(filter.bytes());
      filter = null;
    }
  }

  /** What is charged for what the options keep. */
  public OptionMemory optionMemory() {
    return optionMemory;
  }

  private void setNumber(int option, int number) throws ErrnoException {
    checkFamily(option);
    int wanted = number;
    switch (option) {
      case SO_DEBUG -> checkCapable(number == 0 || isCapable(Capability.NET_ADMIN), Errno.EACCES);
      case SO_REUSEPORT -> checkCapable(number == 0 || inet, Errno.EOPNOTSUPP);
      case SO_ZEROCOPY -> checkCapable(inet, Errno.EOPNOTSUPP);
      case SO_LOCK_FILTER ->
          checkCapable(number != 0 || values.getOrZero(SO_LOCK_FILTER) == 0, Errno.EPERM);
      case SO_PRIORITY ->
          checkCapable(number >= 0 && number <= MOST_FREE_PRIORITY || isNetworker(), Errno.EPERM);
      case SO_MARK -> checkCapable(isNetworker(), Errno.EPERM);
      case SO_RCVLOWAT -> wanted = number < 0 ? Integer.MAX_VALUE : Math.max(number, 1);
      case SO_TXREHASH -> wanted = number == -1 ? 1 : number;
      default -> {}
    }
    values.set(option, wanted);
  }

  private static void checkCapable(boolean holds, int errno) throws ErrnoException {
    if (!holds) {
      throw ErrnoException.of(errno);
    }
  }

  private static void checkForce(boolean forced) throws ErrnoException {
    checkCapable(!forced || isCapable(Capability.NET_ADMIN), Errno.EPERM);
  }

  static boolean isNetworker() {
    return isCapable(Capability.NET_RAW) || isCapable(Capability.NET_ADMIN);
  }

  private static boolean isCapable(int capability) {
    Task task = Task.current();
    return task != null && task.credentials().hasCapability(capability);
  }

  private void bindToDevice(byte[] value) throws ErrnoException {
    int length = 0;
    while (length < value.length && length < DEVICE_NAME_BYTES - 1 && value[length] != 0) {
      length++;
    }
    byte[] name = Arrays.copyOf(value, length + 1);
    name[length] = 0;
    if (length == 0) {
      boundToDevice = false;
    } else if (Arrays.equals(name, LOOPBACK)) {
      boundToDevice = true;
    } else {
      throw ErrnoException.of(Errno.ENODEV);
    }
  }

  /** The kernel doubles what is asked for, to pay for its own structures. */
  private int bufferSize(int wanted, boolean forced, Sysctl most) {
    return forced
        ? 2 * Math.clamp(wanted, 0, Integer.MAX_VALUE / 2)
        : 2 * (int) Math.min(Integer.toUnsignedLong(wanted), settings.get(most));
  }
}
