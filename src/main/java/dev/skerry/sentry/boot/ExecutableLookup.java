package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.loader.ExecArguments;
import dev.skerry.sentry.loader.Loader;
import dev.skerry.sentry.loader.PreparedProgram;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.ArrayList;
import java.util.List;

/** Finds the container's first program, as a shell would: by its path, or through PATH. */
final class ExecutableLookup {
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final Loader loader;
  private final List<String> args;
  private final List<String> env;
  private final String cwd;
  private final long stackLimit;

  /** Names are Latin-1, a character a byte. */
  ExecutableLookup(
      Loader loader, List<String> args, List<String> env, String cwd, long stackLimit) {
    this.loader = loader;
    this.args = args;
    this.env = env;
    this.cwd = cwd;
    this.stackLimit = stackLimit;
  }

  /**
   * @throws ContainerException that names the program, the working directory and PATH
   */
  PreparedProgram find() throws ContainerException {
    if (args.isEmpty()) {
      throw new ContainerException("/process/args", "no program is given");
    }
    String name = args.getFirst();
    int errno = Errno.ENOENT;
    for (String candidate : candidates(name)) {
      try {
        return loader.prepare(
            null,
            candidate,
            VirtualFileSystem.FOLLOW,
            candidate,
            candidate,
            ExecArguments.of(args, env, stackLimit));
      } catch (ErrnoException e) {
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR) {
          errno = e.errno();
        }
        if (errno != Errno.ENOENT && errno != Errno.EACCES) {
          break;
        }
      }
    }
    throw new ContainerException(
        "/process/args/0",
        "cannot execute \""
            + name
            + "\" ("
            + Errno.name(errno)
            + "): cwd \""
            + cwd
            + "\", PATH \""
            + path()
            + "\"");
  }

  private List<String> candidates(String name) {
    if (name.isEmpty() || name.indexOf('/') >= 0) {
      return List.of(name);
    }
    List<String> candidates = new ArrayList<>();
    for (String directory : path().split(":", -1)) {
      candidates.add(directory.isEmpty() ? name : directory + "/" + name);
    }
    return candidates;
  }

  private String path() {
    for (String variable : env) {
      if (variable.startsWith("PATH=")) {
        return variable.substring("PATH=".length());
      }
    }
    return DEFAULT_PATH;
  }
}
