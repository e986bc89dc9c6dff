package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.GroupLists;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.usermem.UserMemory;
import java.util.Arrays;

/** User and group ids (credentials(7)). As in the kernel, each call concerns the one thread. */
final class IdentitySyscalls {
  private static final int MOST_GROUPS = 65536;
  private static final int KEEP = -1;

  private IdentitySyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.GETUID, (task, args) -> shownUid(task, task.credentials().uid()));
    table.supported(Syscall.GETEUID, (task, args) -> shownUid(task, task.credentials().euid()));
    table.supported(Syscall.GETGID, (task, args) -> shownGid(task, task.credentials().gid()));
    table.supported(Syscall.GETEGID, (task, args) -> shownGid(task, task.credentials().egid()));
    table.supported(Syscall.SETUID, IdentitySyscalls::setuid);
    table.supported(Syscall.SETGID, IdentitySyscalls::setgid);
    table.supported(Syscall.SETREUID, IdentitySyscalls::setreuid);
    table.supported(Syscall.SETREGID, IdentitySyscalls::setregid);
    table.supported(Syscall.SETRESUID, IdentitySyscalls::setresuid);
    table.supported(Syscall.SETRESGID, IdentitySyscalls::setresgid);
    table.supported(Syscall.GETRESUID, IdentitySyscalls::getresuid);
    table.supported(Syscall.GETRESGID, IdentitySyscalls::getresgid);
    table.supported(Syscall.SETFSUID, IdentitySyscalls::setfsuid);
    table.supported(Syscall.SETFSGID, IdentitySyscalls::setfsgid);
    table.supported(Syscall.GETGROUPS, IdentitySyscalls::getgroups);
    table.supported(Syscall.SETGROUPS, IdentitySyscalls::setgroups);
    CapabilitySyscalls.register(table);
  }

  private static long shownUid(Task task, int uid) {
    return task.credentials().userNamespace().shownUid(uid) & 0xffff_ffffL;
  }

  private static long shownGid(Task task, int gid) {
    return task.credentials().userNamespace().shownGid(gid) & 0xffff_ffffL;
  }

  /** The sandbox's id for one that the guest gave; EINVAL if it is not mapped, -1 stays. */
  private static int user(Credentials who, int id) throws ErrnoException {
    return id == KEEP ? KEEP : mapped(who.userNamespace().uid(id));
  }

  private static int group(Credentials who, int id) throws ErrnoException {
    return id == KEEP ? KEEP : mapped(who.userNamespace().gid(id));
  }

  private static int mapped(int id) throws ErrnoException {
    if (id == -1) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return id;
  }

  private static long setUsers(Task task, int uid, int euid, int suid, int fsuid) {
    Credentials old = task.credentials();
    if (euid != old.euid() || fsuid != old.fsuid()) {
      task.setDumpable(false);
      task.setParentDeathSignal(0);
    }
    task.setCredentials(old.withUsers(uid, euid, suid, fsuid));
    return 0;
  }

  private static long setGroupIds(Task task, int gid, int egid, int sgid, int fsgid) {
    Credentials old = task.credentials();
    if (egid != old.egid() || fsgid != old.fsgid()) {
      task.setDumpable(false);
      task.setParentDeathSignal(0);
    }
    task.setCredentials(old.withGroupIds(gid, egid, sgid, fsgid));
    return 0;
  }

  static long setuid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    int uid = user(old, args.intAt(0));
    if (uid == KEEP) {
      return -Errno.EINVAL;
    }
    if (old.hasOwnCapability(Capability.SETUID)) {
      return setUsers(task, uid, uid, uid, uid);
    }
    if (uid != old.uid() && uid != old.suid()) {
      return -Errno.EPERM;
    }
    return setUsers(task, old.uid(), uid, old.suid(), uid);
  }

  static long setgid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    int gid = group(old, args.intAt(0));
    if (gid == KEEP) {
      return -Errno.EINVAL;
    }
    if (old.hasOwnCapability(Capability.SETGID)) {
      return setGroupIds(task, gid, gid, gid, gid);
    }
    if (gid != old.gid() && gid != old.sgid()) {
      return -Errno.EPERM;
    }
    return setGroupIds(task, old.gid(), gid, old.sgid(), gid);
  }

  static long setreuid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    int real = user(old, args.intAt(0));
    int effective = user(old, args.intAt(1));
    int uid = real == KEEP ? old.uid() : real;
    int euid = effective == KEEP ? old.euid() : effective;
    if (!old.hasOwnCapability(Capability.SETUID)) {
      boolean realOk = uid == old.uid() || uid == old.euid();
      boolean effectiveOk = euid == old.uid() || euid == old.euid() || euid == old.suid();
      if (!realOk || !effectiveOk) {
        return -Errno.EPERM;
      }
    }
    boolean saves = real != KEEP || (effective != KEEP && euid != old.uid());
    return setUsers(task, uid, euid, saves ? euid : old.suid(), euid);
  }

  static long setregid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    int real = group(old, args.intAt(0));
    int effective = group(old, args.intAt(1));
    int gid = real == KEEP ? old.gid() : real;
    int egid = effective == KEEP ? old.egid() : effective;
    if (!old.hasOwnCapability(Capability.SETGID)) {
      boolean realOk = gid == old.gid() || gid == old.egid();
      boolean effectiveOk = egid == old.gid() || egid == old.egid() || egid == old.sgid();
      if (!realOk || !effectiveOk) {
        return -Errno.EPERM;
      }
    }
    boolean saves = real != KEEP || (effective != KEEP && egid != old.gid());
    return setGroupIds(task, gid, egid, saves ? egid : old.sgid(), egid);
  }

  static long setresuid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    boolean any = old.hasOwnCapability(Capability.SETUID);
    int[] ids = new int[3];
    int[] present = {old.uid(), old.euid(), old.suid()};
    for (int i = 0; i < ids.length; i++) {
      int id = user(old, args.intAt(i));
      ids[i] = id == KEEP ? present[i] : id;
      if (!any && !contains(present, ids[i])) {
        return -Errno.EPERM;
      }
    }
    return setUsers(task, ids[0], ids[1], ids[2], ids[1]);
  }

  static long setresgid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials old = task.credentials();
    boolean any = old.hasOwnCapability(Capability.SETGID);
    int[] ids = new int[3];
    int[] present = {old.gid(), old.egid(), old.sgid()};
    for (int i = 0; i < ids.length; i++) {
      int id = group(old, args.intAt(i));
      ids[i] = id == KEEP ? present[i] : id;
      if (!any && !contains(present, ids[i])) {
        return -Errno.EPERM;
      }
    }
    return setGroupIds(task, ids[0], ids[1], ids[2], ids[1]);
  }

  private static boolean contains(int[] ids, int id) {
    for (int one : ids) {
      if (one == id) {
        return true;
      }
    }
    return false;
  }

  static long getresuid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials credentials = task.credentials();
    UserNamespace ids = credentials.userNamespace();
    return store(
        task.memory(),
        args,
        ids.shownUid(credentials.uid()),
        ids.shownUid(credentials.euid()),
        ids.shownUid(credentials.suid()));
  }

  static long getresgid(Task task, SyscallArgs args) throws ErrnoException {
    Credentials credentials = task.credentials();
    UserNamespace ids = credentials.userNamespace();
    return store(
        task.memory(),
        args,
        ids.shownGid(credentials.gid()),
        ids.shownGid(credentials.egid()),
        ids.shownGid(credentials.sgid()));
  }

  private static long store(UserMemory memory, SyscallArgs args, int... ids) throws ErrnoException {
    for (int i = 0; i < ids.length; i++) {
      memory.writeInt(args.addressAt(i), ids[i]);
    }
    return 0;
  }

  static long setfsuid(Task task, SyscallArgs args) {
    Credentials old = task.credentials();
    int wanted = old.userNamespace().uid(args.intAt(0));
    boolean allowed =
        old.hasOwnCapability(Capability.SETUID)
            || wanted == old.uid()
            || wanted == old.euid()
            || wanted == old.suid()
            || wanted == old.fsuid();
    if (allowed && wanted != KEEP && wanted != old.fsuid()) {
      setUsers(task, old.uid(), old.euid(), old.suid(), wanted);
    }
    return shownUid(task, old.fsuid());
  }

  static long setfsgid(Task task, SyscallArgs args) {
    Credentials old = task.credentials();
    int wanted = old.userNamespace().gid(args.intAt(0));
    boolean allowed =
        old.hasOwnCapability(Capability.SETGID)
            || wanted == old.gid()
            || wanted == old.egid()
            || wanted == old.sgid()
            || wanted == old.fsgid();
    if (allowed && wanted != KEEP && wanted != old.fsgid()) {
      setGroupIds(task, old.gid(), old.egid(), old.sgid(), wanted);
    }
    return shownGid(task, old.fsgid());
  }

  static long getgroups(Task task, SyscallArgs args) throws ErrnoException {
    int size = args.intAt(0);
    int[] groups = task.credentials().groups();
    if (size < 0) {
      return -Errno.EINVAL;
    }
    if (size > 0) {
      if (groups.length > size) {
        return -Errno.EINVAL;
      }
      StructWriter out = new StructWriter(4 * groups.length);
      for (int i = 0; i < groups.length; i++) {
        out.putInt(4 * i, (int) shownGid(task, groups[i]));
      }
      out.copyOut(task.memory(), args.addressAt(1));
    }
    return groups.length;
  }

  static long setgroups(Task task, SyscallArgs args) throws ErrnoException {
    int size = args.intAt(0);
    Credentials old = task.credentials();
    if (!old.hasOwnCapability(Capability.SETGID) || !old.userNamespace().maySetGroups()) {
      return -Errno.EPERM;
    }
    if (size < 0 || size > MOST_GROUPS) {
      return -Errno.EINVAL;
    }
    StructReader in = new StructReader(task.memory().readBytes(args.addressAt(1), 4 * size));
    int[] groups = new int[size];
    for (int i = 0; i < size; i++) {
      groups[i] = mapped(old.userNamespace().gid(in.intAt(4 * i)));
    }
    // In the order of getgroups(2): kernel/groups.c sorts them.
    Arrays.sort(groups);
    if (!GroupLists.keep(groups)) {
      return -Errno.ENOMEM;
    }
    task.setCredentials(old.withGroups(groups));
    return 0;
  }
}
