package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.PidNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSet;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;

/**
 * A file of /proc/sys whose value is found when it is read. The two names can be changed; some take
 * what they are; one is an order.
 */
final class SystemSetting extends GeneratedFile {
  private static final int LONGEST_NAME = 64;
  private static final String HOST_NAME = "kernel/hostname";
  private static final String DOMAIN_NAME = "kernel/domainname";
  private static final String DROP_CACHES = "vm/drop_caches";
  private static final String HUGE_PAGES = "vm/nr_hugepages";
  private static final String LAST_PID = "kernel/ns_last_pid";

  static final String[] PATHS = {
    "fs/dentry-state",
    "fs/file-nr",
    "fs/inode-nr",
    "fs/inode-state",
    DOMAIN_NAME,
    HOST_NAME,
    LAST_PID,
    "kernel/osrelease",
    "kernel/ostype",
    "kernel/pid_max",
    "kernel/random/boot_id",
    "kernel/random/uuid",
    "kernel/threads-max",
    "kernel/version",
    DROP_CACHES,
    HUGE_PAGES,
  };

  private final Kernel kernel;
  private final String path;

  SystemSetting(ProcFileSystem fileSystem, String path) {
    super(fileSystem, fileSystem.nextNumber(), permissions(path));
    this.kernel = fileSystem.kernel();
    this.path = path;
  }

  private static int permissions(String path) {
    return switch (path) {
      case HOST_NAME, DOMAIN_NAME, "kernel/pid_max", "kernel/threads-max" -> 0644;
      case HUGE_PAGES -> 0644;
      case LAST_PID -> 0666;
      case DROP_CACHES -> 0200;
      default -> 0444;
    };
  }

  @Override
  protected Changes changes() {
    return switch (path) {
      case HOST_NAME -> uts().hostNameChanges();
      case DOMAIN_NAME -> uts().domainNameChanges();
      default -> Changes.NONE;
    };
  }

  @Override
  protected String text() throws ErrnoException {
    return value() + "\n";
  }

  private String value() throws ErrnoException {
    return switch (path) {
      case "fs/dentry-state" -> "0\t0\t45\t0\t0\t0";
      case "fs/file-nr" -> openFiles() + "\t0\t" + FdTable.MOST;
      case "fs/inode-nr" -> "0\t0";
      case "fs/inode-state" -> "0\t0\t0\t0\t0\t0\t0";
      case DOMAIN_NAME -> uts().domainName();
      case HOST_NAME -> uts().hostName();
      case LAST_PID -> Integer.toString(pids().lastNumber());
      case "kernel/osrelease" -> UtsNamespace.RELEASE;
      case "kernel/ostype" -> UtsNamespace.SYSNAME;
      case "kernel/pid_max" -> Integer.toString(TaskSet.PID_MAX);
      case "kernel/random/boot_id" -> RandomIdentity.OF_BOOT;
      case "kernel/random/uuid" -> RandomIdentity.make();
      case "kernel/threads-max" -> Integer.toString(kernel.tasks().most());
      case "kernel/version" -> UtsNamespace.VERSION;
      case HUGE_PAGES -> "0";
      default -> throw ErrnoException.of(Errno.ENOENT);
    };
  }

  /** The names are those of whoever asks. */
  private UtsNamespace uts() {
    Task task = Task.current();
    return task == null ? kernel.uts() : task.namespaces().uts();
  }

  private PidNamespace pids() {
    Task task = Task.current();
    return task == null ? kernel.pids() : task.pidNamespace();
  }

  /** Counts a file once for every table that it is in. */
  private int openFiles() {
    int count = 0;
    for (ThreadGroup group : kernel.tasks().groups()) {
      Task task = group.anyThread();
      count += task == null ? 0 : task.files().descriptors().length;
    }
    return count;
  }

  @Override
  protected void accept(String text) throws ErrnoException {
    switch (path) {
      case HOST_NAME, DOMAIN_NAME -> setName(text);
      case LAST_PID -> setLastPid(text);
      // As many are made as there is memory for in one piece: none.
      case HUGE_PAGES -> Numbers.parse(text);
      case DROP_CACHES -> {
        // What the sentry caches it drops when room is needed; there is nothing else to drop.
        long which = Numbers.parse(text);
        if (which < 1 || which > 4) {
          throw ErrnoException.of(Errno.EINVAL);
        }
      }
      default -> {
        if (!text.strip().equals(value())) {
          throw ErrnoException.of(Errno.EINVAL);
        }
      }
    }
  }

  private void setLastPid(String text) throws ErrnoException {
    Task writer = Task.current();
    if (writer == null || !writer.credentials().mayRestore(pids().owner())) {
      throw ErrnoException.of(Errno.EPERM);
    }
    long number = Numbers.parse(text);
    if (number < 0 || number > TaskSet.PID_MAX) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    pids().setLastNumber((int) number);
  }

  private void setName(String text) throws ErrnoException {
    Task writer = Task.current();
    if (writer != null && !writer.credentials().hasCapability(Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    int end = 0;
    while (end < text.length()
        && end < LONGEST_NAME
        && text.charAt(end) != 0
        && text.charAt(end) != '\n') {
      end++;
    }
    String name = text.substring(0, end);
    if (path.equals(HOST_NAME)) {
      uts().setHostName(name);
    } else {
      uts().setDomainName(name);
    }
  }
}
