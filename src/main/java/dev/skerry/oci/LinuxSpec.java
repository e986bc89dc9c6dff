package dev.skerry.oci;

import java.util.List;

/**
 * The part of the spec that is about Linux.
 *
 * @param nrOpen the sysctl fs.nr_open, or 0 if it is not set
 */
public record LinuxSpec(
    ResourcesSpec resources, List<String> maskedPaths, List<String> readonlyPaths, int nrOpen) {

  /**
   * Limits; 0 where the spec has none.
   *
   * @param memoryLimit bytes
   * @param cpuQuota microseconds of CPU time per {@code cpuPeriod}
   * @param cpuPeriod microseconds
   * @param cpuShares 2 to 262144, 1024 being ordinary
   * @param pidsLimit threads and processes
   */
  public record ResourcesSpec(
      long memoryLimit, long cpuQuota, long cpuPeriod, long cpuShares, int pidsLimit) {
    static final ResourcesSpec NONE = new ResourcesSpec(0, 0, 0, 0, 0);
  }

  static final LinuxSpec NONE = new LinuxSpec(ResourcesSpec.NONE, List.of(), List.of(), 0);
}
