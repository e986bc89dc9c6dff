package dev.skerry.sentry.vfs;

import java.util.ArrayList;
import java.util.List;

/**
 * Mounts that show each other what is mounted and unmounted below them (mount_namespaces(7), shared
 * subtrees), and those that only look on. Guarded by {@link MountTable}. Linux: mnt_share and
 * mnt_slave_list of struct mount.
 */
final class PeerGroup {
  private final int id;
  private final List<Mount> members = new ArrayList<>();
  private final List<Mount> slaves = new ArrayList<>();

  PeerGroup(int id) {
    this.id = id;
  }

  /** The number that mountinfo shows. */
  int id() {
    return id;
  }

  List<Mount> members() {
    return members;
  }

  List<Mount> slaves() {
    return slaves;
  }
}
