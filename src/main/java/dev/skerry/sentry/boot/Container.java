package dev.skerry.sentry.boot;

import dev.skerry.control.ContainerSpec;
import dev.skerry.control.Reply;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.CapabilitySets;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.Ids;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.fs.tty.HostConsole;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.FsContext;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.NsProxy;
import dev.skerry.sentry.kernel.OomScoreAdjustment;
import dev.skerry.sentry.kernel.Rlimits;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskParts;
import dev.skerry.sentry.loader.Loader;
import dev.skerry.sentry.loader.PreparedProgram;
import dev.skerry.sentry.mm.MemoryManager;
import dev.skerry.sentry.platform.GuestThread;
import dev.skerry.sentry.platform.Platform;
import dev.skerry.sentry.platform.Program;
import dev.skerry.sentry.syscalls.IpcNamespace;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.List;
import java.util.function.IntConsumer;

/** A container made of its spec: its tree of mounts, its first task and program, its streams. */
final class Container {
  private final Task init;
  private final PreparedProgram program;
  private final Streams streams;

  private final List<Reply.Warning> warnings;

  private Container(
      Task init, PreparedProgram program, Streams streams, List<Reply.Warning> warnings) {
    this.init = init;
    this.program = program;
    this.streams = streams;
    this.warnings = warnings;
  }

  /**
   * Makes the first task; no guest code runs yet.
   *
   * @param consumed told of standard input that the guest has read
   */
  static Container make(
      ContainerSpec spec, Setup setup, Platform platform, Spool spool, IntConsumer consumed)
      throws ContainerException {
    Kernel kernel = setup.kernel();
    Terminals terminals = setup.terminals();
    HostConsole console = null;
    try {
      if (spec.terminal()) {
        console = Streams.makeConsole(terminals, spool, consumed);
      }
      Mounts mounts = Mounts.build(spec, kernel.vfs(), setup.fileSystems());
      VfsPath root = mounts.namespace().root();
      String cwdName = spec.cwd().isEmpty() ? "/" : Names.inside(spec.cwd());
      Credentials who = credentials(spec);
      VfsPath cwd = mounts.workingDirectory(cwdName);
      List<String> env = mounts.environment(Names.inside(spec.env()));
      Rlimits limits = limits(spec);
      FdTable files = new FdTable((int) Math.min(limits.soft(Rlimits.NOFILE), FdTable.MOST));
      Streams streams =
          console == null
              ? Streams.pipes(kernel, spec, spool, consumed, files)
              : Streams.terminal(terminals, console, spec, files);
      Loader loader = new Loader(kernel.vfs(), new Origin(who, root, cwd, spec.umask()));
      PreparedProgram program =
          new ExecutableLookup(
                  loader, Names.inside(spec.args()), env, cwdName, limits.soft(Rlimits.STACK))
              .find();
      TaskParts parts =
          new TaskParts(
              files,
              new FsContext(root, cwd, spec.umask()),
              NsProxy.of(
                  kernel.uts(),
                  kernel.pids(),
                  new IpcNamespace(),
                  setup.network(),
                  mounts.namespace()),
              new MemoryManager(platform.reservedStart(), platform.reservedEnd()),
              who,
              "init");
      Task init = kernel.createInit(parts, limits);
      init.group()
          .setOomScoreAdjustment(new OomScoreAdjustment(spec.oomScoreAdj(), spec.oomScoreAdj()));
      if (console != null) {
        console.terminal().controlFirst(init);
      }
      return new Container(init, program, streams, mounts.warnings());
    } catch (ErrnoException e) {
      throw new ContainerException("", "the container cannot be made: " + e.getMessage());
    }
  }

  private static Credentials credentials(ContainerSpec spec) {
    ContainerSpec.Capabilities capabilities = spec.capabilities();
    int[] groups = new int[spec.additionalGids().size()];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = spec.additionalGids().get(i);
    }
    return new Credentials(
        Ids.of(spec.uid()),
        Ids.of(spec.gid()),
        groups,
        new CapabilitySets(
            capabilities.permitted(),
            capabilities.effective(),
            capabilities.inheritable(),
            capabilities.bounding(),
            capabilities.ambient()),
        0,
        spec.noNewPrivileges(),
        UserNamespace.INITIAL,
        null);
  }

  private static Rlimits limits(ContainerSpec spec) throws ContainerException {
    Rlimits limits = new Rlimits();
    int index = 0;
    for (ContainerSpec.Rlimit limit : spec.rlimits()) {
      if (limit.resource() < 0 || limit.resource() >= Rlimits.COUNT) {
        throw new ContainerException(
            "/process/rlimits/" + index, "no resource " + limit.resource());
      }
      limits.set(limit.resource(), limit.soft(), limit.hard());
      index++;
    }
    return limits;
  }

  /** What of the spec is not done. */
  List<Reply.Warning> warnings() {
    return warnings;
  }

  Streams streams() {
    return streams;
  }

  /** The first guest thread is there: it will run the container's program. */
  Program begin(GuestThread thread) {
    init.setThread(thread);
    init.group().limitStack();
    program.startIn(init);
    return init;
  }
}
