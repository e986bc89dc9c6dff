package dev.skerry.sentry.vfs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What goes when a tree is unmounted. Elsewhere that is what is mounted at the same places, if
 * nothing stays mounted on it, except on its whole root: that moves down to where it was. Guarded
 * by {@link MountTable}. Linux: propagate_umount().
 */
final class Unmounting {
  private final Set<Mount> tree;

  /** What is mounted where the tree's top is, for all who see it. */
  private final List<Mount> peers;

  /** What goes elsewhere. */
  private final Set<Mount> others;

  /**
   * @param tree the mounts that go here, the top first
   */
  Unmounting(List<Mount> tree, MountPropagation propagation) {
    this.tree = new LinkedHashSet<>(tree);
    peers = propagation.alsoMounted(tree.getFirst());
    others = new LinkedHashSet<>(peers);
    for (Mount below : tree.subList(1, tree.size())) {
      others.addAll(propagation.alsoMounted(below));
    }
    others.removeAll(this.tree);
  }

  /** Whether one of the peers is in use; one with something mounted in it stays, and counts not. */
  boolean isBusyElsewhere() {
    for (Mount peer : peers) {
      if (peer.isInUse() && !peer.hasChildrenBut(peer.childAt(peer.root()))) {
        return true;
      }
    }
    return false;
  }

  /** What goes elsewhere, now that it is certain that the tree goes. */
  Collection<Mount> decide() {
    // They hide nothing any more that is not visible where the tree was.
    peers.forEach(peer -> peer.setLocked(false));
    ArrayDeque<Mount> doubtful = new ArrayDeque<>(others);
    while (!doubtful.isEmpty()) {
      Mount mount = doubtful.pop();
      VfsPath point = mount.point();
      if (point == null || !others.contains(mount) || mayGo(mount, point)) {
        continue;
      }
      others.remove(mount);
      mount.children().forEach(doubtful::push);
      doubtful.push(point.mount());
      // If it covers what goes, it moves down, so that what is beneath has to stay, too.
      for (VfsPath at = point; MountTable.isRoot(at) && others.contains(at.mount()); ) {
        VfsPath beneath = at.mount().point();
        if (beneath == null) {
          break;
        }
        doubtful.push(beneath.mount());
        at = beneath;
      }
    }
    return others;
  }

  private boolean mayGo(Mount mount, VfsPath point) {
    if (mount.isLocked() && !goes(point.mount())) {
      return false;
    }
    for (Mount child : mount.children()) {
      if (!covers(child, mount) && lowestStaying(child) != null) {
        return false;
      }
    }
    return true;
  }

  /** The lowest that stays of a mount and those that cover it; null if all go. */
  private @Nullable Mount lowestStaying(Mount mount) {
    Mount at = mount;
    while (at != null && goes(at)) {
      at = at.childAt(at.root());
    }
    return at;
  }

  private boolean goes(Mount mount) {
    return others.contains(mount) || tree.contains(mount);
  }

  private static boolean covers(Mount over, Mount mount) {
    VfsPath point = over.point();
    return point != null && point.dentry() == mount.root();
  }

  /** What stays though it is mounted on what goes elsewhere, each with its new place. */
  List<MountTable.Grafting> staying() {
    List<MountTable.Grafting> found = new ArrayList<>();
    for (Mount mount : others) {
      Mount over = mount.childAt(mount.root());
      VfsPath place = mount.point();
      if (over == null || goes(over)) {
        continue;
      }
      while (place != null && goes(place.mount())) {
        place = place.mount().point();
      }
      if (place != null) {
        found.add(new MountTable.Grafting(over, place));
      }
    }
    return found;
  }
}
