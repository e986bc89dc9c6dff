package dev.skerry.service.lifecycle;

import dev.skerry.control.ContainerSpec;
import dev.skerry.oci.LinuxSpec;
import dev.skerry.oci.MountSpec;
import dev.skerry.oci.Problems;
import dev.skerry.oci.ProcessSpec;
import dev.skerry.oci.RuntimeSpec;
import dev.skerry.service.config.SkerryConfig;
import dev.skerry.service.host.CgroupLimits;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Turns a request into a plan: paths are resolved and checked, defaults filled in. */
@Singleton
class Planner {
  private static final int RLIMIT_NOFILE = 7;
  private static final int DEFAULT_ROWS = 24;
  private static final int DEFAULT_COLUMNS = 80;

  /** The launcher's own bound on bind mounts. */
  private static final int MOST_BINDS = 24;

  private final SkerryConfig config;
  private final RootRules rules;

  @Inject
  Planner(SkerryConfig config, RootRules rules) {
    this.config = config;
    this.rules = rules;
  }

  /** When a sandbox of this request has to end; null for never. */
  @Nullable Instant deadline(SandboxRequest request, Instant createdAt) {
    if (request.wallTimeoutSeconds() > 0) {
      return createdAt.plusSeconds(request.wallTimeoutSeconds());
    }
    return config.limits().wallTime().map(createdAt::plus).orElse(null);
  }

  /** The plan, or null if there are errors among the problems. */
  @Nullable ContainerPlan plan(
      String id, SandboxRequest request, @Nullable Instant deadline, Problems problems) {
    RootFs rootfs = request.rootfs();
    @Nullable Path root =
        rootfs.type() == RootFs.Type.host
            ? rules.host("/rootfs/type", problems)
            : rules.directory(String.valueOf(rootfs.path()), rootPointer(request), problems);
    List<ContainerPlan.Bind> binds = new ArrayList<>();
    boolean readonly = request.spec().root().readonly();
    boolean overlay = rootfs.overlay() && !readonly;
    List<ContainerSpec.MountSpec> mounts =
        mounts(request.spec().mounts(), overlay, binds, problems);
    if (root == null || !problems.errors().isEmpty()) {
      return null;
    }
    return new ContainerPlan(
        container(id, request, mounts, overlay, deadline),
        root,
        !rootfs.overlay() && !readonly,
        binds,
        limits(request.spec().linux().resources()));
  }

  private static String rootPointer(SandboxRequest request) {
    boolean fromSpec = String.valueOf(request.rootfs().path()).equals(request.spec().root().path());
    return fromSpec && !request.rootfs().overlay() ? "/spec/root/path" : "/rootfs/path";
  }

  /**
   * With an overlay nothing is written to a bind's source, so that the gofer may not do it either.
   */
  private List<ContainerSpec.MountSpec> mounts(
      List<MountSpec> wanted, boolean overlay, List<ContainerPlan.Bind> binds, Problems problems) {
    List<ContainerSpec.MountSpec> mounts = new ArrayList<>();
    for (MountSpec mount : wanted) {
      int goferMount = 0;
      if (mount.isBind()) {
        Path source = rules.existing(mount.source(), mount.pointer() + "/source", problems);
        if (binds.size() == MOST_BINDS) {
          problems.error(
              mount.pointer(), "is one bind mount too many: " + MOST_BINDS + " is the most");
          break;
        }
        binds.add(
            new ContainerPlan.Bind(
                source == null ? Path.of("/") : source, overlay || mount.readOnly()));
        goferMount = binds.size();
      }
      mounts.add(
          new ContainerSpec.MountSpec(
              mount.destination(),
              mount.type(),
              mount.source(),
              mount.options(),
              goferMount,
              mount.pointer().substring("/spec".length())));
    }
    return mounts;
  }

  private ContainerSpec container(
      String id,
      SandboxRequest request,
      List<ContainerSpec.MountSpec> mounts,
      boolean overlay,
      @Nullable Instant deadline) {
    RuntimeSpec spec = request.spec();
    ProcessSpec process = spec.process();
    LinuxSpec.ResourcesSpec resources = spec.linux().resources();
    ProcessSpec.CapabilitySets sets = process.capabilities();
    return new ContainerSpec(
        id,
        process.args(),
        process.env(),
        process.cwd(),
        (int) process.user().uid(),
        (int) process.user().gid(),
        process.user().umask(),
        process.user().additionalGids().stream().map(Long::intValue).toList(),
        new ContainerSpec.Capabilities(
            sets.bounding(),
            sets.effective(),
            sets.inheritable(),
            sets.permitted(),
            sets.ambient()),
        process.noNewPrivileges(),
        rlimits(process.rlimits(), spec.linux().nrOpen()),
        process.oomScoreAdj(),
        spec.hostname(),
        spec.domainname(),
        process.terminal(),
        request.rows() > 0 ? request.rows() : DEFAULT_ROWS,
        request.columns() > 0 ? request.columns() : DEFAULT_COLUMNS,
        spec.root().readonly(),
        overlay,
        mounts,
        spec.linux().maskedPaths(),
        spec.linux().readonlyPaths(),
        deadline == null ? 0 : deadline.toEpochMilli(),
        request.outputLimitBytes() > 0
            ? request.outputLimitBytes()
            : config.limits().output().asLongValue(),
        memory(resources),
        tasks(resources),
        0);
  }

  /** fs.nr_open bounds what RLIMIT_NOFILE may be (proc_sys_fs(5)). */
  private static List<ContainerSpec.Rlimit> rlimits(
      List<ProcessSpec.RlimitSpec> wanted, int nrOpen) {
    List<ContainerSpec.Rlimit> limits = new ArrayList<>();
    boolean bounded = nrOpen == 0;
    for (ProcessSpec.RlimitSpec limit : wanted) {
      long soft = limit.soft();
      long hard = limit.hard();
      if (limit.resource() == RLIMIT_NOFILE && nrOpen > 0) {
        soft = Long.compareUnsigned(soft, nrOpen) > 0 ? nrOpen : soft;
        hard = Long.compareUnsigned(hard, nrOpen) > 0 ? nrOpen : hard;
        bounded = true;
      }
      limits.add(new ContainerSpec.Rlimit(limit.resource(), soft, hard));
    }
    if (!bounded) {
      limits.add(new ContainerSpec.Rlimit(RLIMIT_NOFILE, Math.min(1024, nrOpen), nrOpen));
    }
    return limits;
  }

  private long memory(LinuxSpec.ResourcesSpec resources) {
    return resources.memoryLimit() > 0
        ? resources.memoryLimit()
        : config.limits().memory().asLongValue();
  }

  private int tasks(LinuxSpec.ResourcesSpec resources) {
    return resources.pidsLimit() > 0 ? resources.pidsLimit() : config.limits().tasks();
  }

  /** The guest's limits, and what sentry and gofer need on top. */
  private CgroupLimits limits(LinuxSpec.ResourcesSpec resources) {
    return new CgroupLimits(
        memory(resources) + config.limits().sentryMemory().asLongValue(),
        tasks(resources) + config.limits().sentryTasks(),
        resources.cpuQuota(),
        resources.cpuPeriod(),
        resources.cpuShares());
  }
}
