package dev.skerry.sentry.boot;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import dev.skerry.sentry.fs.tmpfs.AnonymousFiles;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.FileSystemTypes;
import dev.skerry.sentry.vfs.MemoryFiles;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.VirtualFileSystem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The file systems that a guest may mount with mount(2), and the one of memfd_create(2). */
final class GuestFileSystems implements FileSystemTypes, MemoryFiles {
  private final VirtualFileSystem vfs;
  private final FileSystems fileSystems;

  /** Made when it is first asked for. Guarded by this. */
  private @Nullable AnonymousFiles anonymousFiles;

  GuestFileSystems(VirtualFileSystem vfs, FileSystems fileSystems) {
    this.vfs = vfs;
    this.fileSystems = fileSystems;
  }

  @Override
  public FileSystem make(String type, String data, Origin origin) throws ErrnoException {
    Credentials maker = origin.credentials();
    UserNamespace owner = maker.userNamespace();
    checkMayMake(type, maker);
    FileSystem made =
        switch (type) {
          case "tmpfs" -> fileSystems.make(type, MountParameters.checked(type, data, maker), maker);
          case "overlay" -> overlay(data, origin);
          case "devpts" -> fileSystems.newTerminals(data);
          default -> fileSystems.make(type, data, maker);
        };
    if (!type.equals("devpts")) {
      made.setUserNamespace(owner);
    }
    try {
      made.count();
      return made;
    } catch (ErrnoException e) {
      made.discard();
      throw e;
    }
  }

  @Override
  public List<String> names() {
    return FileSystems.typeNames();
  }

  @Override
  public boolean hasOption(String type, String key) {
    return MountParameters.isKnown(type, key);
  }

  @Override
  public @Nullable String wrongOption(
      String type, String key, @Nullable String value, Credentials maker) {
    return MountParameters.wrong(type, key, value, maker);
  }

  @Override
  public void checkMayMake(String type, Credentials maker) throws ErrnoException {
    Task task = Task.current();
    boolean initial = maker.userNamespace() == UserNamespace.INITIAL;
    boolean allowed =
        switch (type) {
          case "tmpfs", "overlay" -> maker.hasOwnCapability(Capability.SYS_ADMIN);
          // The terminals of the sandbox are the service's: only a container inside has its own.
          case "devpts" -> !initial && maker.hasOwnCapability(Capability.SYS_ADMIN);
          case "devtmpfs" -> maker.hasCapability(Capability.SYS_ADMIN);
          case "proc", "sysfs" -> {
            NamespaceKind kind = type.equals("proc") ? NamespaceKind.PID : NamespaceKind.NET;
            UserNamespace over = UserNamespace.INITIAL;
            if (task != null && kind == NamespaceKind.PID) {
              over = task.pidNamespace().owner();
            } else if (task != null) {
              over = task.namespaces().get(kind).owner();
            }
            yield maker.hasCapability(over, Capability.SYS_ADMIN);
          }
          case "9p" -> false;
          default -> throw ErrnoException.of(Errno.ENODEV);
        };
    if (!allowed) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  @Override
  public OpenFileDescription create(String name, int flags, Owner owner) throws ErrnoException {
    return anonymousFiles().create(name, flags, owner);
  }

  private synchronized AnonymousFiles anonymousFiles() throws ErrnoException {
    AnonymousFiles present = anonymousFiles;
    if (present == null) {
      present = fileSystems.anonymousFiles();
      anonymousFiles = present;
    }
    return present;
  }

  private FileSystem overlay(String data, Origin origin) throws ErrnoException {
    OverlayLayers layers = new OverlayLayers(vfs, origin);
    for (String option : data.split(",")) {
      int equals = option.indexOf('=');
      String value = option.substring(equals + 1);
      switch (equals < 0 ? option : option.substring(0, equals)) {
        case "lowerdir" -> layers.lower(value);
        case "lowerdir+" -> layers.addLower(value);
        case "upperdir" -> layers.upper(value);
        case "workdir" -> layers.work(value);
        case "", "index", "metacopy", "redirect_dir", "xino", "userxattr", "volatile" -> {}
        default -> throw ErrnoException.of(Errno.EINVAL);
      }
    }
    return layers.make();
  }
}
