package dev.skerry.control;

import java.util.List;

/**
 * What a sentry runs: the OCI runtime spec, checked and reduced to what the sentry needs. Names and
 * units are the spec's unless said otherwise.
 *
 * @param terminal whether the first process gets a terminal instead of three pipes
 * @param rootReadOnly the guest gets EROFS on the root
 * @param overlay writes to the root stay in the sandbox, and vanish with it
 * @param mounts in the order of the spec
 * @param wallDeadlineMillis when the run must end, in milliseconds since the epoch; 0 for never
 * @param outputLimit bytes of standard output and error together; 0 for no limit
 * @param memoryBytes what /proc/meminfo tells, and the default size of a tmpfs twice over
 * @param tasksMax threads and processes at once; 0 for the sentry's own limit
 * @param cpus what the guest sees; 0 for the host's
 */
public record ContainerSpec(
    String id,
    List<String> args,
    List<String> env,
    String cwd,
    int uid,
    int gid,
    int umask,
    List<Integer> additionalGids,
    Capabilities capabilities,
    boolean noNewPrivileges,
    List<Rlimit> rlimits,
    int oomScoreAdj,
    String hostname,
    String domainname,
    boolean terminal,
    int rows,
    int columns,
    boolean rootReadOnly,
    boolean overlay,
    List<MountSpec> mounts,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    long wallDeadlineMillis,
    long outputLimit,
    long memoryBytes,
    int tasksMax,
    int cpus) {

  /** Masks of capabilities(7), bit N for capability N. */
  public record Capabilities(
      long bounding, long effective, long inheritable, long permitted, long ambient) {}

  /**
   * @param resource the number of setrlimit(2)
   * @param soft an unsigned number, as is {@code hard}; -1 for infinity
   */
  public record Rlimit(int resource, long soft, long hard) {}

  /**
   * @param goferMount which of the gofer's roots a bind mount shows: 0 is the root file system, 1
   *     the first bind mount of the spec; 0 for other types
   * @param pointer JSON pointer of the mount in the OCI spec
   */
  public record MountSpec(
      String destination,
      String type,
      String source,
      List<String> options,
      int goferMount,
      String pointer) {}
}
