package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlOwner;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VfsPath;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A setting of /proc/sys, of the namespaces that whoever looks at it is in, or was in when it was
 * opened.
 */
final class SysctlFile extends GeneratedFile {
  /** Of a file that means something only to one who writes it. */
  private static final List<String> CONGESTION_CONTROLS = List.of("reno", "cubic");

  private final ProcFileSystem proc;
  private final Sysctl setting;

  /** Whose setting it is, of an open file; otherwise null. */
  private final @Nullable Namespace opened;

  SysctlFile(ProcFileSystem fileSystem, Sysctl setting) {
    this(fileSystem, fileSystem.nextNumber(), setting, null);
  }

  private SysctlFile(
      ProcFileSystem fileSystem, long number, Sysctl setting, @Nullable Namespace opened) {
    super(fileSystem, number, setting.permissions());
    this.proc = fileSystem;
    this.setting = setting;
    this.opened = opened;
  }

  @Override
  public OpenFileDescription open(VfsPath path, int flags) throws ErrnoException {
    Namespace present = namespace();
    return opened != null || present == null
        ? super.open(path, flags)
        : new SysctlFile(proc, number(), setting, present).open(path, flags);
  }

  /** Whose setting it is; null for the system's. */
  private @Nullable Namespace namespace() {
    Task task = Task.current();
    if (opened != null || task == null) {
      return opened;
    }
    return switch (setting.scope()) {
      case SYSTEM -> null;
      case NET -> task.namespaces().get(NamespaceKind.NET);
      case IPC -> task.namespaces().get(NamespaceKind.IPC);
    };
  }

  private SysctlValues values() {
    return namespace() instanceof SysctlOwner owner ? owner.sysctl() : SysctlValues.SYSTEM;
  }

  /** Root of the namespace's owner may change what is the namespace's. */
  @Override
  protected Owner owner() {
    Namespace namespace = namespace();
    if (namespace == null) {
      return new Owner(0, 0);
    }
    UserNamespace ids = namespace.owner();
    int uid = ids.uid(0);
    int gid = ids.gid(0);
    return new Owner(uid == -1 ? 0 : uid, gid == -1 ? 0 : gid);
  }

  @Override
  protected Changes changes() {
    return Changes.NONE;
  }

  @Override
  protected boolean opensForWriting() {
    Task task = Task.current();
    return super.opensForWriting() || (setting.isForRestore() && task != null && mayRestore(task));
  }

  private static boolean mayRestore(Task task) {
    return task.credentials().mayRestore(task.namespaces().get(NamespaceKind.IPC).owner());
  }

  @Override
  protected String text() {
    return values().text(setting) + "\n";
  }

  @Override
  protected void accept(String text) throws ErrnoException {
    if (text.isEmpty()) {
      return;
    }
    checkWriter();
    SysctlValues values = values();
    if (setting == Sysctl.CORE_PATTERN && text.startsWith("|")) {
      // There is no place outside of all processes where a handler could run.
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (setting == Sysctl.TCP_CONGESTION_CONTROL && !CONGESTION_CONTROLS.contains(text.strip())) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (setting == Sysctl.IP_LOCAL_PORT_RANGE || setting == Sysctl.PING_GROUP_RANGE) {
      setRange(values, text);
      return;
    }
    values.set(setting, text);
  }

  /** Whoever opened the file may have been somebody else, or in another user namespace. */
  private void checkWriter() throws ErrnoException {
    Task task = Task.current();
    Owner owner = owner();
    if (task != null
        && task.credentials().fsuid() != owner.uid()
        && !task.credentials()
            .hasCapabilityOver(owner.uid(), owner.gid(), Capability.DAC_OVERRIDE)) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** Both ends change together; an empty range is EINVAL, of groups it means nobody. */
  private void setRange(SysctlValues values, String text) throws ErrnoException {
    SysctlValues wanted = new SysctlValues();
    wanted.set(setting, values.text(setting));
    wanted.set(setting, text);
    long low = wanted.get(setting, 0);
    long high = wanted.get(setting, 1);
    if (setting == Sysctl.IP_LOCAL_PORT_RANGE) {
      long free = values.get(Sysctl.IP_UNPRIVILEGED_PORT_START);
      if (low > high || low < free) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    } else if (low > high) {
      values.set(setting, "1 0");
      return;
    }
    values.set(setting, Arrays.asList(low, high).toString().replaceAll("[\\[\\],]", " "));
  }
}
