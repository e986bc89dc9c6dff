package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.hostos.ClassPath;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.fs.tmpfs.DataDirectory;
import dev.skerry.sentry.kernel.HostClock;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.platform.NotifyPlatform;

/** The sentry's process. */
public final class Main {
  /**
   * To read and write guest memory, and over guests, which have another id: to signal them, to
   * choose their processors, and to limit their stacks.
   */
  private static final long CAPABILITIES =
      (1L << Capability.SYS_PTRACE)
          | (1L << Capability.KILL)
          | (1L << Capability.SYS_NICE)
          | (1L << Capability.SYS_RESOURCE);

  /** Open files of the gofer's and files in memory take one each. */
  private static final int DESCRIPTORS = 1 << 20;

  private Main() {}

  /** Runs until the sandbox has ended. Everything from outside is read after the confinement. */
  public static void main(String[] arguments) {
    Options options = Options.parse(arguments);
    HostOs host = Host.os();
    // Without the right to more it stays as the launcher's caller had it.
    int descriptors = host.raiseNoFileLimit(DESCRIPTORS);
    ClassPath.open();
    require("open /proc", HostProc.open());
    require("find the memory for files", DataDirectory.open());
    require("enter the empty root", host.chroot("/empty"));
    require("drop capabilities", host.setCapabilities(CAPABILITIES));
    require("install the seccomp policy", host.confine("sentry"));
    Spool spool = new Spool(HostFds.SPOOL, new HostClock());
    NotifyPlatform platform = new NotifyPlatform(HostFds.SECCOMP, HostFds.STUB, options.workers());
    Sandbox sandbox = new Sandbox(platform, spool, options, descriptors);
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, cause) -> sandbox.fail(thread.getName() + " has failed", cause));
    sandbox.serve(new ControlServer(HostFds.CONTROL, sandbox, Streams.CREDIT));
  }

  private static void require(String what, int result) {
    if (result < 0) {
      System.err.println("sentry: " + what + ": " + Errno.name(-result));
      Runtime.getRuntime().halt(1);
    }
  }
}
