package dev.skerry.sentry.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.FileSystem;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Does random things to a file system and to a trivial model of one, and compares them. It keeps to
 * what the VFS asks of file systems: types and loops were checked.
 */
public final class TreeModel {
  private static final String[] NAMES = {"a", "b", "c", "d"};
  private static final int MOST_DEPTH = 4;
  private static final int MOST_OPEN = 8;
  private static final int MOST_BYTES = 20_000;
  private static final Owner OWNER = new Owner(0, 0);

  /** A file of the model: a directory has children, a link a target, another file data. */
  private static final class Node {
    TreeMap<String, Node> children;
    String target;
    byte[] data = new byte[0];
    int mode = 0644;
    int links;
    Node parent;
    long number;

    boolean isDirectory() {
      return children != null;
    }

    boolean isRegular() {
      return children == null && target == null;
    }

    static Node directory(Node parent) {
      Node node = new Node();
      node.children = new TreeMap<>();
      node.parent = parent;
      node.mode = 0755;
      return node;
    }

    boolean isBelowOrAt(Node other) {
      for (Node at = this; at != null; at = at.parent) {
        if (at == other) {
          return true;
        }
      }
      return false;
    }

    int depth() {
      return parent == null ? 0 : parent.depth() + 1;
    }
  }

  private record Opened(OpenFileDescription file, Node node) {}

  private final FileSystem fileSystem;
  private final KernelMount mount;
  private final Random random;
  private final Node root = Node.directory(null);
  private final List<Opened> opened = new ArrayList<>();

  /** The model takes what is in the file system as given. */
  public TreeModel(FileSystem fileSystem, Random random) throws ErrnoException {
    this.fileSystem = fileSystem;
    this.mount = new KernelMount(fileSystem, 0);
    this.random = random;
    adopt(root, fileSystem.root(), new TreeMap<>());
  }

  private void adopt(Node directory, Inode inode, Map<Long, Node> known) throws ErrnoException {
    directory.mode = inode.stat().mode() & 07777;
    for (DirectoryEntry entry : inode.entries()) {
      Inode child = inode.lookup(entry.name());
      assertNotNull(child);
      Node node = known.get(entry.ino());
      if (node == null) {
        node = child.isDirectory() ? Node.directory(directory) : new Node();
        node.number = entry.ino();
        node.mode = child.stat().mode() & 07777;
        known.put(entry.ino(), node);
        if (child.isDirectory()) {
          adopt(node, child, known);
        } else if (child.isSymlink()) {
          node.target = child.readlink();
        } else {
          node.data = contentOf(child);
        }
      }
      node.links++;
      directory.children.put(entry.name(), node);
    }
  }

  /** One random operation. */
  public void step() throws ErrnoException {
    Node directory = anyDirectory();
    String name = NAMES[random.nextInt(NAMES.length)];
    Node present = directory.children.get(name);
    switch (random.nextInt(14)) {
      case 0 -> create(directory, name);
      case 1 -> mkdir(directory, name);
      case 2 -> symlink(directory, name);
      case 3 -> link(directory, name);
      case 4 -> remove(directory, name, present);
      case 5, 6, 7 -> rename(directory, name, present);
      case 8 -> open(present, directory, name);
      case 9 -> close();
      case 10 -> truncate(present, directory, name);
      case 11 -> chmod(present, directory, name);
      default -> readOrWrite();
    }
  }

  private Node anyDirectory() {
    Node at = root;
    while (random.nextInt(3) != 0) {
      Node child = at.children.get(NAMES[random.nextInt(NAMES.length)]);
      if (child != null && child.isDirectory()) {
        at = child;
      }
    }
    return at;
  }

  private Inode inodeOf(Node directory) throws ErrnoException {
    if (directory.parent == null) {
      return fileSystem.root();
    }
    for (Map.Entry<String, Node> entry : directory.parent.children.entrySet()) {
      if (entry.getValue() == directory) {
        Inode found = inodeOf(directory.parent).lookup(entry.getKey());
        assertNotNull(found);
        return found;
      }
    }
    throw new AssertionError("the model lost a directory");
  }

  private Inode inodeOf(Node directory, String name) throws ErrnoException {
    Inode found = inodeOf(directory).lookup(name);
    assertNotNull(found, name);
    return found;
  }

  /** What the operation failed with, or 0. */
  private interface Operation {
    void run() throws ErrnoException;
  }

