package dev.skerry.oci;

import java.util.List;

/**
 * The first process of a container.
 *
 * @param terminal whether it gets a terminal
 * @param rows of the terminal in characters, 0 if not said, as are {@code columns}
 * @param cwd an absolute path
 */
public record ProcessSpec(
    boolean terminal,
    int rows,
    int columns,
    List<String> args,
    List<String> env,
    String cwd,
    UserSpec user,
    CapabilitySets capabilities,
    List<RlimitSpec> rlimits,
    boolean noNewPrivileges,
    int oomScoreAdj) {

  /**
   * @param uid 0 to 2^32-2, as are {@code gid} and {@code additionalGids}
   * @param umask 0 to 0777
   */
  public record UserSpec(long uid, long gid, int umask, List<Long> additionalGids) {}

  /** Masks of capabilities(7), bit N for capability N. */
  public record CapabilitySets(
      long bounding, long effective, long inheritable, long permitted, long ambient) {}

  /**
   * @param resource the number of setrlimit(2)
   * @param soft an unsigned number, as is {@code hard}; all ones for infinity
   */
  public record RlimitSpec(int resource, long soft, long hard) {}
}
