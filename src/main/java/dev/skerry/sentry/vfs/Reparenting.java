package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.landlock.AccessRights;
import dev.skerry.sentry.landlock.Domain;
import dev.skerry.sentry.landlock.Withheld;
import org.jspecify.annotations.Nullable;

/**
 * What tasks have forbidden themselves about giving a file another name (landlock(7),
 * LANDLOCK_ACCESS_FS_REFER): where it comes to, nothing may be allowed that was not before.
 *
 * @param mount of both places
 * @param source the file
 * @param directory where the new name is
 * @param target the file that has the new name now, or null
 * @param removes whether the old name goes
 * @param exchanges whether the target gets the old name
 */
record Reparenting(
    Mount mount,
    Dentry source,
    Dentry directory,
    @Nullable Dentry target,
    boolean removes,
    boolean exchanges) {
  /** The check of link(2). */
  static void checkLink(Credentials who, Mount mount, Dentry source, Dentry directory)
      throws ErrnoException {
    Domain domain = who.domain();
    if (domain != null) {
      new Reparenting(mount, source, directory, null, false, false).check(domain);
    }
  }

  /** EACCES for names that may not be made or removed; EXDEV if only the move is forbidden. */
  void check(Domain domain) throws ErrnoException {
    if (!domain.restrictsPaths()) {
      return;
    }
    int fromRights = rightsWhereItWas();
    int toRights = rightsWhereItComesTo();
    if (source.parent() == directory) {
      if (Restrictions.withheld(domain, mount, directory, fromRights | toRights) != 0) {
        throw ErrnoException.of(Errno.EACCES);
      }
      return;
    }
    fromRights |= AccessRights.REFER;
    toRights |= AccessRights.REFER;
    Dentry parent = source == mount.root() ? source : source.parent();
    Withheld from = new Withheld(domain, AccessRights.OF_PATHS);
    Withheld to = new Withheld(domain, AccessRights.OF_PATHS);
    grantBelow(from, parent);
    grantBelow(to, directory);
    if (!allows(domain, from, fromRights, to, toRights)) {
      int missing = (from.rights() & fromRights) | (to.rights() & toRights);
      boolean onlyMove = (missing & ~AccessRights.REFER) == 0;
      throw ErrnoException.of(onlyMove ? Errno.EXDEV : Errno.EACCES);
    }
  }

  private int rightsWhereItWas() {
    int removed = removes ? Restrictions.toRemove(source.inode()) : 0;
    if (!exchanges || target == null) {
      return removed;
    }
    return removed | Restrictions.toMake(target.inode().type());
  }

  private int rightsWhereItComesTo() {
    int made = Restrictions.toMake(source.inode().type());
    return removes && target != null ? made | Restrictions.toRemove(target.inode()) : made;
  }

  /** Asks the places from a directory up to the mount's root. */
  private void grantBelow(Withheld withheld, @Nullable Dentry lowest) {
    Dentry at = lowest;
    while (at != null) {
      withheld.grant(at.inode());
      at = at == mount.root() || withheld.isNothing() ? null : at.parent();
    }
  }

  private static Withheld bySelf(Domain domain, Dentry file) {
    Withheld withheld = new Withheld(domain, AccessRights.OF_PATHS);
    withheld.grant(file.inode());
    return withheld;
  }

  /**
   * Asks the places that both have above them. As soon as no right can be gained, only those count
   * that the change itself takes; otherwise all must be allowed on both sides.
   */
  private boolean allows(Domain domain, Withheld from, int fromRights, Withheld to, int toRights) {
    if (from.isNothing() && to.isNothing()) {
      return true;
    }
    Withheld ofSource = bySelf(domain, source);
    Withheld ofTarget = exchanges && target != null ? bySelf(domain, target) : null;
    Ascent place = new Ascent(mount, mount.root());
    boolean mayGain = true;
    while (true) {
      if (mayGain && gainsNothing(from, ofSource, to, ofTarget)) {
        mayGain = false;
        from.confineTo(fromRights);
        to.confineTo(toRights);
      }
      from.grant(place.inode());
      to.grant(place.inode());
      if (from.isNothing() && to.isNothing()) {
        return true;
      }
      if (!place.goUp()) {
        return place.isInternal();
      }
    }
  }

  private boolean gainsNothing(
      Withheld from, Withheld ofSource, Withheld to, @Nullable Withheld ofTarget) {
    return from.isAllIn(to, ofSource, counting(source))
        && (ofTarget == null || target == null || to.isAllIn(from, ofTarget, counting(target)));
  }

  private static int counting(Dentry file) {
    return file.inode().isDirectory() ? AccessRights.OF_PATHS : AccessRights.OF_FILES;
  }
}
