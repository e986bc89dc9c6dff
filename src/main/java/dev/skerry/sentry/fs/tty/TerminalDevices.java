package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.DeviceNumbers;
import dev.skerry.sentry.vfs.DeviceTable;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.VfsPath;

/** The devices of terminals: /dev/tty, /dev/console, /dev/ptmx and those of /dev/pts. */
public final class TerminalDevices {
  private static final int MAJOR = 5;
  private static final int TTY_MINOR = 0;
  private static final int CONSOLE_MINOR = 1;
  static final int PTMX_MINOR = 2;
  static final long PTMX = DeviceNumbers.of(MAJOR, PTMX_MINOR);

  private final Terminals terminals;
  private final int console;

  /** The terminals that the place's own devpts has; else those of the sandbox. */
  private Terminals of(VfsPath path) {
    return path.inode().fileSystem() instanceof DevptsFileSystem instance
        ? instance.terminals()
        : terminals;
  }

  private TerminalDevices(Terminals terminals, int console) {
    this.terminals = terminals;
    this.console = console;
  }

  /**
   * @param console the number of the sandbox's own terminal, or -1 if it has none
   */
  public static void register(DeviceTable table, Terminals terminals, int console) {
    TerminalDevices devices = new TerminalDevices(terminals, console);
    table.register(MAJOR, TTY_MINOR, devices::openControlling);
    table.register(MAJOR, CONSOLE_MINOR, devices::openConsole);
    table.register(MAJOR, PTMX_MINOR, devices::openMaster);
    table.registerMajor(Terminal.MAJOR, devices::openSlave);
  }

  private OpenFileDescription openControlling(VfsPath path, int flags) throws ErrnoException {
    return terminals.openControlling(withoutControl(flags), new DevicePlace(path));
  }

  private OpenFileDescription openConsole(VfsPath path, int flags) throws ErrnoException {
    if (console < 0) {
      throw ErrnoException.of(Errno.ENXIO);
    }
    return terminals.openSlave(console, withoutControl(flags), true, new DevicePlace(path));
  }

  private OpenFileDescription openMaster(VfsPath path, int flags) throws ErrnoException {
    Task task = Task.current();
    Credentials owner = task == null ? Credentials.ROOT : task.credentials();
    return of(path).openMaster(withoutControl(flags), new DevicePlace(path), owner);
  }

  private OpenFileDescription openSlave(VfsPath path, int flags) throws ErrnoException {
    long device = path.inode().stat().rdev();
    boolean noControl = (flags & OpenFlags.O_NOCTTY) != 0;
    return of(path)
        .openSlave(
            DeviceNumbers.minor(device), withoutControl(flags), noControl, new DevicePlace(path));
  }

  private static int withoutControl(int flags) {
    return flags & ~OpenFlags.O_NOCTTY;
  }
}
