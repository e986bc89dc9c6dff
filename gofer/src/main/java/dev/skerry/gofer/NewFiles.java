package dev.skerry.gofer;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Attributes;
import dev.skerry.goferproto.Found;
import dev.skerry.goferproto.NameRequest;
import dev.skerry.goferproto.RequestException;
import dev.skerry.goferproto.Response;
import dev.skerry.hostos.Host;

/** Makes files: whole, with their owner and mode, or not at all. */
final class NewFiles {
  private static final int PERMISSIONS = 07777;

  private final HostFiles files;

  NewFiles(HostFiles files) {
    this.files = files;
  }

  /**
   * @param donations gets the file's descriptor
   */
  Response create(Handle directory, NameRequest.Create request, Donations donations)
      throws RequestException {
    directory.requireWritableDirectory();
    int flags = HostFiles.O_RDWR | HostFiles.O_CREAT | HostFiles.O_EXCL | HostFiles.O_NOCTTY;
    int mode = request.mode() & PERMISSIONS;
    int fd = HostFiles.openIn(directory.fd(), request.name(), flags, mode);
    donations.add(fd);
    try {
      settle(fd, request.uid(), request.gid(), mode);
      Found file = files.add(files.reopen(fd, HostFiles.O_PATH), directory.mount());
      return new Response.Created(file, HostFiles.attributes(directory.fd()));
    } catch (RequestException e) {
      undo(directory, request.name(), 0);
      throw e;
    }
  }

  /**
   * @param donations gets the file's descriptor
   */
  Response createTemporary(
      Handle directory, NameRequest.CreateTemporary request, Donations donations)
      throws RequestException {
    directory.requireWritableDirectory();
    int mode = request.mode() & PERMISSIONS;
    int fd =
        HostFiles.check(
            Host.os()
                .openat2(directory.fd(), ".", HostFiles.O_RDWR | HostFiles.O_TMPFILE, mode, 0));
    donations.add(fd);
    settle(fd, request.uid(), request.gid(), mode);
    Found file = files.add(files.reopen(fd, HostFiles.O_PATH), directory.mount());
    return new Response.Attached(file);
  }

  Response makeDirectory(Handle directory, NameRequest.MakeDirectory request)
      throws RequestException {
    directory.requireWritableDirectory();
    int mode = request.mode() & PERMISSIONS;
    HostFiles.check(Host.os().mkdirat(directory.fd(), request.name(), mode));
    return finish(
        directory, request.name(), new Owner(request.uid(), request.gid()), Handle.S_IFDIR | mode);
  }

  Response makeNode(Handle directory, NameRequest.MakeNode request) throws RequestException {
    directory.requireWritableDirectory();
    int type = request.mode() & Handle.S_IFMT;
    if (type != Handle.S_IFIFO && type != Handle.S_IFSOCK && type != Handle.S_IFREG) {
      throw new RequestException(Errno.EPERM);
    }
    int mode = type | request.mode() & PERMISSIONS;
    HostFiles.check(Host.os().mknodat(directory.fd(), request.name(), mode, 0));
    return finish(directory, request.name(), new Owner(request.uid(), request.gid()), mode);
  }

  Response makeSymlink(Handle directory, NameRequest.MakeSymlink request) throws RequestException {
    directory.requireWritableDirectory();
    HostFiles.check(Host.os().symlinkat(request.target(), directory.fd(), request.name()));
    return finish(
        directory, request.name(), new Owner(request.uid(), request.gid()), Handle.S_IFLNK | 0777);
  }

  /** Who a new file belongs to. */
  private record Owner(int uid, int gid) {}

  /**
   * @param mode with the type bits
   */
  private Response finish(Handle directory, String name, Owner owner, int mode)
      throws RequestException {
    int type = mode & Handle.S_IFMT;
    int fd = -1;
    try {
      fd = HostFiles.openIn(directory.fd(), name, HostFiles.O_PATH, 0);
      if ((HostFiles.attributes(fd).mode() & Handle.S_IFMT) != type) {
        throw new RequestException(Errno.ENOENT);
      }
      settle(fd, owner.uid(), owner.gid(), type == Handle.S_IFLNK ? -1 : mode & PERMISSIONS);
      int taken = fd;
      fd = -1;
      Found file = files.add(taken, directory.mount());
      return new Response.Created(file, HostFiles.attributes(directory.fd()));
    } catch (RequestException e) {
      if (fd >= 0) {
        Host.os().close(fd);
      }
      undo(directory, name, type == Handle.S_IFDIR ? HostFiles.AT_REMOVEDIR : 0);
      throw e;
    }
  }

  /**
   * Sets owner and mode where the host chose others: its own ids, a default ACL, a set-ID bit.
   *
   * @param mode the 07777 bits, or -1 to leave it
   */
  private void settle(int fd, int uid, int gid, int mode) throws RequestException {
    Attributes now = HostFiles.attributes(fd);
    boolean owned = now.uid() == uid && now.gid() == gid;
    if (!owned) {
      HostFiles.changeOwner(fd, uid, gid);
    }
    int setId = mode & 06000;
    if (mode >= 0 && ((now.mode() & PERMISSIONS) != mode || (!owned && setId != 0))) {
      files.changeMode(fd, mode);
    }
  }

  private static void undo(Handle directory, String name, int flags) {
    Host.os().unlinkat(directory.fd(), name, flags);
  }
}
