package dev.skerry.sentry.socket.inet;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.socket.OptionTable;
import dev.skerry.sentry.socket.SocketOptions;

/** The options of a transport protocol. Guarded by {@link InetOptions}. */
abstract class TransportOptions {
  /** What an option may tell of a connection. */
  interface Connection {
    /** The number of net/tcp_states.h. */
    int state();

    boolean isConnected();

    /** The largest packet of the network that the socket is in, in bytes. */
    int mtu();
  }

  final OptionTable.Values values;

  TransportOptions(OptionTable table) {
    this.values = new OptionTable.Values(table);
  }

  /** Whether options of the level are the protocol's own. */
  abstract boolean isLevel(int level);

  final boolean isSet(int name) {
    return values.getOrZero(name) != 0;
  }

  final void inherit(TransportOptions listener) {
    values.copy(listener.values);
  }

  byte[] get(int name, int room, Connection connection) throws ErrnoException {
    return SocketOptions.ofInt(values.get(name));
  }

  void set(int name, byte[] value) throws ErrnoException {
    values.set(name, SocketOptions.toInt(value));
  }
}
