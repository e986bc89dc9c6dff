package dev.skerry.sentry.boot;

import dev.skerry.control.ContainerSpec;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.tty.HostConsole;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.VfsPath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container's tree of mounts. */
final class Mounts {
  Mounts(ContainerSpec spec, Kernel kernel) {}

  MountNamespace build(@Nullable HostConsole console) throws ErrnoException, ContainerException {
    throw new UnsupportedOperationException();
  }

  VfsPath workingDirectory(VfsPath root, String name) throws ErrnoException {
    throw new UnsupportedOperationException();
  }

  List<String> environment(VfsPath root, List<String> env, int uid) {
    return env;
  }
}
