package dev.skerry.service.lifecycle;

import dev.skerry.control.ContainerSpec;
import dev.skerry.service.host.CgroupLimits;
import java.nio.file.Path;
import java.util.List;

/**
 * All that it takes to start a sandbox, decided.
 *
 * @param root the directory that becomes the container's root
 * @param writable whether the guest's writes reach it
 * @param binds in the order of the gofer's mounts, from 1 on
 */
record ContainerPlan(
    ContainerSpec container, Path root, boolean writable, List<Bind> binds, CgroupLimits limits) {

  /** A file or directory of the host that the guest sees. */
  record Bind(Path source, boolean readOnly) {}
}
