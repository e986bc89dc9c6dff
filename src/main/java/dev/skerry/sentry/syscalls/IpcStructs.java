package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.ipc.IpcObject;
import dev.skerry.sentry.kernel.Task;

/** What the three kinds of System V objects have in common at the border (svipc(7)). */
final class IpcStructs {
  static final int IPC_RMID = 0;
  static final int IPC_SET = 1;
  static final int IPC_STAT = 2;
  static final int IPC_INFO = 3;

  /** Older programs set it; all structs are of the new kind on x86-64. */
  static final int IPC_64 = 0x100;

  static final int READ = 0444;
  static final int WRITE = 0222;

  private IpcStructs() {}

  static long seconds(Task task) {
    return task.kernel().clock().realtime() / Times.SECOND;
  }

  /** struct ipc64_perm at the beginning of a struct. */
  static StructWriter putPermissions(Task task, StructWriter struct, IpcObject object) {
    IpcObject.Permissions permissions = object.permissions();
    UserNamespace ids = task.credentials().userNamespace();
    return struct
        .putInt(0, permissions.key())
        .putInt(4, ids.shownUid(permissions.uid()))
        .putInt(8, ids.shownGid(permissions.gid()))
        .putInt(12, ids.shownUid(permissions.creatorUid()))
        .putInt(16, ids.shownGid(permissions.creatorGid()))
        .putInt(20, permissions.mode())
        .putShort(24, permissions.sequence());
  }

  /** IPC_SET's part that all kinds share. */
  static void setOwner(Task task, IpcObject object, StructReader struct) throws ErrnoException {
    UserNamespace ids = task.credentials().userNamespace();
    int uid = ids.uid(struct.intAt(4));
    int gid = ids.gid(struct.intAt(8));
    if (uid == -1 || gid == -1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    object.setOwner(uid, gid, struct.intAt(20), seconds(task));
  }

  static StructReader read(Task task, long address, int size) throws ErrnoException {
    return new StructReader(task.memory().readBytes(address, size));
  }
}
