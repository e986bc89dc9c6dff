package dev.skerry.sentry.vfs;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The simplest file system that can hold a tree: names, owners and modes, but no content. */
final class SimpleFileSystem extends FileSystem {
  private final Node root = new Node(Inode.S_IFDIR | 0755, new Owner(0, 0), "");
  private final boolean caches;
  private final boolean walks;
  private long lastNumber;
  int lookups;
  int walksMade;
  boolean released;

  SimpleFileSystem(boolean caches) {
    this(caches, false);
  }

  SimpleFileSystem(boolean caches, boolean walks) {
    this.caches = caches;
    this.walks = walks;
  }

  @Override
  public String type() {
    return "simple";
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public boolean cachesNames() {
    return caches;
  }

  @Override
  public boolean walksAtOnce() {
    return walks;
  }

  @Override
  public StatFs statFs() {
    return new StatFs(0, 4096, 0, 0, 0, 0, 0, 0, 255, 4096);
  }

  @Override
  public void release() {
    released = true;
  }

  final class Node extends Inode {
    private final Map<String, Node> entries = new TreeMap<>();
    private final long number = ++lastNumber;
    private final String target;
    private int mode;
    private Owner owner;
    private int links = 1;

    private Node(int mode, Owner owner, String target) {
      this.mode = mode;
      this.owner = owner;
      this.target = target;
    }

    @Override
    public FileSystem fileSystem() {
      return SimpleFileSystem.this;
    }

    @Override
    public int type() {
      return mode & S_IFMT;
    }

    @Override
    public Stat stat() {
      return new Stat(1, number, mode, links, owner.uid(), owner.gid(), 0, 0, 4096, 0, 0, 0, 0, 0);
    }

    @Override
    public Walked walk(List<String> names, boolean opens) throws ErrnoException {
      walksMade++;
      List<Inode> found = new ArrayList<>();
      Node at = this;
      for (String name : names) {
        if (!at.isDirectory()) {
          return new Walked(found, false);
        }
        at = at.entries.get(name);
        if (at == null) {
          return new Walked(found, true);
        }
        found.add(at);
      }
      return new Walked(found, false);
    }

    @Override
    public @Nullable Inode lookup(String name) {
      lookups++;
      return entries.get(name);
    }

    @Override
    public List<DirectoryEntry> entries() {
      List<DirectoryEntry> all = new ArrayList<>();
      entries.forEach((name, node) -> all.add(new DirectoryEntry(name, node.number, 0)));
      return all;
    }

    private Node add(String name, int fullMode, Owner newOwner, String text) throws ErrnoException {
      Node made = new Node(fullMode, newOwner, text);
      if (entries.putIfAbsent(name, made) != null) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      return made;
    }

    @Override
    public Inode create(String name, int permissions, Owner newOwner) throws ErrnoException {
      return add(name, S_IFREG | permissions, newOwner, "");
    }

    @Override
    public Inode mkdir(String name, int permissions, Owner newOwner) throws ErrnoException {
      return add(name, S_IFDIR | permissions, newOwner, "");
    }

    @Override
    public Inode mknod(String name, int fullMode, long rdev, Owner newOwner) throws ErrnoException {
      return add(name, fullMode, newOwner, "");
    }

    @Override
    public Inode symlink(String name, String text, Owner newOwner) throws ErrnoException {
      return add(name, S_IFLNK | 0777, newOwner, text);
    }

    @Override
    public void link(String name, Inode file) {
      Node node = (Node) file;
      node.links++;
      entries.put(name, node);
    }

    @Override
    public void unlink(String name, Inode file) {
      entries.remove(name);
      ((Node) file).links--;
    }

    @Override
    public void rmdir(String name, Inode directory) throws ErrnoException {
      if (!((Node) directory).entries.isEmpty()) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
      entries.remove(name);
    }

    @Override
    public void rename(
        String name,
        Inode file,
        Inode newDirectory,
        String newName,
        @Nullable Inode replaced,
        int flags)
        throws ErrnoException {
      Node to = (Node) newDirectory;
      if (replaced instanceof Node old && flags == 0) {
        if (!old.entries.isEmpty()) {
          throw ErrnoException.of(Errno.ENOTEMPTY);
        }
        old.links--;
      }
      entries.remove(name);
      to.entries.put(newName, (Node) file);
      if (replaced instanceof Node other && (flags & Renaming.EXCHANGE) != 0) {
        entries.put(name, other);
      }
    }

    @Override
    public String readlink() {
      return target;
    }

    @Override
    public void setAttributes(AttributeChange change) {
      if (change.mode() >= 0) {
        mode = type() | change.mode();
      }
      owner =
          new Owner(
              change.uid() < 0 ? owner.uid() : change.uid(),
              change.gid() < 0 ? owner.gid() : change.gid());
    }

    @Override
    public OpenFileDescription open(VfsPath path, int flags) {
      return new PlacedFile(path, flags) {
        @Override
        protected void release() {}
      };
    }
  }
}
