package dev.skerry.sentry.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random changes of names and walks, against {@link TreeOfNames}; with a cache that forgets. */
class PathWalkModelTest {
  private static final int STEPS = 30_000;
  private static final String[] NAMES = {"a", "b", "c", "d", ".", ".."};

  private interface Real {
    void run() throws ErrnoException;
  }

  private interface Modelled {
    void run() throws TreeOfNames.Failure;
  }

  private final VirtualFileSystem vfs =
      new VirtualFileSystem(
          (path, flags) -> {
            throw new AssertionError("no special files here");
          });
  private TreeOfNames model = new TreeOfNames();
  private Origin origin;
  private VfsPath root;

  @Test
  void behavesAsTheModelWithACache() {
    run(new SimpleFileSystem(true));
  }

  @Test
  void behavesAsTheModelWithoutACache() {
    run(new SimpleFileSystem(false));
  }

  @Test
  void behavesAsTheModelWithWalksOfManyNames() {
    SimpleFileSystem fileSystem = new SimpleFileSystem(false, true);
    run(fileSystem);
    assertTrue(fileSystem.lookups < STEPS / 50, "nearly every name comes from a walk");
    assertTrue(fileSystem.walksMade > STEPS);
  }

  private void run(SimpleFileSystem fileSystem) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    root = vfs.createNamespace(fileSystem, 0).root();
    origin = new Origin(Credentials.ROOT, root, root, 0);
    model = new TreeOfNames();
    for (int i = 0; i < STEPS; i++) {
      if (i % 100 == 0) {
        vfs.setNameCacheLimit(random.nextInt(1, 40));
      }
      String[] step = new String[] {""};
      try {
        step(random, step);
        if (i % 50 == 0) {
          compare(model.root, root, new IdentityHashMap<>());
        }
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ", step " + i + ": " + step[0], e);
      }
    }
  }

  private static String path(Random random) {
    StringBuilder path = new StringBuilder(random.nextInt(8) == 0 ? "/" : "");
    int parts = random.nextInt(20) == 0 ? 0 : random.nextInt(1, 5);
    for (int i = 0; i < parts; i++) {
      if (i > 0) {
        path.append(random.nextInt(12) == 0 ? "//" : "/");
      }
      path.append(NAMES[random.nextInt(random.nextInt(4) == 0 ? NAMES.length : 4)]);
    }
    return random.nextInt(8) == 0 ? path.append('/').toString() : path.toString();
  }

  private void step(Random random, String[] what) {
    String first = path(random);
    String second = path(random);
    int flags = random.nextInt(3);
    boolean follow = random.nextBoolean();
    int kind = random.nextInt(9);
    what[0] = kind + " " + first + " " + second + " " + flags + " " + follow;
    switch (kind) {
      case 0, 1 ->
          both(
              () -> vfs.mkdir(origin, null, first, 0755),
              () -> model.make(first, Inode.S_IFDIR, ""));
      case 2 ->
          both(
              () -> vfs.mknod(origin, null, first, Inode.S_IFREG | 0644, 0),
              () -> model.make(first, Inode.S_IFREG, ""));
      case 3 -> {
        String target = second.isEmpty() ? "a" : second;
        both(
            () -> vfs.symlink(origin, null, first, target),
            () -> model.make(first, Inode.S_IFLNK, target));
      }
      case 4 -> both(() -> vfs.unlink(origin, null, first), () -> model.unlink(first));
      case 5 -> both(() -> vfs.rmdir(origin, null, first), () -> model.rmdir(first));
      case 6 ->
          both(
              () -> vfs.rename(origin, null, first, null, second, flags),
              () -> model.rename(first, second, flags));
      case 7 ->
          both(
              () -> vfs.link(origin, vfs.walk(origin, null, first, 0), null, second),
              () -> model.link(first, second));
      default ->
          both(
              () -> vfs.walk(origin, null, first, follow ? VirtualFileSystem.FOLLOW : 0),
              () -> model.walk(first, follow));
    }
  }

  private static void both(Real real, Modelled modelled) {
    int expected = 0;
    int actual = 0;
    try {
      modelled.run();
    } catch (TreeOfNames.Failure e) {
      expected = e.errno;
    }
    try {
      real.run();
    } catch (ErrnoException e) {
      actual = e.errno();
    }
    assertEquals(expected, actual);
  }

  /** The same names lead to the same files, and one file is one file under all its names. */
  private void compare(TreeOfNames.Node node, VfsPath at, Map<TreeOfNames.Node, Inode> inodes) {
    Inode known = inodes.putIfAbsent(node, at.inode());
    if (known != null) {
      assertSame(known, at.inode());
    }
    assertEquals(node.type, at.inode().type());
    if (!node.isDirectory()) {
      return;
    }
    try {
      assertEquals(node.entries.size(), at.inode().entries().size());
      for (Map.Entry<String, TreeOfNames.Node> entry : node.entries.entrySet()) {
        VfsPath child = vfs.walk(origin, at, entry.getKey(), 0);
        assertNotNull(child);
        assertSame(at.dentry(), child.dentry().parent());
        compare(entry.getValue(), child, inodes);
      }
    } catch (ErrnoException e) {
      throw new AssertionError(e);
    }
  }
}