  private static int outcome(Operation operation) {
    try {
      operation.run();
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  private void create(Node directory, String name) throws ErrnoException {
    Inode parent = inodeOf(directory);
    boolean temporary = random.nextInt(4) == 0;
    int result =
        outcome(
            () -> {
              if (temporary) {
                createTemporary(parent, name);
              } else {
                parent.create(name, 0644, OWNER);
              }
            });
    added(directory, name, new Node(), result);
  }

  private void createTemporary(Inode parent, String name) throws ErrnoException {
    Inode file = parent.createTemporary(0644, OWNER);
    OpenFileDescription open = file.open(mount.place("", file), OpenFlags.O_WRONLY);
    try {
      parent.link(name, file);
    } finally {
      open.drop();
    }
  }

  private void mkdir(Node directory, String name) throws ErrnoException {
    if (directory.depth() >= MOST_DEPTH) {
      return;
    }
    Inode parent = inodeOf(directory);
    int result = outcome(() -> parent.mkdir(name, 0755, OWNER));
    added(directory, name, Node.directory(directory), result);
  }

  private void symlink(Node directory, String name) throws ErrnoException {
    Inode parent = inodeOf(directory);
    Node node = new Node();
    node.target = "to " + random.nextInt(1000);
    node.mode = 0777;
    int result = outcome(() -> parent.symlink(name, node.target, OWNER));
    added(directory, name, node, result);
  }

  private void added(Node directory, String name, Node node, int result) {
    if (directory.children.containsKey(name)) {
      assertEquals(Errno.EEXIST, result);
      return;
    }
    assertEquals(0, result);
    directory.children.put(name, node);
    node.links++;
  }

  private void link(Node directory, String name) throws ErrnoException {
    Node from = anyDirectory();
    String oldName = NAMES[random.nextInt(NAMES.length)];
    Node file = from.children.get(oldName);
    if (file == null || file.isDirectory()) {
      return;
    }
    Inode parent = inodeOf(directory);
    Inode inode = inodeOf(from, oldName);
    added(directory, name, file, outcome(() -> parent.link(name, inode)));
  }

  private void remove(Node directory, String name, Node present) throws ErrnoException {
    if (present == null) {
      assertNull(inodeOf(directory).lookup(name));
      return;
    }
    Inode parent = inodeOf(directory);
    Inode inode = inodeOf(directory, name);
    if (present.isDirectory()) {
      int expected = present.children.isEmpty() ? 0 : Errno.ENOTEMPTY;
      assertEquals(expected, outcome(() -> parent.rmdir(name, inode)));
      if (expected != 0) {
        return;
      }
      assertEquals(Errno.ENOENT, outcome(() -> inode.create("x", 0644, OWNER)));
    } else {
      assertEquals(0, outcome(() -> parent.unlink(name, inode)));
    }
    directory.children.remove(name);
    present.links--;
  }

  private void rename(Node directory, String name, Node moved) throws ErrnoException {
    Node target = anyDirectory();
    String newName = NAMES[random.nextInt(NAMES.length)];
    Node present = target.children.get(newName);
    if (moved == null || target.isBelowOrAt(moved)) {
      return;
    }
    int flags = random.nextInt(3);
    boolean exchange = flags == 2;
    if (present != null && directory.isBelowOrAt(present)) {
      return;
    }
    Inode from = inodeOf(directory);
    Inode to = inodeOf(target);
    Inode file = inodeOf(directory, name);
    Inode replaced = to.lookup(newName);
    int result = outcome(() -> from.rename(name, file, to, newName, replaced, flags));
    int expected = expectedOfRename(moved, present, flags);
    assertEquals(expected, result);
    if (expected != 0 || moved == present) {
      return;
    }
    if (exchange) {
      directory.children.put(name, present);
      if (present.isDirectory()) {
        present.parent = directory;
      }
    } else {
      directory.children.remove(name);
      if (present != null) {
        present.links--;
      }
    }
    target.children.put(newName, moved);
    if (moved.isDirectory()) {
      moved.parent = target;
    }
  }

  private static int expectedOfRename(Node moved, Node present, int flags) {
    if (present == null) {
      return flags == 2 ? Errno.ENOENT : 0;
    }
    if (flags == 1) {
      return Errno.EEXIST;
    }
    if (flags == 2 || moved == present) {
      return 0;
    }
    if (moved.isDirectory()) {
      if (!present.isDirectory()) {
        return Errno.ENOTDIR;
      }
      return present.children.isEmpty() ? 0 : Errno.ENOTEMPTY;
    }
    return present.isDirectory() ? Errno.EISDIR : 0;
  }

  private void open(Node present, Node directory, String name) throws ErrnoException {
    if (present == null || !present.isRegular() || opened.size() >= MOST_OPEN) {
      return;
    }
    int flags = random.nextInt(4) == 0 ? OpenFlags.O_RDWR | OpenFlags.O_APPEND : random.nextInt(3);
    Inode inode = inodeOf(directory, name);
    opened.add(new Opened(inode.open(mount.place(name, inode), flags), present));
  }

  private void close() {
    if (!opened.isEmpty()) {
      opened.remove(random.nextInt(opened.size())).file.drop();
    }
  }

  private void truncate(Node present, Node directory, String name) throws ErrnoException {
    if (present != null && present.isRegular()) {
      int size = random.nextInt(MOST_BYTES);
      inodeOf(directory, name).setAttributes(AttributeChange.ofSize(size));
      present.data = Arrays.copyOf(present.data, size);
    }
  }

  private void chmod(Node present, Node directory, String name) throws ErrnoException {
    if (present != null && present.target == null) {
      present.mode = random.nextInt(01000);
      inodeOf(directory, name).setAttributes(AttributeChange.ofMode(present.mode));
    }
  }

  private void readOrWrite() throws ErrnoException {
    if (opened.isEmpty()) {
      return;
    }
    Opened any = opened.get(random.nextInt(opened.size()));
    if (any.file.isWritable() && random.nextBoolean()) {
      write(any);
    } else if (any.file.isReadable()) {
      int offset = random.nextInt(MOST_BYTES);
      byte[] bytes = new byte[random.nextInt(MOST_BYTES)];
      int expected = Math.clamp(any.node.data.length - offset, 0, bytes.length);
      assertEquals(expected, any.file.pread(new ArrayBuffer(bytes), offset));
      if (expected > 0) {
        assertArrayEquals(
            Arrays.copyOfRange(any.node.data, offset, offset + expected),
            Arrays.copyOf(bytes, expected));
      }
    }
    assertEquals(any.node.links, any.file.stat().nlink());
  }

  private void write(Opened any) {
    byte[] bytes = new byte[1 + random.nextInt(MOST_BYTES / 4)];
    random.nextBytes(bytes);
    int offset = random.nextInt(MOST_BYTES);
    assertEquals(bytes.length, any.file.pwrite(new ArrayBuffer(bytes), offset));
    Node node = any.node;
    int at = (any.file.flags() & OpenFlags.O_APPEND) != 0 ? node.data.length : offset;
    if (node.data.length < at + bytes.length) {
      node.data = Arrays.copyOf(node.data, at + bytes.length);
    }
    System.arraycopy(bytes, 0, node.data, at, bytes.length);
  }

  /** Compares everything. */
  public void check() throws ErrnoException {
    check(root, fileSystem.root());
  }

  private void check(Node node, Inode inode) throws ErrnoException {
    Stat stat = inode.stat();
    assertEquals(node.isDirectory(), inode.isDirectory());
    assertEquals(node.mode, stat.mode() & 07777);
    if (node.number == 0) {
      node.number = stat.ino();
    }
    assertEquals(node.number, stat.ino());
    assertEquals(fileSystem.root().stat().dev(), stat.dev());
    if (node.isDirectory()) {
      checkDirectory(node, inode, stat);
    } else if (node.target != null) {
      assertEquals(node.target, inode.readlink());
      assertEquals(node.links, stat.nlink());
    } else {
      assertEquals(node.data.length, stat.size());
      assertEquals(node.links, stat.nlink());
      assertArrayEquals(node.data, contentOf(inode));
    }
  }

  private void checkDirectory(Node node, Inode inode, Stat stat) throws ErrnoException {
    TreeMap<String, Long> numbers = new TreeMap<>();
    for (DirectoryEntry entry : inode.entries()) {
      assertNull(numbers.put(entry.name(), entry.ino()));
    }
    assertEquals(new TreeSet<>(node.children.keySet()), new TreeSet<>(numbers.keySet()));
    int directories = 0;
    for (Map.Entry<String, Node> entry : node.children.entrySet()) {
      Inode child = inode.lookup(entry.getKey());
      assertNotNull(child);
      check(entry.getValue(), child);
      assertEquals(entry.getValue().number, numbers.get(entry.getKey()));
      directories += entry.getValue().isDirectory() ? 1 : 0;
    }
    assertEquals(2 + directories, stat.nlink());
  }

  private byte[] contentOf(Inode inode) throws ErrnoException {
    OpenFileDescription file = inode.open(mount.place("", inode), OpenFlags.O_RDONLY);
    try {
      byte[] bytes = new byte[(int) inode.stat().size() + 1];
      long read = file.read(new ArrayBuffer(bytes));
      assertEquals(bytes.length - 1, read);
      return Arrays.copyOf(bytes, (int) read);
    } finally {
      file.drop();
    }
  }

  /** Closes every file and removes every name. */
  public void clear() throws ErrnoException {
    while (!opened.isEmpty()) {
      close();
    }
    clear(root, fileSystem.root());
    check();
  }

  private static void clear(Node node, Inode directory) throws ErrnoException {
    for (Map.Entry<String, Node> entry : node.children.entrySet()) {
      Inode child = directory.lookup(entry.getKey());
      assertNotNull(child);
      if (child.isDirectory()) {
        clear(entry.getValue(), child);
        directory.rmdir(entry.getKey(), child);
      } else {
        directory.unlink(entry.getKey(), child);
      }
    }
    node.children.clear();
  }
}
