package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.kernel.FdTable;
import dev.skerry.sentry.kernel.Kernel;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.kernel.TaskSet;
import dev.skerry.sentry.kernel.ThreadGroup;
import dev.skerry.sentry.kernel.UtsNamespace;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import org.jspecify.annotations.Nullable;

/** A setting of /proc/sys. Only the two names can be changed. */
final class SysctlFile extends GeneratedFile {
  private static final int LONGEST_NAME = 64;
  private static final String HOST_NAME = "kernel/hostname";
  private static final String DOMAIN_NAME = "kernel/domainname";

  private final Kernel kernel;
  private final String path;
  private final @Nullable String value;

  /**
   * @param value null for one that is computed
   */
  SysctlFile(ProcFileSystem fileSystem, String path, @Nullable String value) {
    super(
        fileSystem,
        fileSystem.nextNumber(),
        path.equals(HOST_NAME) || path.equals(DOMAIN_NAME) ? 0644 : 0444);
    this.kernel = fileSystem.kernel();
    this.path = path;
    this.value = value;
  }

  @Override
  protected String text() throws ErrnoException {
    return (value == null ? computed() : value) + "\n";
  }

  private String computed() throws ErrnoException {
    return switch (path) {
      case "fs/dentry-state" -> "0\t0\t45\t0\t0\t0";
      case "fs/file-nr" -> openFiles() + "\t0\t" + FdTable.MOST;
      case "fs/inode-nr" -> "0\t0";
      case "fs/nr_open" -> Integer.toString(FdTable.MOST);
      case DOMAIN_NAME -> uts().domainName();
      case HOST_NAME -> uts().hostName();
      case "kernel/ns_last_pid" -> Integer.toString(kernel.tasks().lastPid());
      case "kernel/osrelease" -> UtsNamespace.RELEASE;
      case "kernel/ostype" -> UtsNamespace.SYSNAME;
      case "kernel/pid_max" -> Integer.toString(TaskSet.PID_MAX);
      case "kernel/random/boot_id" -> RandomIdentity.OF_BOOT;
      case "kernel/random/uuid" -> RandomIdentity.make();
      case "kernel/threads-max" -> Integer.toString(kernel.tasks().most());
      case "kernel/version" -> UtsNamespace.VERSION;
      default -> throw ErrnoException.of(Errno.ENOENT);
    };
  }

  /** The names are those of whoever asks. */
  private UtsNamespace uts() {
    Task task = Task.current();
    return task == null ? kernel.uts() : task.namespaces().uts();
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
