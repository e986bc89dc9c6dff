package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** MS_MOVE and move_mount(2). Linux: do_move_mount() of fs/namespace.c. */
final class MountMoves {
  private final MountTable table;
  private final MountNamespace caller;

  MountMoves(MountTable table, MountNamespace caller) {
    this.table = table;
    this.caller = caller;
  }

  private static ErrnoException refused() {
    return ErrnoException.of(Errno.EINVAL);
  }

  /**
   * Moves a mount with all on it.
   *
   * @param beneath below what is mounted at the place
   * @throws ErrnoException EINVAL for what is no mount's root or may not be moved, ELOOP into
   *     itself, or with a mount namespace that must not be kept here
   */
  void move(VfsPath from, VfsPath point, boolean beneath) throws ErrnoException {
    synchronized (table) {
      Mount mount = from.mount();
      VfsPath top = table.topOf(point);
      MountTable.checkPlace(top, null);
      if (!MountTable.isRoot(from)
          || mount.root().inode().isDirectory() != top.inode().isDirectory()) {
        throw refused();
      }
      checkSource(mount);
      checkTarget(mount, top.mount());
      VfsPath place = beneath ? placeBeneath(mount, top) : top;
      Mount parent = place.mount();
      List<Mount> tree = table.mountsOf(mount);
      table.propagation().checkBindable(tree, parent.peers());
      if (isAbove(mount, parent) || tree.stream().anyMatch(caller::wouldLoop)) {
        throw ErrnoException.of(Errno.ELOOP);
      }
      table.graft(mount, place);
    }
  }

  /** A mount of the caller's own that can be taken from where it is, or the root of a tree. */
  private void checkSource(Mount mount) throws ErrnoException {
    MountNamespace home = mount.namespace();
    Mount parent = parentOf(mount);
    boolean movable =
        home == caller
            ? parent != null && !mount.isLocked() && !parent.isShared()
            : home != null && home.isDetached() && home.hasRoot(mount);
    if (!movable) {
      throw refused();
    }
  }

  /** To the caller's own tree, or from outside to one that is in no namespace. */
  private void checkTarget(Mount mount, Mount target) throws ErrnoException {
    MountNamespace home = mount.namespace();
    MountNamespace there = target.namespace();
    boolean reachable =
        there == caller
            || (home != caller && there != home && there != null && there.isDetachedFrom(caller));
    if (!reachable) {
      throw refused();
    }
  }

  private VfsPath placeBeneath(Mount mount, VfsPath top) throws ErrnoException {
    Mount over = top.mount();
    VfsPath place = over.point();
    if (place == null || !MountTable.isRoot(top) || over.isLocked() || isAbove(mount, over)) {
      throw refused();
    }
    boolean bottom = parentOf(place.mount()) == null;
    boolean overmounted = mount.childAt(mount.root()) != null;
    boolean seenAgain =
        wouldCover(place, over) || (mount.namespace() == caller && wouldCover(place, mount));
    if (bottom || overmounted || seenAgain) {
      throw refused();
    }
    return place;
  }

  /** Whether what is mounted at the place would be mounted over the mount's root, too. */
  private static boolean wouldCover(VfsPath place, Mount mount) {
    boolean told = isToldOf(mount, place.mount());
    return told && mount.root() == place.dentry();
  }

  /** Whether the mount gets what is mounted on the other one. */
  private static boolean isToldOf(Mount mount, Mount other) {
    PeerGroup group = other.peers();
    if (group == null) {
      return false;
    }
    for (PeerGroup at = mount.peers() == null ? mount.master() : mount.peers(); at != null; ) {
      if (at == group) {
        return true;
      }
      List<Mount> members = at.members();
      at = members.isEmpty() ? null : members.getFirst().master();
    }
    return false;
  }

  private static @Nullable Mount parentOf(Mount mount) {
    VfsPath point = mount.point();
    return point == null ? null : point.mount();
  }

  private static boolean isAbove(Mount mount, Mount other) {
    for (Mount at = other; at != null; at = parentOf(at)) {
      if (at == mount) {
        return true;
      }
    }
    return false;
  }

  /** A private mount joins the groups of another mount of the same files, or of more of them. */
  void setGroup(VfsPath from, VfsPath to) throws ErrnoException {
    synchronized (table) {
      Mount source = from.mount();
      Mount target = to.mount();
      boolean known = isKnown(source) && isKnown(target);
      if (!known || !MountTable.isRoot(from) || !MountTable.isRoot(to)) {
        throw refused();
      }
      boolean wider =
          source.fileSystem() == target.fileSystem() && source.root().isAboveOrAt(target.root());
      boolean isPrivate = target.peers() == null && target.master() == null;
      boolean sharing = source.peers() != null || source.master() != null;
      if (!wider || !isPrivate || !sharing || hidesPart(source, target)) {
        throw refused();
      }
      MountPropagation.relate(target, source, MountPropagation.Relation.PEER);
    }
  }

  private boolean isKnown(Mount mount) {
    MountNamespace home = mount.namespace();
    return home == caller || (home != null && home.isDetachedFrom(caller));
  }

  private static boolean hidesPart(Mount source, Mount target) {
    return MountLocks.hasLockedChild(new VfsPath(source, target.root()));
  }
}
