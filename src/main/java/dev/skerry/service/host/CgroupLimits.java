package dev.skerry.service.host;

/**
 * The limits of one cgroup; 0 for none.
 *
 * @param memoryBytes of all processes, the sentry's and the gofer's too
 * @param tasks threads and processes, likewise
 * @param cpuQuota microseconds per {@code cpuPeriod}
 * @param cpuShares 2 to 262144
 */
public record CgroupLimits(
    long memoryBytes, int tasks, long cpuQuota, long cpuPeriod, long cpuShares) {}
