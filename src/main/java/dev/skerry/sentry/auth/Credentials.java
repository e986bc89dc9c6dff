package dev.skerry.sentry.auth;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.landlock.Domain;
import org.jspecify.annotations.Nullable;

/**
 * Who a task is (credentials(7), capabilities(7)).
 *
 * <p>Ids are those of the sandbox's first user namespace, see {@link UserNamespace}.
 *
 * @param groups supplementary group ids; never changed after construction
 * @param userNamespace where the capabilities count
 * @param domain what tasks have forbidden themselves (landlock(7)); null for nothing
 */
public record Credentials(
    Ids users,
    Ids groupIds,
    int[] groups,
    CapabilitySets capabilities,
    int securebits,
    boolean noNewPrivileges,
    UserNamespace userNamespace,
    @Nullable Domain domain) {
  /** Full root of the sandbox, as the sentry itself acts. */
  public static final Credentials ROOT =
      new Credentials(
          Ids.of(0),
          Ids.of(0),
          new int[0],
          CapabilitySets.ALL,
          0,
          false,
          UserNamespace.INITIAL,
          null);

  public int uid() {
    return users.real();
  }

  public int euid() {
    return users.effective();
  }

  public int suid() {
    return users.saved();
  }

  public int fsuid() {
    return users.fs();
  }

  public int gid() {
    return groupIds.real();
  }

  public int egid() {
    return groupIds.effective();
  }

  public int sgid() {
    return groupIds.saved();
  }

  public int fsgid() {
    return groupIds.fs();
  }

  public long permitted() {
    return capabilities.permitted();
  }

  public long effective() {
    return capabilities.effective();
  }

  public long inheritable() {
    return capabilities.inheritable();
  }

  public long bounding() {
    return capabilities.bounding();
  }

  public long ambient() {
    return capabilities.ambient();
  }

  /**
   * Whether the capability, a number of {@link Capability}, is there over the sandbox as a whole:
   * for what no other user namespace owns. Linux: capable().
   */
  public boolean hasCapability(int capability) {
    return userNamespace == UserNamespace.INITIAL && (effective() & (1L << capability)) != 0;
  }

  /** Whether the capability is there in the user namespace of one's own. */
  public boolean hasOwnCapability(int capability) {
    return (effective() & (1L << capability)) != 0;
  }

  /** Whether the capability is there over what the user namespace owns. Linux: ns_capable(). */
  public boolean hasCapability(UserNamespace over, int capability) {
    UserNamespace at = over;
    while (at != userNamespace) {
      UserNamespace parent = at.parent();
      if (parent == null || at.level() <= userNamespace.level()) {
        return false;
      }
      if (parent == userNamespace && at.ownerUid() == euid()) {
        return true;
      }
      at = parent;
    }
    return hasOwnCapability(capability);
  }

  /** Whether ids may be chosen in a namespace. Linux: checkpoint_restore_ns_capable(). */
  public boolean mayRestore(UserNamespace owner) {
    return hasCapability(owner, Capability.CHECKPOINT_RESTORE)
        || hasCapability(owner, Capability.SYS_ADMIN);
  }

  /**
   * Whether the capability is there over a file: its owner and group must be mapped in the user
   * namespace. Linux: capable_wrt_inode_uidgid().
   */
  public boolean hasCapabilityOver(int fileUid, int fileGid, int capability) {
    return hasOwnCapability(capability)
        && userNamespace.hasUid(fileUid)
        && userNamespace.hasGid(fileGid);
  }

  /** The sandbox's id for user 0 of the user namespace; -1 if none is mapped. */
  private int rootUid() {
    return userNamespace.uid(0);
  }

  /** Whether the group is the file-system group or a supplementary one. */
  public boolean inGroup(int group) {
    if (fsgid() == group) {
      return true;
    }
    for (int supplementary : groups) {
      if (supplementary == group) {
        return true;
      }
    }
    return false;
  }

  /** Securebits of capabilities(7): root gets no capabilities. */
  public static final int SECBIT_NOROOT = 1;

  /** Capability sets do not follow changes of user ids. */
  public static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;

  /** Permitted capabilities survive giving up root. */
  public static final int SECBIT_KEEP_CAPS = 1 << 4;

  /** Ambient capabilities cannot be raised. */
  public static final int SECBIT_NO_CAP_AMBIENT_RAISE = 1 << 6;

  private static final long FILE_CAPABILITIES =
      (1L << Capability.CHOWN)
          | (1L << Capability.DAC_OVERRIDE)
          | (1L << Capability.DAC_READ_SEARCH)
          | (1L << Capability.FOWNER)
          | (1L << Capability.FSETID)
          | (1L << Capability.LINUX_IMMUTABLE)
          | (1L << Capability.MKNOD)
          | (1L << Capability.MAC_OVERRIDE);

  private Credentials with(
      Ids newUsers, Ids newGroupIds, CapabilitySets newCapabilities, int bits) {
    return new Credentials(
        newUsers,
        newGroupIds,
        groups,
        newCapabilities,
        bits,
        noNewPrivileges,
        userNamespace,
        domain);
  }

  /** Other user ids, with the capabilities that then remain (capabilities(7)). */
  public Credentials withUsers(int newUid, int newEuid, int newSuid, int newFsuid) {
    long newPermitted = permitted();
    long newEffective = effective();
    long newAmbient = ambient();
    if ((securebits & SECBIT_NO_SETUID_FIXUP) == 0) {
      int root = rootUid();
      boolean wasRoot = root != -1 && (uid() == root || euid() == root || suid() == root);
      boolean isRoot = newUid == root || newEuid == root || newSuid == root;
      if (wasRoot && !isRoot) {
        if ((securebits & SECBIT_KEEP_CAPS) == 0) {
          newPermitted = 0;
          newEffective = 0;
        }
        newAmbient = 0;
      }
      if (euid() == root && newEuid != root) {
        newEffective = 0;
      } else if (euid() != root && newEuid == root) {
        newEffective = newPermitted;
      }
      if (euid() == newEuid && fsuid() == root && newFsuid != root) {
        newEffective &= ~FILE_CAPABILITIES;
      } else if (euid() == newEuid && fsuid() != root && newFsuid == root) {
        newEffective |= newPermitted & FILE_CAPABILITIES;
      }
    }
    return with(
        new Ids(newUid, newEuid, newSuid, newFsuid),
        groupIds,
        new CapabilitySets(newPermitted, newEffective, inheritable(), bounding(), newAmbient),
        securebits);
  }

  public Credentials withGroupIds(int newGid, int newEgid, int newSgid, int newFsgid) {
    return with(users, new Ids(newGid, newEgid, newSgid, newFsgid), capabilities, securebits);
  }

  /** Other supplementary groups; the array is kept. */
  public Credentials withGroups(int[] newGroups) {
    return new Credentials(
        users,
        groupIds,
        newGroups,
        capabilities,
        securebits,
        noNewPrivileges,
        userNamespace,
        domain);
  }

  /** Other capability sets; what is no longer permitted and inheritable leaves the ambient set. */
  public Credentials withCapabilities(
      long newPermitted,
      long newEffective,
      long newInheritable,
      long newBounding,
      long newAmbient) {
    return with(
        users,
        groupIds,
        new CapabilitySets(
            newPermitted,
            newEffective,
            newInheritable,
            newBounding,
            newAmbient & newPermitted & newInheritable),
        securebits);
  }

  public Credentials withSecurebits(int bits) {
    return with(users, groupIds, capabilities, bits);
  }

  /**
   * The same user in another user namespace, with every capability in it (CLONE_NEWUSER, setns(2)).
   */
  public Credentials inUserNamespace(UserNamespace namespace) {
    return new Credentials(
        users, groupIds, groups, CapabilitySets.ALL, 0, noNewPrivileges, namespace, domain);
  }

  /** In a new user namespace, one below; its one user is the task that gets the credentials. */
  public Credentials withNewUserNamespace() throws ErrnoException {
    return inUserNamespace(UserNamespace.create(this));
  }

  /** With PR_SET_NO_NEW_PRIVS, which cannot be undone. */
  public Credentials withNoNewPrivileges() {
    return new Credentials(
        users, groupIds, groups, capabilities, securebits, true, userNamespace, domain);
  }

  /** With more forbidden than before (landlock_restrict_self(2)). */
  public Credentials withDomain(Domain restricted) {
    return new Credentials(
        users,
        groupIds,
        groups,
        capabilities,
        securebits,
        noNewPrivileges,
        userNamespace,
        restricted);
  }

  /**
   * As access(2) asks: by the real ids, and with root's capabilities when the real user is root, no
   * others.
   */
  public Credentials byRealIds() {
    if (fsuid() == uid() && fsgid() == gid() && uid() == euid()) {
      return this;
    }
    long counting = effective();
    if ((securebits & SECBIT_NO_SETUID_FIXUP) == 0) {
      int root = rootUid();
      counting = root != -1 && uid() == root ? permitted() : 0;
    }
    return with(
        new Ids(uid(), euid(), suid(), uid()),
        new Ids(gid(), egid(), sgid(), gid()),
        capabilities.withEffective(counting),
        securebits);
  }

  /**
   * The credentials of a program that these execute (capabilities(7), "Transformation of
   * capabilities during execve()"). File capabilities are not supported.
   *
   * @param owner the file's owner if its set-user-ID bit counts, else -1
   * @param group the file's group if its set-group-ID bit counts, else -1
   */
  public Credentials forExec(int owner, int group, boolean mayRise) {
    boolean held = noNewPrivileges || !mayRise;
    boolean keepsIds = noNewPrivileges || (!mayRise && !hasCapability(Capability.SETUID));
    int newEuid = owner < 0 || keepsIds ? euid() : owner;
    int newEgid = group < 0 || keepsIds ? egid() : group;
    boolean changed = newEuid != euid() || newEgid != egid();
    int root = (securebits & SECBIT_NOROOT) == 0 ? rootUid() : -1;
    long newAmbient = changed ? 0 : ambient();
    long newPermitted = newAmbient;
    long newEffective = newAmbient;
    if (root != -1 && (newEuid == root || uid() == root)) {
      newPermitted = bounding() | inheritable();
      if (held) {
        newPermitted &= permitted();
      }
      if (newEuid == root) {
        newEffective = newPermitted;
      }
    }
    return with(
        new Ids(uid(), newEuid, newEuid, newEuid),
        new Ids(gid(), newEgid, newEgid, newEgid),
        new CapabilitySets(newPermitted, newEffective, inheritable(), bounding(), newAmbient),
        securebits & ~SECBIT_KEEP_CAPS);
  }
}
