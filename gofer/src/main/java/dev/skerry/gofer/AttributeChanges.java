package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Limits;
import dev.skerry.goferproto.Request;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;
import java.nio.charset.StandardCharsets;

/** Sets attributes, and reads links. */
final class AttributeChanges {
  private static final long NANOSECONDS = 1_000_000_000;

  /** utimensat(2): leave the time as it is. */
  private static final long UTIME_OMIT = (1L << 30) - 2;

  private final HostFiles files;

  AttributeChanges(HostFiles files) {
    this.files = files;
  }

  Response set(Handle handle, FileRequest.SetAttributes request) throws RequestException {
    // chown(2) and truncate(2) drop set-ID bits, so the mode comes after them.
    if (request.uid() != -1 || request.gid() != -1) {
      HostFiles.changeOwner(handle.fd(), request.uid(), request.gid());
    }
    if (request.size() != Request.KEEP) {
      truncate(handle, request.size());
    }
    if (request.mode() != -1) {
      files.changeMode(handle.fd(), request.mode());
    }
    if (request.atime() != Request.KEEP || request.mtime() != Request.KEEP) {
      setTimes(handle, request.atime(), request.mtime());
    }
    return new Response.Status(HostFiles.attributes(handle.fd()));
  }

  private void truncate(Handle handle, long size) throws RequestException {
    if (size < 0 || handle.type() != Handle.S_IFREG) {
      throw new RequestException(Errno.EINVAL);
    }
    int fd = files.reopen(handle, HostFiles.O_WRONLY);
    try {
      HostFiles.check(Host.os().ftruncate(fd, size));
    } finally {
      Host.os().close(fd);
    }
  }

  private static void setTimes(Handle handle, long atime, long mtime) throws RequestException {
    HostFiles.check(
        Host.os()
            .utimensat(
                handle.fd(),
                "",
                Math.floorDiv(atime, NANOSECONDS),
                nanoseconds(atime),
                Math.floorDiv(mtime, NANOSECONDS),
                nanoseconds(mtime),
                HostFiles.AT_EMPTY_PATH));
  }

  private static long nanoseconds(long time) {
    return time == Request.KEEP ? UTIME_OMIT : Math.floorMod(time, NANOSECONDS);
  }

  String readLink(Handle handle) throws RequestException {
    if (handle.type() != Handle.S_IFLNK) {
      throw new RequestException(Errno.EINVAL);
    }
    byte[] target = new byte[Limits.TARGET];
    int length = HostFiles.check(Host.os().readlinkat(handle.fd(), "", target));
    return new String(target, 0, length, StandardCharsets.ISO_8859_1);
  }
}
