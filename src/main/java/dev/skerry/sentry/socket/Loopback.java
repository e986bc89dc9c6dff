package dev.skerry.sentry.socket;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.sysctl.SysctlOwner;
import dev.skerry.sentry.sysctl.SysctlValues;
import org.jspecify.annotations.Nullable;

/** The loopback interface of a network namespace: down, it has no addresses and goes nowhere. */
public interface Loopback extends SysctlOwner {
  boolean isLoopbackUp();

  void setLoopbackUp(boolean up);

  /** The largest packet, in bytes. */
  int mtu();

  void setMtu(int bytes);

  /** The one of the task whose call is being served; null if there is none. */
  static @Nullable Loopback current() {
    Task task = Task.current();
    return task != null && task.namespaces().get(NamespaceKind.NET) instanceof Loopback own
        ? own
        : null;
  }

  /** The settings of the network of the task whose call is being served. */
  static SysctlValues settings() {
    Loopback present = current();
    return present == null ? SysctlValues.SYSTEM : present.sysctl();
  }

  /** Zero if the task whose call is being served may change its network, or an error. */
  static int checkChange() {
    Task task = Task.current();
    boolean allowed =
        task == null
            || task.credentials()
                .hasCapability(
                    task.namespaces().get(NamespaceKind.NET).owner(), Capability.NET_ADMIN);
    return allowed ? 0 : Errno.EPERM;
  }
}
