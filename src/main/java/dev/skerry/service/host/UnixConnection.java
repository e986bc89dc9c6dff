package dev.skerry.service.host;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;

/**
 * A connection to a unix socket. One thread may read while another writes; {@link #close} wakes
 * both.
 *
 * <p>Both block in the host's C library, which holds the carrier of a virtual thread: use platform
 * threads.
 */
public final class UnixConnection implements Closeable {
  /** What an address holds (unix(7)), with its NUL. */
  private static final int MOST_ADDRESS = 108;

  private final UnixSocketChannel channel;

  private UnixConnection(UnixSocketChannel channel) {
    this.channel = channel;
  }

  /** Connects to a socket in a directory, however long the directory's path is. */
  public static UnixConnection open(Path directory, String name) throws IOException {
    String path = directory.resolve(name).toString();
    if (path.getBytes(StandardCharsets.UTF_8).length < MOST_ADDRESS) {
      return new UnixConnection(UnixSocketChannel.open(new UnixSocketAddress(path)));
    }
    int fd = Machine.openDirectory(directory.toString());
    if (fd < 0) {
      throw new IOException("no directory " + directory);
    }
    try {
      String shorter = "/proc/self/fd/" + fd + "/" + name;
      return new UnixConnection(UnixSocketChannel.open(new UnixSocketAddress(shorter)));
    } finally {
      Machine.close(fd);
    }
  }

  /** Fills the buffer. Returns false if the peer has closed before the first byte. */
  public boolean readFully(ByteBuffer buffer) throws IOException {
    int before = buffer.position();
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        if (buffer.position() == before) {
          return false;
        }
        throw new IOException("the connection ended within a message");
      }
    }
    return true;
  }

  public void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  @Override
  public void close() throws IOException {
    // close(2) alone leaves a thread blocked in read(2).
    try {
      channel.shutdownInput();
      channel.shutdownOutput();
    } finally {
      channel.close();
    }
  }
}
