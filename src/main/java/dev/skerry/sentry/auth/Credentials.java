package dev.skerry.sentry.auth;

/**
 * Who a task is (credentials(7), capabilities(7)). Capability sets are 64-bit masks.
 *
 * @param groups supplementary group ids; never changed after construction
 */
public record Credentials(
    int uid,
    int euid,
    int suid,
    int fsuid,
    int gid,
    int egid,
    int sgid,
    int fsgid,
    int[] groups,
    long permitted,
    long effective,
    long inheritable,
    long bounding,
    long ambient,
    int securebits,
    boolean noNewPrivileges) {

  /** Full root of the sandbox, as the sentry itself acts. */
  public static final Credentials ROOT =
      new Credentials(
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          new int[0],
          Capability.ALL,
          Capability.ALL,
          0,
          Capability.ALL,
          0,
          0,
          false);

  /** Whether the effective set holds the capability, a number of {@link Capability}. */
  public boolean hasCapability(int capability) {
    return (effective & (1L << capability)) != 0;
  }

  /** Whether the group is the file-system group or a supplementary one. */
  public boolean inGroup(int group) {
    if (fsgid == group) {
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

  /** Other user ids, with the capabilities that then remain (capabilities(7)). */
  public Credentials withUsers(int newUid, int newEuid, int newSuid, int newFsuid) {
    long newPermitted = permitted;
    long newEffective = effective;
    long newAmbient = ambient;
    if ((securebits & SECBIT_NO_SETUID_FIXUP) == 0) {
      boolean wasRoot = uid == 0 || euid == 0 || suid == 0;
      boolean isRoot = newUid == 0 || newEuid == 0 || newSuid == 0;
      if (wasRoot && !isRoot) {
        if ((securebits & SECBIT_KEEP_CAPS) == 0) {
          newPermitted = 0;
          newEffective = 0;
        }
        newAmbient = 0;
      }
      if (euid == 0 && newEuid != 0) {
        newEffective = 0;
      } else if (euid != 0 && newEuid == 0) {
        newEffective = newPermitted;
      }
      if (euid == newEuid && fsuid == 0 && newFsuid != 0) {
        newEffective &= ~FILE_CAPABILITIES;
      } else if (euid == newEuid && fsuid != 0 && newFsuid == 0) {
        newEffective |= newPermitted & FILE_CAPABILITIES;
      }
    }
    return new Credentials(
        newUid,
        newEuid,
        newSuid,
        newFsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        newPermitted,
        newEffective,
        inheritable,
        bounding,
        newAmbient,
        securebits,
        noNewPrivileges);
  }

  public Credentials withGroupIds(int newGid, int newEgid, int newSgid, int newFsgid) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        newGid,
        newEgid,
        newSgid,
        newFsgid,
        groups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        noNewPrivileges);
  }

  /** Other supplementary groups; the array is kept. */
  public Credentials withGroups(int[] newGroups) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        newGroups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        noNewPrivileges);
  }

  /** Other capability sets; what is no longer permitted and inheritable leaves the ambient set. */
  public Credentials withCapabilities(
      long newPermitted,
      long newEffective,
      long newInheritable,
      long newBounding,
      long newAmbient) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        newPermitted,
        newEffective,
        newInheritable,
        newBounding,
        newAmbient & newPermitted & newInheritable,
        securebits,
        noNewPrivileges);
  }

  public Credentials withSecurebits(int bits) {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        bits,
        noNewPrivileges);
  }

  /** With PR_SET_NO_NEW_PRIVS, which cannot be undone. */
  public Credentials withNoNewPrivileges() {
    return new Credentials(
        uid,
        euid,
        suid,
        fsuid,
        gid,
        egid,
        sgid,
        fsgid,
        groups,
        permitted,
        effective,
        inheritable,
        bounding,
        ambient,
        securebits,
        true);
  }

  /**
   * The credentials of a program that these execute (capabilities(7), "Transformation of
   * capabilities during execve()"). File capabilities are not supported.
   *
   * @param owner the file's owner if its set-user-ID bit counts, else -1
   * @param group the file's group if its set-group-ID bit counts, else -1
   */
  public Credentials forExec(int owner, int group) {
    int newEuid = owner < 0 || noNewPrivileges ? euid : owner;
    int newEgid = group < 0 || noNewPrivileges ? egid : group;
    boolean changed = newEuid != euid || newEgid != egid;
    boolean root = (securebits & SECBIT_NOROOT) == 0;
    long newAmbient = changed ? 0 : ambient;
    long newPermitted = newAmbient;
    long newEffective = newAmbient;
    if (root && (newEuid == 0 || uid == 0)) {
      newPermitted = bounding | inheritable;
      if (noNewPrivileges) {
        newPermitted &= permitted;
      }
      if (newEuid == 0) {
        newEffective = newPermitted;
      }
    }
    return new Credentials(
        uid,
        newEuid,
        newEuid,
        newEuid,
        gid,
        newEgid,
        newEgid,
        newEgid,
        groups,
        newPermitted,
        newEffective,
        inheritable,
        bounding,
        newAmbient,
        securebits & ~SECBIT_KEEP_CAPS,
        noNewPrivileges);
  }
}
