package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who sees what is mounted where (mount_namespaces(7), shared subtrees). All is guarded by {@link
 * MountTable}. Linux: fs/pnode.c.
 */
final class MountPropagation {
  static final int MS_UNBINDABLE = 1 << 17;
  static final int MS_PRIVATE = 1 << 18;
  static final int MS_SLAVE = 1 << 19;
  static final int MS_SHARED = 1 << 20;

  /** How a copy of a mount relates to what it is a copy of. */
  enum Relation {
    /** In the same peer group. */
    PEER,
    /** It sees what the original's group does, but not the other way round. */
    SLAVE
  }

  /** Where a copy is to appear, and of which tree. */
  private record Target(Mount mount, Relation relation, int template) {}

  private final MountTable table;
  private final BitSet groupIds = new BitSet();

  MountPropagation(MountTable table) {
    this.table = table;
  }

  private PeerGroup newGroup() {
    int id = groupIds.nextClearBit(1);
    groupIds.set(id);
    return new PeerGroup(id);
  }

  /** Makes a mount shared; it keeps its master. */
  void share(Mount mount) {
    mount.setUnbindable(false);
    if (mount.peers() == null) {
      mount.setPeers(newGroup(), null);
    }
  }

  /** mount(2) with one of the MS_ flags of this class. */
  void change(Mount mount, int type) {
    if (type == MS_SHARED) {
      share(mount);
      return;
    }
    leavePeers(mount);
    if (type != MS_SLAVE) {
      mount.setMaster(null, null);
      mount.setUnbindable(type == MS_UNBINDABLE);
    }
  }

  /** The mount becomes a slave of its peers; the last one leaves its slaves to its own master. */
  private void leavePeers(Mount mount) {
    PeerGroup group = mount.peers();
    if (group == null) {
      return;
    }
    mount.setPeers(null, null);
    if (!group.members().isEmpty()) {
      mount.setMaster(group, null);
      return;
    }
    groupIds.clear(group.id());
    for (Mount slave : List.copyOf(group.slaves())) {
      slave.setMaster(mount.master(), null);
    }
  }

  /** The relations of a new copy. */
  static void relate(Mount copy, Mount original, Relation relation) {
    PeerGroup group = original.peers();
    if (group != null && relation == Relation.PEER) {
      copy.setPeers(group, original);
    }
    if (group != null && relation == Relation.SLAVE) {
      copy.setMaster(group, null);
    } else {
      copy.setMaster(original.master(), original);
    }
  }

  /**
   * Copies of a tree for everybody who sees what is mounted at a place.
   *
   * @param tree the root of what is about to be mounted there; it becomes shared if the place is
   * @return the copies, each with its place
   * @throws ErrnoException ENOSPC if there would be too many mounts, EINVAL for a mount namespace,
   *     which others must not get; nothing is changed then
   */
  List<MountTable.Grafting> propagate(Mount tree, VfsPath point) throws ErrnoException {
    List<MountTable.Grafting> graftings = new ArrayList<>();
    PeerGroup group = point.mount().peers();
    if (group == null) {
      return graftings;
    }
    List<Mount> members = table.mountsOf(tree);
    List<Target> targets = targetsOf(group, point);
    if (!targets.isEmpty() && tree.fileSystem().mountNamespace() != null) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    table.checkRoom((long) members.size() * (targets.size() + 1));
    for (Mount member : members) {
      share(member);
    }
    List<Mount> templates = new ArrayList<>();
    templates.add(tree);
    for (Target target : targets) {
      Mount template = templates.get(target.template());
      Mount copy = table.copyTree(template, template.root(), target.relation(), false);
      if (target.relation() == Relation.SLAVE && target.mount().isShared()) {
        for (Mount each : table.mountsOf(copy)) {
          share(each);
        }
      }
      templates.add(copy);
      graftings.add(new MountTable.Grafting(copy, new VfsPath(target.mount(), point.dentry())));
    }
    return graftings;
  }

  private static List<Target> targetsOf(PeerGroup group, VfsPath point) {
    List<Target> targets = new ArrayList<>();
    collect(group, point, 0, targets, new HashSet<>());
    return targets;
  }

  /**
   * Members of the group first, as copies of one tree, then slaves, as slaves of it.
   *
   * @param template which of the trees the members' is a peer of: 0 for the one that is mounted, N
   *     for that of target N - 1
   * @param known the mounts of the targets
   */
  private static void collect(
      PeerGroup group, VfsPath point, int template, List<Target> targets, Set<Mount> known) {
    List<Mount> members = group.members();
    int own = members.indexOf(point.mount());
    for (int i = 1; i <= members.size(); i++) {
      Mount member = members.get((own + i + members.size()) % members.size());
      if (member != point.mount() && sees(member, point) && known.add(member)) {
        targets.add(new Target(member, Relation.PEER, template));
      }
    }
    for (Mount slave : List.copyOf(group.slaves())) {
      if (!sees(slave, point) || slave == point.mount() || !known.add(slave)) {
        continue;
      }
      targets.add(new Target(slave, Relation.SLAVE, template));
      PeerGroup theirs = slave.peers();
      if (theirs != null) {
        collect(theirs, point, targets.size(), targets, known);
      }
    }
  }

  /** Whether the place is in the mount too, which must be part of a tree itself. */
  private static boolean sees(Mount mount, VfsPath point) {
    return mount.namespace() != null && mount.root().isAboveOrAt(point.dentry());
  }

  /** What is mounted at the same place as a mount, for all who see that. */
  List<Mount> alsoMounted(Mount mount) {
    List<Mount> found = new ArrayList<>();
    VfsPath point = mount.point();
    PeerGroup group = point == null ? null : point.mount().peers();
    if (point == null || group == null) {
      return found;
    }
    for (Target target : targetsOf(group, point)) {
      Mount there = target.mount().childAt(point.dentry());
      if (there != null) {
        found.add(there);
      }
    }
    return found;
  }

  /** EINVAL for a tree that cannot be bound where others would see it. */
  void checkBindable(List<Mount> tree, @Nullable PeerGroup seenBy) throws ErrnoException {
    for (Mount mount : tree) {
      if (seenBy != null && mount.isUnbindable()) {
        throw ErrnoException.of(Errno.EINVAL);
      }
    }
  }
}
