package dev.skerry.sentry.fs.gofer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.Limits;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What the sentry knows of names without asking, and how many calls that saves. */
class NamesAheadTest extends GoferTest {
  private static final int FILES = 400;
  private static final int STEPS = 2_500;

  /** Reads every file below a directory in a random order; tells how many calls that took. */
  private long readAll(Inode root, Random random, boolean lists) throws ErrnoException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      names.add("file" + i);
    }
    Collections.shuffle(names, random);
    long before = connection.calls();
    if (lists) {
      assertEquals(FILES, root.entries().size());
    }
    for (String name : names) {
      Inode file = root.lookup(name);
      OpenFileDescription open = open(file, OpenFlags.O_RDONLY);
      byte[] content = new byte[20];
      int length = (int) open.read(new ArrayBuffer(content));
      assertEquals(name, new String(content, 0, length, StandardCharsets.UTF_8));
      assertEquals(length, open.stat().size());
      open.drop();
      assertNull(root.lookup("no-" + name));
    }
    return connection.calls() - before;
  }

  @Test
  void whatIsWantedNextComesUnasked() throws ErrnoException, IOException {
    for (int i = 0; i < FILES; i++) {
      Files.writeString(directory.resolve("file" + i), "file" + i);
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long listed = readAll(attach(false, true, Limits.HANDLES).root(), random, true);
    assertTrue(listed < FILES / 3, "seed " + seed + ": " + listed + " calls after a listing");
    end();
    long unlisted = readAll(attach(false, true, Limits.HANDLES).root(), random, false);
    assertTrue(unlisted < FILES / 3, "seed " + seed + ": " + unlisted + " calls without one");
    end();
    long shared = readAll(attach(false, false, Limits.HANDLES).root(), random, true);
    assertTrue(shared > 2 * FILES, "what others may change is looked up each time");
  }

  /** What is known of names ends with a change of them. */
  @Test
  void namesThatChangeAreNotAnsweredFromMemory() throws ErrnoException, IOException {
    for (int i = 0; i < FILES; i++) {
      Files.writeString(directory.resolve("file" + i), "file" + i);
    }
    Inode root = attach().root();
    assertEquals(FILES, root.entries().size());
    assertNotNull(root.lookup("file0"));
    assertNull(root.lookup("new"));
    Inode made = root.create("new", 0644, OWNER);
    assertSame(made, root.lookup("new"));
    root.entries();
    assertNotNull(root.lookup("file1"));
    root.unlink("file2", root.lookup("file2"));
    assertNull(root.lookup("file2"));
    root.entries();
    assertNotNull(root.lookup("file3"));
    Inode other = root.mkdir("other", 0755, OWNER);
    other.entries();
    Inode moved = root.lookup("file4");
    assertNull(other.lookup("moved"));
    root.rename("file4", moved, other, "moved", null, 0);
    assertNull(root.lookup("file4"));
    assertSame(moved, other.lookup("moved"));
  }

  /** What the sentry changes itself, it need not ask about. */
  @Test
  void ownChangesAreFollowed() throws ErrnoException {
    Inode made = attach().root().mkdir("made", 0755, OWNER);
    long before = connection.calls();
    for (int i = 0; i < FILES; i++) {
      assertNull(made.lookup("file" + i));
      made.create("file" + i, 0644, OWNER);
    }
    assertEquals(FILES, made.entries().size());
    assertEquals(FILES, connection.calls() - before);
    for (int i = 0; i < FILES; i += 2) {
      Inode file = made.lookup("file" + i);
      made.unlink("file" + i, file);
      assertNull(made.lookup("file" + i));
      assertEquals(FILES - i / 2 - 1, made.entries().size());
    }
    made.rename("file1", made.lookup("file1"), made, "moved", null, 0);
    made.rename("file3", made.lookup("file3"), made, "file5", made.lookup("file5"), 0);
    assertNull(made.lookup("file1"));
    assertNotNull(made.lookup("moved"));
    made.rename("moved", made.lookup("moved"), made, "file7", made.lookup("file7"), 2);
    assertNotNull(made.lookup("moved"));
    Set<String> names = new HashSet<>();
    for (DirectoryEntry entry : made.entries()) {
      assertEquals(made.lookup(entry.name()).stat().ino(), entry.ino());
      names.add(entry.name());
    }
    assertEquals(FILES / 2 - 1, names.size());
    assertTrue(names.contains("file5") && !names.contains("file3"));
  }

  private static void makeTree(Path top, int depth, Random random) throws IOException {
    Files.createDirectory(top);
    Files.createSymbolicLink(top.resolve("out"), Path.of("/usr"));
    for (int i = random.nextInt(6); i > 0; i--) {
      Files.writeString(top.resolve("file" + i), "content");
    }
    for (int i = depth == 0 ? 0 : 3; i > 0; i--) {
      makeTree(top.resolve("directory" + i), depth - 1, random);
    }
  }

  /** Goes through all below a directory; gives back the directories. */
  private static List<Inode> visit(Inode inode, Path path) throws ErrnoException, IOException {
    Set<String> names = new HashSet<>();
    List<Inode> directories = new ArrayList<>(List.of(inode));
    for (DirectoryEntry entry : inode.entries()) {
      names.add(entry.name());
      Inode file = inode.lookup(entry.name());
      Path below = path.resolve(entry.name());
      assertEquals(Files.getAttribute(below, "unix:ino", LinkOption.NOFOLLOW_LINKS), entry.ino());
      assertEquals(entry.ino(), file.stat().ino());
      if (file.isDirectory()) {
        directories.addAll(visit(file, below));
      }
    }
    try (var there = Files.list(path)) {
      Set<String> expected = new HashSet<>();
      there.forEach(file -> expected.add(file.getFileName().toString()));
      assertEquals(expected, names);
    }
    return directories;
  }

  /** Directories come with those above them, and links lead nowhere. */
  @Test
  void treesAreListedAhead() throws ErrnoException, IOException {
    long seed = System.nanoTime();
    makeTree(directory.resolve("tree"), 5, new Random(seed));
    Inode root = attach(false, true, Limits.HANDLES).root();
    long before = connection.calls();
    List<Inode> directories = visit(root, directory);
    long calls = connection.calls() - before;
    assertEquals(365, directories.size());
    assertTrue(calls < directories.size() / 4, "seed " + seed + ": " + calls + " calls");
    before = connection.calls();
    for (Inode known : directories) {
      assertFalse(known.entries().isEmpty());
    }
    assertEquals(before, connection.calls());
  }

  /** What came ahead of a change does not hide it. */
  @Test
  void changesAreSeenWhileTreesAreListed()
      throws ErrnoException, IOException, InterruptedException {
    long seed = System.nanoTime();
    makeTree(directory.resolve("tree"), 4, new Random(seed));
    Inode root = attach().root();
    AtomicBoolean done = new AtomicBoolean();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    Thread walker =
        new Thread(
            () -> {
              try {
                while (!done.get()) {
                  list(root);
                }
              } catch (ErrnoException | RuntimeException e) {
                failures.add(e);
              }
            });
    walker.start();
    Random random = new Random(seed);
    for (int i = 0; i < STEPS; i++) {
      Inode at = root.lookup("tree");
      for (int depth = random.nextInt(5); depth > 0; depth--) {
        at = at.lookup("directory" + (1 + random.nextInt(3)));
      }
      String name = "new" + random.nextInt(3);
      Inode present = at.lookup(name);
      if (present != null) {
        at.rmdir(name, present);
      } else {
        at.mkdir(name, 0755, OWNER);
      }
    }
    done.set(true);
    walker.join();
    assertEquals(List.of(), failures, "seed " + seed);
    visit(root, directory);
  }

  private static void list(Inode inode) throws ErrnoException {
    List<DirectoryEntry> entries = List.of();
    try {
      entries = inode.entries();
    } catch (ErrnoException e) {
      // The host calls a directory so that is gone.
      assertEquals(Errno.ENOENT, e.errno());
    }
    for (DirectoryEntry entry : entries) {
      Inode file = inode.lookup(entry.name());
      if (file != null && file.isDirectory()) {
        list(file);
      }
    }
  }
}
