package dev.skerry.sentry.kernel;

import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.vfs.MountNamespace;
import dev.skerry.sentry.vfs.Origin;
import dev.skerry.sentry.vfs.VfsPath;

/**
 * Root, working directory and umask of a process, or of several that share them (CLONE_FS). Its
 * monitor guards all. Linux: struct fs_struct.
 */
public final class FsContext {
  private VfsPath root;
  private VfsPath cwd;
  private int umask;
  private int users = 1;

  /**
   * @param umask permission bits that new files do not get
   */
  public FsContext(VfsPath root, VfsPath cwd, int umask) {
    this.root = root;
    this.cwd = cwd;
    this.umask = umask;
  }

  public synchronized VfsPath root() {
    return root;
  }

  public synchronized void setRoot(VfsPath path) {
    root = path;
  }

  public synchronized VfsPath cwd() {
    return cwd;
  }

  public synchronized void setCwd(VfsPath path) {
    cwd = path;
  }

  public synchronized int umask() {
    return umask;
  }

  /** Sets the umask and returns the one before. */
  public synchronized int setUmask(int mask) {
    int before = umask;
    umask = mask & 0777;
    return before;
  }

  /** What a path walk by these credentials starts from. */
  public synchronized Origin origin(Credentials credentials) {
    return new Origin(credentials, root, cwd, umask);
  }

  /** Goes to the same places in the copy of a tree of mounts. */
  synchronized void moveTo(MountNamespace.Copy copy) {
    root = copy.place(root);
    cwd = copy.place(cwd);
  }

  /**
   * The root directory is another now: whoever was in the former one goes with it (pivot_root(2)).
   */
  public synchronized void rootMoved(VfsPath former, VfsPath now) {
    root = root.equals(former) ? now : root;
    cwd = cwd.equals(former) ? now : cwd;
  }

  /** A copy, for a child process. */
  public synchronized FsContext fork() {
    return new FsContext(root, cwd, umask);
  }

  synchronized FsContext share() {
    users++;
    return this;
  }

  /** Whether several tasks use the context. */
  public synchronized boolean isShared() {
    return users > 1;
  }

  /** A task that used the context is gone. */
  public synchronized void leave() {
    users--;
  }
}
