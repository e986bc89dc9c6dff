package dev.skerry.sentry.socket.unix;

import dev.skerry.sentry.socket.SocketAddress;
import dev.skerry.sentry.vfs.Inode;

/** What stream and datagram sockets of AF_UNIX have in common: a name that may be a file's. */
public interface UnixSocket {
  /** What /proc/net/unix tells (proc_pid_net(5)). */
  record Row(int type, boolean listens, boolean isConnected, long inode, SocketAddress.Unix name) {}

  Row row();

  /** The present name. */
  SocketAddress.Unix name();

  /** Gives the socket the name of a file of type S_IFSOCK that was just made for it. */
  void bindTo(SocketAddress.Unix path, Inode file);
}
