package dev.skerry.sentry.auth;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import org.jspecify.annotations.Nullable;

/**
 * A user namespace (user_namespaces(7)): ids of its own, and capabilities that count in it alone.
 * Everywhere in the sentry ids are those of the sandbox's first namespace; they are translated
 * where a guest gives or gets them. Linux: struct user_namespace.
 */
public final class UserNamespace extends Namespace {
  /** The first one, which maps every id to itself. */
  public static final UserNamespace INITIAL = new UserNamespace();

  /** What an id shows as that is not mapped (/proc/sys/kernel/overflowuid). */
  public static final int OVERFLOW_ID = 65534;

  /** How deep they may be nested. */
  private static final int MOST_LEVEL = 32;

  private final @Nullable UserNamespace parent;
  private final int level;
  private final int ownerUid;
  private final int ownerGid;
  private final boolean parentCouldSetFileCapabilities;

  // Changed once, under the monitor.
  private volatile IdMap uids;
  private volatile IdMap gids;
  private volatile boolean setgroupsAllowed = true;

  private UserNamespace() {
    super(NamespaceKind.USER);
    parent = null;
    level = 0;
    ownerUid = 0;
    ownerGid = 0;
    parentCouldSetFileCapabilities = true;
    uids = IdMap.IDENTITY;
    gids = IdMap.IDENTITY;
  }

  private UserNamespace(UserNamespace parent, Credentials maker) throws ErrnoException {
    super(NamespaceKind.USER, parent);
    this.parent = parent;
    level = parent.level + 1;
    ownerUid = maker.euid();
    ownerGid = maker.egid();
    parentCouldSetFileCapabilities = (maker.effective() & (1L << Capability.SETFCAP)) != 0;
    setgroupsAllowed = parent.setgroupsAllowed;
    uids = IdMap.EMPTY;
    gids = IdMap.EMPTY;
  }

  /**
   * One below the maker's, with one user.
   *
   * @throws ErrnoException ENOSPC if there are too many or it would be too deep; EPERM if the
   *     maker's own ids are not mapped
   */
  static UserNamespace create(Credentials maker) throws ErrnoException {
    UserNamespace parent = maker.userNamespace();
    if (parent.level > MOST_LEVEL) {
      throw ErrnoException.of(Errno.ENOSPC);
    }
    if (!parent.hasUid(maker.euid()) || !parent.hasGid(maker.egid())) {
      throw ErrnoException.of(Errno.EPERM);
    }
    return new UserNamespace(parent, maker);
  }

  /** User namespaces are made by {@link Credentials#withNewUserNamespace}. */
  @Override
  public Namespace unshare(UserNamespace newOwner) {
    throw new UnsupportedOperationException("made with credentials alone");
  }

  public @Nullable UserNamespace parent() {
    return parent;
  }

  @Override
  public @Nullable Namespace parentNamespace() {
    return parent;
  }

  int level() {
    return level;
  }

  /** The user who made it, and so has every capability in it from outside. */
  public int ownerUid() {
    return ownerUid;
  }

  public int ownerGid() {
    return ownerGid;
  }

  /** Whether it is {@code ancestor} or below it. */
  public boolean isIn(UserNamespace ancestor) {
    UserNamespace at = this;
    while (at != null && at.level > ancestor.level) {
      at = at.parent;
    }
    return at == ancestor;
  }

  /** The sandbox's id for one of this namespace's; -1 for one that is not mapped. */
  public int uid(int id) {
    return uids.down(id);
  }

  /** As {@link #uid}, for groups. */
  public int gid(int id) {
    return gids.down(id);
  }

  /** What an id of the sandbox's is called here; the overflow id if it is not mapped. */
  public int shownUid(int uid) {
    int id = uids.up(uid);
    return id == -1 ? OVERFLOW_ID : id;
  }

  /** As {@link #shownUid}, for groups. */
  public int shownGid(int gid) {
    int id = gids.up(gid);
    return id == -1 ? OVERFLOW_ID : id;
  }

  public boolean hasUid(int uid) {
    return uids.up(uid) != -1;
  }

  public boolean hasGid(int gid) {
    return gids.up(gid) != -1;
  }

  /** Whether setgroups(2) may be used: not before there is a map, and not after "deny". */
  public boolean maySetGroups() {
    return setgroupsAllowed && !gids.isEmpty();
  }

  public boolean isSetgroupsAllowed() {
    return setgroupsAllowed;
  }

  /** Forbids setgroups(2) for good, or does nothing; EPERM if it is too late for that. */
  public synchronized void setSetgroups(boolean allowed) throws ErrnoException {
    if (allowed ? !setgroupsAllowed : !gids.isEmpty()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    setgroupsAllowed = allowed;
  }

  /** The map as a reader sees it: its outer ids are the reader's, or the parent's for a member. */
  public String mapText(boolean groups, UserNamespace reader) {
    UserNamespace lower = reader == this && parent != null ? parent : reader;
    return groups ? IdMapText.format(gids, lower.gids) : IdMapText.format(uids, lower.uids);
  }

  /**
   * Writes uid_map or gid_map.
   *
   * @param opener who opened the file
   * @param writer who writes
   * @throws ErrnoException EPERM, EINVAL
   */
  public synchronized void writeMap(
      boolean groups, String text, Credentials opener, Credentials writer) throws ErrnoException {
    UserNamespace above = parent;
    UserNamespace from = opener.userNamespace();
    boolean related = from == this || from == above;
    IdMap present = groups ? gids : uids;
    if (above == null || !related || !present.isEmpty()) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (!opener.hasCapability(this, Capability.SYS_ADMIN)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    IdMap wanted = IdMapText.parse(text);
    IdMap mapped = wanted.through(groups ? above.gids : above.uids);
    if (!mayMap(above, wanted, groups, opener, writer) || mapped == null) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (groups) {
      gids = mapped;
    } else {
      uids = mapped;
    }
  }

  /** new_idmap_permitted() of kernel/user_namespace.c. */
  private boolean mayMap(
      UserNamespace above, IdMap wanted, boolean groups, Credentials opener, Credentials writer) {
    if (!groups && !mayMapRoot(above, wanted, opener)) {
      return false;
    }
    if (wanted.extents() == 1 && wanted.count(0) == 1 && ownerUid == opener.euid()) {
      int id = wanted.lower(0);
      boolean own =
          groups
              ? !setgroupsAllowed && above.gid(id) == opener.egid()
              : above.uid(id) == opener.euid();
      if (own) {
        return true;
      }
    }
    int capability = groups ? Capability.SETGID : Capability.SETUID;
    return writer.hasCapability(above, capability) && opener.hasCapability(above, capability);
  }

  /** A file capability of the parent's root would be the mapped one's too. */
  private boolean mayMapRoot(UserNamespace above, IdMap wanted, Credentials opener) {
    boolean mapsRoot = false;
    for (int i = 0; i < wanted.extents(); i++) {
      mapsRoot |= wanted.lower(i) == 0;
    }
    if (!mapsRoot) {
      return true;
    }
    return opener.userNamespace() == this
        ? parentCouldSetFileCapabilities
        : opener.hasCapability(above, Capability.SETFCAP);
  }
}
