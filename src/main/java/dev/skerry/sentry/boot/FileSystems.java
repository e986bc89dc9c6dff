package dev.skerry.sentry.boot;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.fs.dev.DeviceTree;
import dev.skerry.sentry.fs.gofer.GoferConnection;
import dev.skerry.sentry.fs.gofer.GoferFileSystem;
import dev.skerry.sentry.fs.overlay.OverlayFileSystem;
import dev.skerry.sentry.fs.proc.ProcFileSystem;
import dev.skerry.sentry.fs.sys.CgroupFileSystem;
import dev.skerry.sentry.fs.sys.SysFileSystem;
import dev.skerry.sentry.fs.tmpfs.AnonymousFiles;
import dev.skerry.sentry.fs.tmpfs.TmpfsFileSystem;
import dev.skerry.sentry.fs.tmpfs.TmpfsOptions;
import dev.skerry.sentry.fs.tty.DevptsFileSystem;
import dev.skerry.sentry.fs.tty.Terminals;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.AnonymousDevices;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.Stat;
import java.util.ArrayList;
import java.util.List;

/** Makes the file systems of a sandbox. */
final class FileSystems {
  /** What a guest may mount, as /proc/filesystems tells, and what else there is. */
  private static final List<String> TYPES =
      List.of(
          "nodev\t9p",
          "nodev\tcgroup2",
          "nodev\tdevpts",
          "nodev\tdevtmpfs",
          "nodev\toverlay",
          "nodev\tproc",
          "nodev\tsysfs",
          "nodev\ttmpfs");

  private static final String DEVPTS_OPTIONS = "gid=5,mode=620,ptmxmode=666";

  private final Kernel kernel;
  private final Terminals terminals;
  private final GoferConnection gofer;
  private final boolean console;

  /** The pages that all files in memory may have together. */
  private final MemoryAccount memory;

  FileSystems(Kernel kernel, Terminals terminals, GoferConnection gofer, boolean console) {
    this.kernel = kernel;
    this.terminals = terminals;
    this.gofer = gofer;
    this.console = console;
    this.memory = MemoryAccount.ofBytes(kernel.memoryBytes());
  }

  /**
   * One of the gofer's mounts.
   *
   * @param exclusive whether nobody else changes the files
   */
  FileSystem gofer(int mount, String name, boolean exclusive) throws ErrnoException {
    return GoferFileSystem.attach(gofer, mount, "9pfs-" + name, exclusive, AnonymousDevices.next());
  }

  /** The files of memfd_create(2). */
  AnonymousFiles anonymousFiles() throws ErrnoException {
    return new AnonymousFiles(memory);
  }

  /** The file system with all changes in memory. */
  FileSystem overlay(FileSystem lower) throws ErrnoException {
    Stat root = lower.root().stat();
    TmpfsOptions options =
        new TmpfsOptions(
            root.mode() & 07777,
            root.uid(),
            root.gid(),
            TmpfsOptions.UNLIMITED,
            TmpfsOptions.UNLIMITED,
            "");
    TmpfsFileSystem upper = new TmpfsFileSystem(options, memory, FileSystem.DISK_FILE_BYTES);
    return new OverlayFileSystem(lower.root(), upper.root(), true);
  }

  /**
   * @param data options of the file system's own, with commas between
   * @param maker who mounts it
   */
  FileSystem make(String type, String data, Credentials maker) throws ErrnoException {
    return switch (type) {
      case "tmpfs" -> tmpfs(data, maker);
      case "devtmpfs" -> devices();
      case "devpts" -> new DevptsFileSystem(terminals, data.isEmpty() ? DEVPTS_OPTIONS : data);
      case "proc" -> new ProcFileSystem(kernel, readerPids(), TYPES);
      case "cgroup", "cgroup2" -> new CgroupFileSystem(kernel);
      case "sysfs" -> new SysFileSystem(kernel);
      default -> throw new IllegalArgumentException(type);
    };
  }

  /** The PID namespace of the task that mounts; the first one at the start. */
  private PidNamespace readerPids() {
    Task task = Task.current();
    return task == null ? kernel.pids() : task.pidNamespace();
  }

  /** The types' names alone. */
  static List<String> typeNames() {
    List<String> names = new ArrayList<>();
    for (String line : TYPES) {
      names.add(line.substring(line.indexOf('\t') + 1));
    }
    return names;
  }

  /** A devpts with terminals of its own. */
  FileSystem newTerminals(String data) throws ErrnoException {
    return new DevptsFileSystem(terminals.another(), data);
  }

  private FileSystem tmpfs(String data, Credentials maker) throws ErrnoException {
    List<String> ignored = new ArrayList<>();
    TmpfsOptions options = TmpfsOptions.parse(data, kernel.memoryBytes(), ignored, maker);
    for (String option : ignored) {
      System.err.println("warning: a tmpfs has no option " + option);
    }
    return new TmpfsFileSystem(options, memory);
  }

  private FileSystem devices() throws ErrnoException {
    TmpfsFileSystem directory = new TmpfsFileSystem(TmpfsOptions.ofMode(0755), memory);
    DeviceTree.populate(directory.root(), console);
    return directory;
  }
}
