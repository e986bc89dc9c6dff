package dev.skerry.sentry.vfs;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Namespace;
import dev.skerry.sentry.auth.NamespaceKind;
import dev.skerry.sentry.auth.UserNamespace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tree of mounts (mount_namespaces(7)). Linux: struct mnt_namespace. */
public final class MountNamespace extends Namespace {
  private final VirtualFileSystem vfs;

  /** What everything is mounted on, and nobody sees. */
  private final Mount root;

  private final Changes changes = new Changes();

  /** Null for a namespace that tasks are in. */
  private final @Nullable MountNamespace origin;

  /** The sandbox's first one. */
  MountNamespace(VirtualFileSystem vfs, Mount root) {
    super(NamespaceKind.MNT);
    this.vfs = vfs;
    this.root = root;
    this.origin = null;
  }

  private MountNamespace(
      VirtualFileSystem vfs, Mount root, UserNamespace owner, @Nullable MountNamespace origin)
      throws ErrnoException {
    super(NamespaceKind.MNT, owner);
    this.vfs = vfs;
    this.root = root;
    this.origin = origin;
  }

  /**
   * A tree that no task is in, until it is moved to where one sees it. Linux: an anonymous
   * namespace.
   *
   * @param origin the namespace of whoever makes it
   */
  static MountNamespace detached(VirtualFileSystem vfs, Mount root, MountNamespace origin)
      throws ErrnoException {
    return new MountNamespace(vfs, root, origin.owner(), origin);
  }

  /** Of the mounts and of how they are mounted. */
  public Changes changes() {
    return changes;
  }

  boolean isDetached() {
    return origin != null;
  }

  /** Whether members of a namespace may change the tree, which one of them made. */
  boolean isDetachedFrom(@Nullable MountNamespace other) {
    return origin != null && origin == other;
  }

  /**
   * Whether a mount stands for this namespace, or for one that is as old or older: two that keep
   * each other would stay for ever. Linux: mnt_ns_loop().
   */
  boolean wouldLoop(Mount mount) {
    MountNamespace kept = mount.fileSystem().mountNamespace();
    return kept != null && number() >= kept.number();
  }

  /** Whether a mount is the root of the tree, as long as that is in no other. */
  boolean hasRoot(Mount mount) {
    return root == mount && mount.namespace() == this;
  }

  /** A namespace, and for each mount of the original its copy. */
  public record Copy(MountNamespace namespace, Map<Mount, Mount> mounts) {
    /** The same place in the copy; a place outside of the original stays. */
    public VfsPath place(VfsPath original) {
      Mount mount = mounts.get(original.mount());
      return mount == null ? original : new VfsPath(mount, original.dentry());
    }
  }

  /** The root of the tree, with what is mounted over it. */
  public VfsPath root() {
    return vfs.topOf(new VfsPath(root, root.root()));
  }

  @Override
  public MountNamespace unshare(UserNamespace newOwner) throws ErrnoException {
    return copy(newOwner).namespace();
  }

  /** A tree of the same mounts, for CLONE_NEWNS. */
  public Copy copy(UserNamespace newOwner) throws ErrnoException {
    Map<Mount, Mount> copies = new HashMap<>();
    Mount copiedRoot = vfs.mounts().copyNamespace(root, newOwner != owner(), copies);
    MountNamespace made;
    try {
      made = new MountNamespace(vfs, copiedRoot, newOwner, null);
    } catch (ErrnoException e) {
      vfs.mounts().discard(copiedRoot);
      throw e;
    }
    vfs.mounts().setNamespace(copiedRoot, made);
    return new Copy(made, copies);
  }

  /** Takes all mounts away that are still here. */
  @Override
  protected void freed() {
    if (root.namespace() == this) {
      vfs.mounts().removeTree(root);
    }
  }

  /** Every mount with the root itself, in the order of their making. */
  public List<Mount> mounts() {
    List<Mount> all = new ArrayList<>(vfs.mountsOf(root));
    all.sort(Comparator.comparingInt(Mount::id));
    return all;
  }
}
