package dev.skerry.sentry.fs.proc;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.Sysctl;
import dev.skerry.sentry.sysctl.SysctlOwner;
import dev.skerry.sentry.sysctl.SysctlValues;
import dev.skerry.sentry.vfs.Changes;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.synthetic.GeneratedFile;
import java.util.Arrays;
import java.util.List;

/** A setting of /proc/sys, of the namespaces that whoever looks at it is in. */
final class SysctlFile extends GeneratedFile {
  /** Of a file that means something only to one who writes it. */
  private static final List<String> CONGESTION_CONTROLS = List.of("reno", "cubic");

  private final Sysctl setting;

  SysctlFile(ProcFileSystem fileSystem, Sysctl setting) {
    super(fileSystem, fileSystem.nextNumber(), setting.permissions());
    this.setting = setting;
  }

  private SysctlValues values() {
    Task task = Task.current();
    NamespaceKind kind =
        switch (setting.scope()) {
          case SYSTEM -> NamespaceKind.USER;
          case NET -> NamespaceKind.NET;
          case IPC -> NamespaceKind.IPC;
        };
    return task != null
            && kind != NamespaceKind.USER
            && task.namespaces().get(kind) instanceof SysctlOwner owner
        ? owner.sysctl()
        : SysctlValues.SYSTEM;
  }

  /** Root of the namespace's owner may change what is the namespace's. */
  @Override
  protected Owner owner() {
    Task task = Task.current();
    if (task == null || setting.scope() == Sysctl.Scope.SYSTEM) {
      return new Owner(0, 0);
    }
    boolean net = setting.scope() == Sysctl.Scope.NET;
    UserNamespace ids = task.namespaces().get(net ? NamespaceKind.NET : NamespaceKind.IPC).owner();
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

  /** It is the writer's namespace that changes, which whoever opened the file may not be in. */
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
