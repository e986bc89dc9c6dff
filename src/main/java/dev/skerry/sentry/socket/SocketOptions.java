package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The options of level SOL_SOCKET (socket(7)). Its monitor guards all. */
public final class SocketOptions {
  public static final int SOL_SOCKET = 1;

  /** net.core.rmem_default and wmem_default. */
  public static final int DEFAULT_BUFFER = 212992;

  /** The largest buffer: twice net.core.wmem_max. */
  public static final int MOST_BUFFER = 2 * DEFAULT_BUFFER;

  private static final int LEAST_BUFFER = 4608;

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
  public static final int SO_REUSEPORT = 15;
  public static final int SO_PASSCRED = 16;
  public static final int SO_PEERCRED = 17;
  public static final int SO_RCVLOWAT = 18;
  public static final int SO_SNDLOWAT = 19;
  public static final int SO_RCVTIMEO = 20;
  public static final int SO_SNDTIMEO = 21;
  public static final int SO_BINDTODEVICE = 25;
  public static final int SO_TIMESTAMP = 29;
  public static final int SO_ACCEPTCONN = 30;
  public static final int SO_PEERSEC = 31;
  public static final int SO_SNDBUFFORCE = 32;
  public static final int SO_RCVBUFFORCE = 33;
  public static final int SO_PASSSEC = 34;
  public static final int SO_MARK = 36;
  public static final int SO_PROTOCOL = 38;
  public static final int SO_DOMAIN = 39;
  public static final int SO_PEERGROUPS = 59;
  public static final int SO_ZEROCOPY = 60;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long MICROSECOND = 1_000L;
  private static final long SECOND = 1_000_000_000L;

  private final Map<Integer, Integer> flags = new HashMap<>();
  private int sendBuffer = DEFAULT_BUFFER;
  private int receiveBuffer = DEFAULT_BUFFER;
  private int lingerOn;
  private int lingerSeconds;
  private long receiveTimeout;
  private long sendTimeout;

  /** An int as an option's value. */
  public static byte[] ofInt(int value) {
    byte[] bytes = new byte[Integer.BYTES];
    INT.set(bytes, 0, value);
    return bytes;
  }

  /** The int of an option's value; EINVAL if it is too short. */
  public static int toInt(byte[] value) throws ErrnoException {
    if (value.length < Integer.BYTES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return (int) INT.get(value, 0);
  }

  public synchronized boolean isSet(int option) {
    return flags.getOrDefault(option, 0) != 0;
  }

  /** Nanoseconds that a receive may wait; 0 for ever. */
  public synchronized long receiveTimeout() {
    return receiveTimeout;
  }

  /** Nanoseconds that a send, a connect or an accept may wait; 0 for ever. */
  public synchronized long sendTimeout() {
    return sendTimeout;
  }

  public synchronized int sendBuffer() {
    return sendBuffer;
  }

  public synchronized int receiveBuffer() {
    return receiveBuffer;
  }

  /** Whether closing throws unsent data away and resets the connection (SO_LINGER with 0). */
  public synchronized boolean resetsOnClose() {
    return lingerOn != 0 && lingerSeconds == 0;
  }

  /** ENOPROTOOPT for what is not kept here. */
  public synchronized byte[] get(int option) throws ErrnoException {
    return switch (option) {
      case SO_DEBUG,
          SO_REUSEADDR,
          SO_DONTROUTE,
          SO_BROADCAST,
          SO_KEEPALIVE,
          SO_OOBINLINE,
          SO_NO_CHECK,
          SO_PRIORITY,
          SO_REUSEPORT,
          SO_PASSCRED,
          SO_TIMESTAMP,
          SO_PASSSEC,
          SO_MARK,
          SO_ZEROCOPY ->
          ofInt(flags.getOrDefault(option, 0));
      case SO_SNDBUF -> ofInt(sendBuffer);
      case SO_RCVBUF -> ofInt(receiveBuffer);
      case SO_RCVLOWAT, SO_SNDLOWAT -> ofInt(flags.getOrDefault(option, 1));
      case SO_LINGER -> {
        byte[] value = new byte[8];
        INT.set(value, 0, lingerOn);
        INT.set(value, 4, lingerSeconds);
        yield value;
      }
      case SO_RCVTIMEO -> timeval(receiveTimeout);
      case SO_SNDTIMEO -> timeval(sendTimeout);
      case SO_BINDTODEVICE -> new byte[0];
      default -> throw ErrnoException.of(Errno.ENOPROTOOPT);
    };
  }

  private static byte[] timeval(long nanos) {
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
        ? 0
        : Math.min(seconds, Long.MAX_VALUE / SECOND / 2) * SECOND + micros * MICROSECOND;
  }

  /** ENOPROTOOPT for what cannot be set. */
  public synchronized void set(int option, byte[] value) throws ErrnoException {
    switch (option) {
      case SO_DEBUG,
          SO_REUSEADDR,
          SO_DONTROUTE,
          SO_BROADCAST,
          SO_KEEPALIVE,
          SO_OOBINLINE,
          SO_NO_CHECK,
          SO_REUSEPORT,
          SO_PASSCRED,
          SO_TIMESTAMP,
          SO_PASSSEC,
          SO_ZEROCOPY ->
          flags.put(option, toInt(value) == 0 ? 0 : 1);
      case SO_PRIORITY, SO_MARK -> flags.put(option, toInt(value));
      case SO_RCVLOWAT -> flags.put(option, Math.max(toInt(value), 1));
      case SO_SNDBUF, SO_SNDBUFFORCE -> sendBuffer = bufferSize(toInt(value));
      case SO_RCVBUF, SO_RCVBUFFORCE -> receiveBuffer = bufferSize(toInt(value));
      case SO_LINGER -> {
        if (value.length < 8) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        lingerOn = (int) INT.get(value, 0) == 0 ? 0 : 1;
        lingerSeconds = (int) INT.get(value, 4);
      }
      case SO_RCVTIMEO -> receiveTimeout = nanos(value);
      case SO_SNDTIMEO -> sendTimeout = nanos(value);
      default -> throw ErrnoException.of(Errno.ENOPROTOOPT);
    }
  }

  /** The kernel doubles what is asked for, to pay for its own structures. */
  private static int bufferSize(int wanted) {
    long doubled = 2L * Math.min(Integer.toUnsignedLong(wanted), DEFAULT_BUFFER);
    return (int) Math.max(doubled, LEAST_BUFFER);
  }
}
