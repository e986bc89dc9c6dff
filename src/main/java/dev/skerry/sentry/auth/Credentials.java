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
          0, 0, 0, 0, 0, 0, 0, 0, new int[0], Capability.ALL, Capability.ALL, 0, Capability.ALL, 0,
          0, false);

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
}
