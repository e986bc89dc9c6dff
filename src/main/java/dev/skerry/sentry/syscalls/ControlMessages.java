package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.socket.Ancillary;
import dev.skerry.sentry.socket.SocketFile;
import dev.skerry.sentry.socket.SocketOptions;
import dev.skerry.sentry.vfs.OpenFileDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The control messages of AF_UNIX in guest memory (cmsg(3), unix(7)). */
final class ControlMessages {
  private static final int HEADER = ControlWriter.HEADER;
  private static final int SCM_RIGHTS = 1;
  private static final int SCM_CREDENTIALS = 2;
  private static final int UCRED_BYTES = 12;

  /** net.core.optmem_max. */
  private static final int MOST_BYTES = 131072;

  private ControlMessages() {}

  /**
   * Reads what a sender adds; the files' references are the result's.
   *
   * @throws ErrnoException EINVAL, EBADF, EPERM for another's identity, ETOOMANYREFS, ENOBUFS
   */
  static Ancillary read(Task task, long address, long length) throws ErrnoException {
    if (address == 0 || length == 0) {
      return Ancillary.NONE;
    }
    if (length < 0 || length > MOST_BYTES) {
      throw ErrnoException.of(Errno.ENOBUFS);
    }
    StructReader bytes = new StructReader(task.memory().readBytes(address, (int) length));
    List<OpenFileDescription> files = new ArrayList<>();
    Ancillary.Sender sender = null;
    try {
      int at = 0;
      while (length - at >= HEADER) {
        long size = bytes.longAt(at);
        if (size < HEADER || size > length - at) {
          throw ErrnoException.of(Errno.EINVAL);
        }
        if (bytes.intAt(at + 8) == SocketOptions.SOL_SOCKET) {
          int data = (int) size - HEADER;
          switch (bytes.intAt(at + 12)) {
            case SCM_RIGHTS -> addFiles(task, bytes, at + HEADER, data / Integer.BYTES, files);
            case SCM_CREDENTIALS -> {
              if (data != UCRED_BYTES) {
                throw ErrnoException.of(Errno.EINVAL);
              }
              sender = sender(task, bytes, at + HEADER);
            }
            default -> throw ErrnoException.of(Errno.EINVAL);
          }
        }
        at += ControlWriter.align((int) size);
      }
      return new Ancillary(List.copyOf(files), sender);
    } catch (ErrnoException e) {
      files.forEach(OpenFileDescription::drop);
      throw e;
    }
  }

  private static void addFiles(
      Task task, StructReader bytes, int at, int count, List<OpenFileDescription> files)
      throws ErrnoException {
    if (files.size() + count > Ancillary.MOST_FILES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    for (int i = 0; i < count; i++) {
      OpenFileDescription file = task.files().acquire(bytes.intAt(at + Integer.BYTES * i));
      if (file == null) {
        throw ErrnoException.of(Errno.EBADF);
      }
      files.add(file);
    }
  }

  private static Ancillary.Sender sender(Task task, StructReader bytes, int at)
      throws ErrnoException {
    Credentials own = task.credentials();
    UserNamespace ids = own.userNamespace();
    Ancillary.Sender sender =
        new Ancillary.Sender(
            task.pidNamespace().id(bytes.intAt(at)),
            ids.uid(bytes.intAt(at + 4)),
            ids.gid(bytes.intAt(at + 8)));
    if (sender.uid() == -1 || sender.gid() == -1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean pid =
        sender.pid() == task.group().tgid()
            || own.hasCapability(task.pidNamespace().owner(), Capability.SYS_ADMIN);
    boolean uid =
        sender.uid() == own.uid()
            || sender.uid() == own.euid()
            || sender.uid() == own.suid()
            || own.hasOwnCapability(Capability.SETUID);
    boolean gid =
        sender.gid() == own.gid()
            || sender.gid() == own.egid()
            || sender.gid() == own.sgid()
            || own.hasOwnCapability(Capability.SETGID);
    if (!pid || !uid || !gid) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (task.kernel().tasks().find(sender.pid()) == null) {
      throw ErrnoException.of(Errno.ESRCH);
    }
    return sender;
  }

  /**
   * Writes what was received, as far as it fits; files get descriptors, and those for which there
   * is no room are dropped.
   */
  static void write(
      Task task, SocketFile socket, Ancillary ancillary, ControlWriter out, boolean closeOnExec)
      throws ErrnoException {
    if (socket.options().isSet(SocketOptions.SO_PASSCRED)) {
      out.put(SocketOptions.SOL_SOCKET, SCM_CREDENTIALS, credentials(task, ancillary.sender()));
    }
    if (ancillary.files().isEmpty()) {
      return;
    }
    long room = (out.left() - ControlWriter.HEADER) / Integer.BYTES;
    int fits = Math.clamp(room, 0, Ancillary.MOST_FILES);
    List<Integer> numbers = install(task, ancillary.files(), fits, closeOnExec);
    if (numbers.size() < ancillary.files().size()) {
      out.truncated();
    }
    if (!numbers.isEmpty()) {
      StructWriter data = new StructWriter(Integer.BYTES * numbers.size());
      for (int i = 0; i < numbers.size(); i++) {
        data.putInt(Integer.BYTES * i, numbers.get(i));
      }
      out.put(SocketOptions.SOL_SOCKET, SCM_RIGHTS, data.bytes());
    }
  }

  /** struct ucred, as the receiver sees the sender. */
  private static byte[] credentials(Task task, Ancillary.@Nullable Sender sender) {
    UserNamespace ids = task.credentials().userNamespace();
    int nobody = UserNamespace.OVERFLOW_ID;
    return new StructWriter(UCRED_BYTES)
        .putInt(0, sender == null ? 0 : task.pidNamespace().number(sender.pid()))
        .putInt(4, sender == null ? nobody : ids.shownUid(sender.uid()))
        .putInt(8, sender == null ? nobody : ids.shownGid(sender.gid()))
        .bytes();
  }

  /** Takes over every file: the first get descriptors, the others are dropped. */
  private static List<Integer> install(
      Task task, List<OpenFileDescription> files, int most, boolean closeOnExec) {
    List<Integer> numbers = new ArrayList<>();
    boolean full = false;
    for (OpenFileDescription file : files) {
      long fd = full || numbers.size() >= most ? -1 : task.files().install(file, closeOnExec, 0);
      if (full || numbers.size() >= most) {
        file.drop();
      } else if (fd < 0) {
        full = true;
      } else {
        numbers.add((int) fd);
      }
    }
    return numbers;
  }
}
