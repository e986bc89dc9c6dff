package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import java.util.Arrays;

/**
 * Extended attributes of the {@code user} namespace (xattr(7)). The others would give rights on the
 * host, so they are not served.
 */
final class ExtendedAttributes {
  private static final String PREFIX = "user.";

  private final HostFiles files;

  ExtendedAttributes(HostFiles files) {
    this.files = files;
  }

  private static void requireServed(String name) throws RequestException {
    if (!name.startsWith(PREFIX)) {
      throw new RequestException(Errno.EOPNOTSUPP);
    }
  }

  Response get(Handle handle, String name) throws RequestException {
    requireServed(name);
    int fd = files.reopen(handle, HostFiles.O_RDONLY);
    try {
      byte[] value = new byte[Limits.XATTR];
      int length = Host.os().fgetxattr(fd, name, value);
      return new Response.Value(
          Arrays.copyOf(value, HostFiles.check(length == -Errno.ERANGE ? -Errno.E2BIG : length)));
    } finally {
      Host.os().close(fd);
    }
  }

  Response set(Handle handle, FileRequest.SetXattr request) throws RequestException {
    requireServed(request.name());
    handle.requireWritable();
    int fd = files.reopen(handle, HostFiles.O_RDONLY);
    try {
      HostFiles.check(Host.os().fsetxattr(fd, request.name(), request.value(), request.flags()));
      return new Response.Status(HostFiles.attributes(fd));
    } finally {
      Host.os().close(fd);
    }
  }

  Response remove(Handle handle, String name) throws RequestException {
    requireServed(name);
    handle.requireWritable();
    int fd = files.reopen(handle, HostFiles.O_RDONLY);
    try {
      HostFiles.check(Host.os().fremovexattr(fd, name));
      return new Response.Status(HostFiles.attributes(fd));
    } finally {
      Host.os().close(fd);
    }
  }

  /** All names, with a NUL after each. */
  Response list(Handle handle) throws RequestException {
    int fd = files.reopen(handle, HostFiles.O_RDONLY);
    try {
      byte[] names = new byte[Limits.XATTR];
      int length = Host.os().flistxattr(fd, names);
      if (length == -Errno.EOPNOTSUPP) {
        length = 0;
      }
      return new Response.Value(
          Arrays.copyOf(names, HostFiles.check(length == -Errno.ERANGE ? -Errno.E2BIG : length)));
    } finally {
      Host.os().close(fd);
    }
  }
}
