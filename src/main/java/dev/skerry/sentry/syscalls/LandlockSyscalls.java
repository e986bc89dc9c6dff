package dev.skerry.sentry.syscalls;

import dev.skerry.abi.Errno;
import dev.skerry.abi.Syscall;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Capability;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.kernel.Task;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.landlock.Handled;
import dev.skerry.sentry.landlock.Ruleset;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.Restrictions;
import dev.skerry.sentry.vfs.VfsPath;

/** What programs forbid themselves (landlock(7)). Linux: security/landlock/syscalls.c. */
final class LandlockSyscalls {
  /** All of the seventh version is in force, and the mistakes of the earlier ones are mended. */
  private static final int VERSION = 7;

  private static final int ERRATA = 7;

  private static final int CREATE_RULESET_VERSION = 1;
  private static final int CREATE_RULESET_ERRATA = 2;

  private static final int RULE_PATH_BENEATH = 1;
  private static final int RULE_NET_PORT = 2;

  /** What of the denials goes to a log; none does. */
  private static final int LOG_SUBDOMAINS_OFF = 4;

  private static final int RESTRICT_KNOWN = 7;

  /** The first version of struct landlock_ruleset_attr, and the present one. */
  private static final int RULESET_LEAST = 8;

  private static final int RULESET_SIZE = 24;

  /** sizeof(struct landlock_path_beneath_attr), which is packed. */
  private static final int PATH_BENEATH = 12;

  /** sizeof(struct landlock_net_port_attr). */
  private static final int NET_PORT = 16;

  private static final long MOST_PORT = 0xffff;

  private LandlockSyscalls() {}

  static void register(SyscallTable table) {
    table.supported(Syscall.LANDLOCK_CREATE_RULESET, LandlockSyscalls::landlock_create_ruleset);
    table.supported(Syscall.LANDLOCK_ADD_RULE, LandlockSyscalls::landlock_add_rule);
    table.supported(Syscall.LANDLOCK_RESTRICT_SELF, LandlockSyscalls::landlock_restrict_self);
  }

  static long landlock_create_ruleset(Task task, SyscallArgs args) throws ErrnoException {
    long address = args.addressAt(0);
    long size = args.longAt(1);
    int flags = args.intAt(2);
    if (flags != 0) {
      boolean asks = address == 0 && size == 0;
      if (asks && flags == CREATE_RULESET_VERSION) {
        return VERSION;
      }
      return asks && flags == CREATE_RULESET_ERRATA ? ERRATA : -Errno.EINVAL;
    }
    if (address == 0) {
      return -Errno.EFAULT;
    }
    StructReader in =
        ExtensibleStruct.read(task.memory(), address, size, RULESET_LEAST, RULESET_SIZE);
    long paths = in.longAt(0);
    long ports = in.longAt(8);
    long scopes = in.longAt(16);
    if ((paths & ~AccessRights.OF_PATHS) != 0
        || (ports & ~AccessRights.OF_PORTS) != 0
        || (scopes & ~AccessRights.ALL_SCOPES) != 0) {
      return -Errno.EINVAL;
    }
    Handled handled = new Handled((int) paths, (int) ports, (int) scopes);
    if (handled.isNothing()) {
      return -Errno.ENOMSG;
    }
    return task.files().install(new RulesetFile(new Ruleset(handled)), true, 0);
  }

  private interface Use {
    long of(Ruleset ruleset) throws ErrnoException;
  }

  /** EBADF for no descriptor, EBADFD for one of something else. */
  private static long withRuleset(Task task, int fd, Use use) throws ErrnoException {
    OpenFileDescription file = Paths.file(task, fd);
    try {
      return file instanceof RulesetFile rules ? use.of(rules.ruleset()) : -Errno.EBADFD;
    } finally {
      file.drop();
    }
  }

  static long landlock_add_rule(Task task, SyscallArgs args) throws ErrnoException {
    if (args.intAt(3) != 0) {
      return -Errno.EINVAL;
    }
    long address = args.addressAt(2);
    return withRuleset(
        task,
        args.intAt(0),
        ruleset ->
            switch (args.intAt(1)) {
              case RULE_PATH_BENEATH -> addPath(task, ruleset, address);
              case RULE_NET_PORT -> addPort(task, ruleset, address);
              default -> -Errno.EINVAL;
            });
  }

  /** ENOMSG for a rule that allows nothing, EINVAL for rights that the ruleset has not. */
  private static long checkRights(long rights, int handled) {
    if (rights == 0) {
      return -Errno.ENOMSG;
    }
    return (rights & ~(long) handled) != 0 ? -Errno.EINVAL : 0;
  }

  private static long addPath(Task task, Ruleset ruleset, long address) throws ErrnoException {
    StructReader rule = new StructReader(task.memory().readBytes(address, PATH_BENEATH));
    long rights = rule.longAt(0);
    long wrong = checkRights(rights, ruleset.handled().paths());
    if (wrong != 0) {
      return wrong;
    }
    OpenFileDescription file = Paths.anyFile(task, rule.intAt(8));
    try {
      VfsPath path = file.path();
      if (path == null || !Restrictions.canBeIn(path)) {
        return -Errno.EBADFD;
      }
      if (!path.inode().isDirectory() && (rights & ~AccessRights.OF_FILES) != 0) {
        return -Errno.EINVAL;
      }
      return ruleset.allow(path.inode(), (int) rights);
    } finally {
      file.drop();
    }
  }

  private static long addPort(Task task, Ruleset ruleset, long address) throws ErrnoException {
    StructReader rule = new StructReader(task.memory().readBytes(address, NET_PORT));
    long rights = rule.longAt(0);
    long wrong = checkRights(rights, ruleset.handled().ports());
    if (wrong != 0) {
      return wrong;
    }
    long port = rule.longAt(8);
    return Long.compareUnsigned(port, MOST_PORT) > 0
        ? -Errno.EINVAL
        : ruleset.allowPort((int) port, (int) rights);
  }

  static long landlock_restrict_self(Task task, SyscallArgs args) throws ErrnoException {
    int fd = args.intAt(0);
    int flags = args.intAt(1);
    Credentials who = task.credentials();
    if (!who.noNewPrivileges() && !who.hasOwnCapability(Capability.SYS_ADMIN)) {
      return -Errno.EPERM;
    }
    if ((flags & ~RESTRICT_KNOWN) != 0) {
      return -Errno.EINVAL;
    }
    if (fd == -1 && flags == LOG_SUBDOMAINS_OFF) {
      return 0;
    }
    return withRuleset(
        task,
        fd,
        ruleset -> {
          Domain domain = Domain.restrict(who.domain(), ruleset);
          // Another thread may be setting no_new_privs (seccomp(2), TSYNC).
          synchronized (task.kernel().tasks()) {
            task.setCredentials(task.credentials().withDomain(domain));
          }
          return 0;
        });
  }
}
