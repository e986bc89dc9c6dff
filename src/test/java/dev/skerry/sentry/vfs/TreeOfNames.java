package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What path walk and the changes of names are to do, as simply as it can be said; for root. */
final class TreeOfNames {
  static final class Node {
    final int type;
    final String target;
    final Map<String, Node> entries = new TreeMap<>();
    Node parent;

    Node(int type, Node parent, String target) {
      this.type = type;
      this.parent = parent == null ? this : parent;
      this.target = target;
    }

    boolean isDirectory() {
      return type == Inode.S_IFDIR;
    }

    boolean isAboveOrAt(Node other) {
      for (Node at = other; ; at = at.parent) {
        if (at == this) {
          return true;
        }
        if (at == at.parent) {
          return false;
        }
      }
    }
  }

  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;
    final int errno;

    Failure(int errno) {
      super("errno " + errno);
      this.errno = errno;
    }
  }

  /** The directory, the last component, and whether slashes follow that. */
  record Last(Node directory, String name, boolean slash) {
    boolean isSpecial() {
      return name.isEmpty() || name.equals(".") || name.equals("..");
    }

    @Nullable Node found() {
      return directory.entries.get(name);
    }
  }

  @SuppressWarnings("NullAway") // The root is its own parent.
  final Node root = new Node(Inode.S_IFDIR, null, "");

  private int links;

  private static Failure fail(int errno) {
    return new Failure(errno);
  }

  Node walk(String path, boolean follow) throws Failure {
    links = 0;
    return walk(root, path, follow);
  }

  private Node walk(Node start, String path, boolean follow) throws Failure {
    Last last = parent(start, path);
    Node found = enter(last.directory, last.name, follow || last.slash);
    if (last.slash && !found.isDirectory()) {
      throw fail(Errno.ENOTDIR);
    }
    return found;
  }

  private Node enter(Node directory, String name, boolean follow) throws Failure {
    if (!directory.isDirectory()) {
      throw fail(Errno.ENOTDIR);
    }
    if (name.isEmpty() || name.equals(".")) {
      return directory;
    }
    if (name.equals("..")) {
      return directory.parent;
    }
    Node found = directory.entries.get(name);
    if (found == null) {
      throw fail(Errno.ENOENT);
    }
    if (found.type == Inode.S_IFLNK && follow) {
      if (++links > 40) {
        throw fail(Errno.ELOOP);
      }
      return walk(directory, found.target, true);
    }
    return found;
  }

  Last parent(String path) throws Failure {
    links = 0;
    return parent(root, path);
  }

  private Last parent(Node start, String path) throws Failure {
    if (path.isEmpty()) {
      throw fail(Errno.ENOENT);
    }
    Deque<String> parts = new ArrayDeque<>(Arrays.asList(path.split("/")));
    parts.removeIf(String::isEmpty);
    Node at = path.startsWith("/") ? root : start;
    if (parts.isEmpty()) {
      return new Last(at, "", false);
    }
    String name = parts.removeLast();
    for (String part : parts) {
      at = enter(at, part, true);
    }
    if (!at.isDirectory()) {
      throw fail(Errno.ENOTDIR);
    }
    return new Last(at, name, path.endsWith("/"));
  }

  void make(String path, int type, String target) throws Failure {
    Last last = parent(path);
    if (last.isSpecial() || last.found() != null) {
      throw fail(Errno.EEXIST);
    }
    if (last.slash && type != Inode.S_IFDIR) {
      throw fail(Errno.ENOENT);
    }
    last.directory.entries.put(last.name, new Node(type, last.directory, target));
  }

  void link(String from, String to) throws Failure {
    Node node = walk(from, false);
    Last last = parent(to);
    if (last.isSpecial() || last.found() != null) {
      throw fail(Errno.EEXIST);
    }
    if (last.slash) {
      throw fail(Errno.ENOENT);
    }
    if (node.isDirectory()) {
      throw fail(Errno.EPERM);
    }
    last.directory.entries.put(last.name, node);
  }

  void unlink(String path) throws Failure {
    Last last = parent(path);
    if (last.isSpecial()) {
      throw fail(Errno.EISDIR);
    }
    Node found = last.found();
    if (found == null) {
      throw fail(Errno.ENOENT);
    }
    if (found.isDirectory()) {
      throw fail(Errno.EISDIR);
    }
    if (last.slash) {
      throw fail(Errno.ENOTDIR);
    }
    last.directory.entries.remove(last.name);
  }

  void rmdir(String path) throws Failure {
    Last last = parent(path);
    switch (last.name) {
      case "" -> throw fail(Errno.EBUSY);
      case "." -> throw fail(Errno.EINVAL);
      case ".." -> throw fail(Errno.ENOTEMPTY);
      default -> {}
    }
    Node found = last.found();
    if (found == null) {
      throw fail(Errno.ENOENT);
    }
    if (!found.isDirectory()) {
      throw fail(Errno.ENOTDIR);
    }
    if (!found.entries.isEmpty()) {
      throw fail(Errno.ENOTEMPTY);
    }
    last.directory.entries.remove(last.name);
  }

  void rename(String from, String to, int flags) throws Failure {
    if (to.isEmpty()) {
      throw fail(Errno.ENOENT);
    }
    Last source = parent(from);
    Last target = parent(to);
    boolean exchange = flags == Renaming.EXCHANGE;
    if (source.isSpecial()) {
      throw fail(Errno.EBUSY);
    }
    if (target.isSpecial()) {
      throw fail(flags == Renaming.NOREPLACE ? Errno.EEXIST : Errno.EBUSY);
    }
    Node moving = source.found();
    Node old = target.found();
    if (moving == null || (exchange && old == null)) {
      throw fail(Errno.ENOENT);
    }
    if (old != null && flags == Renaming.NOREPLACE) {
      throw fail(Errno.EEXIST);
    }
    if (exchange && target.slash && !old.isDirectory()
        || !moving.isDirectory() && (source.slash || (!exchange && target.slash))) {
      throw fail(Errno.ENOTDIR);
    }
    if (moving.isDirectory() && moving.isAboveOrAt(target.directory)) {
      throw fail(Errno.EINVAL);
    }
    if (old != null && old.isDirectory() && old.isAboveOrAt(source.directory)) {
      throw fail(exchange ? Errno.EINVAL : Errno.ENOTEMPTY);
    }
    if (moving == old) {
      return;
    }
    if (old != null && !exchange) {
      if (moving.isDirectory() != old.isDirectory()) {
        throw fail(moving.isDirectory() ? Errno.ENOTDIR : Errno.EISDIR);
      }
      if (!old.entries.isEmpty()) {
        throw fail(Errno.ENOTEMPTY);
      }
    }
    source.directory.entries.remove(source.name);
    target.directory.entries.put(target.name, moving);
    moving.parent = target.directory;
    if (exchange) {
      source.directory.entries.put(source.name, old);
      old.parent = source.directory;
    }
  }
}
