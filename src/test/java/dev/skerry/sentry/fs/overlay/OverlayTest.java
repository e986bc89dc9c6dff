package dev.skerry.sentry.fs.overlay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.TreeModel;
import dev.skerry.sentry.fs.tmpfs.TmpfsFileSystem;
import dev.skerry.sentry.fs.tmpfs.TmpfsOptions;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.Stat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OverlayTest {
  private static final int ROUNDS = 10;
  private static final int LOWER_STEPS = 300;
  private static final int STEPS = 2000;
  private static final int CHECK_EVERY = 25;
  private static final Owner OWNER = new Owner(7, 8);
  private static final long MEMORY = 1L << 30;

  private final MemoryAccount data = MemoryAccount.ofBytes(MEMORY);
  private final TmpfsFileSystem lower;
  private final TmpfsFileSystem upper;

  OverlayTest() throws ErrnoException {
    lower = new TmpfsFileSystem(TmpfsOptions.ofMode(0750), null);
    upper = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
  }

  @BeforeAll
  static void openProc() {
    HostProc.open();
  }

  private static OpenFileDescription open(Inode file, int flags) throws ErrnoException {
    return file.open(new KernelMount(file.fileSystem(), 0).place("file", file), flags);
  }

  private static void fill(Inode file, String text) throws ErrnoException {
    OpenFileDescription opened = open(file, OpenFlags.O_WRONLY);
    byte[] bytes = bytes(text);
    assertEquals(bytes.length, opened.pwrite(new ArrayBuffer(bytes), 0));
    opened.drop();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String read(OpenFileDescription file) {
    byte[] bytes = new byte[100];
    int count = (int) file.pread(new ArrayBuffer(bytes), 0);
    return new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
  }

  private static String read(Inode file) throws ErrnoException {
    OpenFileDescription opened = open(file, OpenFlags.O_RDONLY);
    try {
      return read(opened);
    } finally {
      opened.drop();
    }
  }

  private static Inode child(Inode directory, String name) throws ErrnoException {
    Inode found = directory.lookup(name);
    assertNotNull(found, name);
    return found;
  }

  private static int errno(Operation operation) {
    return assertThrows(ErrnoException.class, operation::run).errno();
  }

  private interface Operation {
    void run() throws ErrnoException;
  }

  /** All that can be seen of a tree. */
  private static void describe(Inode directory, String path, Map<String, String> into)
      throws ErrnoException {
    for (DirectoryEntry entry : directory.entries()) {
      Inode file = child(directory, entry.name());
      Stat stat = file.stat();
      String text = stat.mode() + " " + stat.nlink() + " " + stat.mtime() + " " + stat.ctime();
      String name = path + "/" + entry.name();
      if (file.isRegular()) {
        byte[] content = new byte[(int) stat.size()];
        OpenFileDescription opened = open(file, OpenFlags.O_RDONLY | OpenFlags.O_NOATIME);
        opened.read(new ArrayBuffer(content));
        opened.drop();
        text += " " + Arrays.hashCode(content);
      } else if (file.isSymlink()) {
        text += " " + file.readlink();
      } else {
        describe(file, name, into);
      }
      into.put(name, text);
    }
  }

  /** C19: whatever is done, the lower layer stays as it was. */
  @Test
  void behavesAsTheModelAndNeverWritesTheLowerLayer() throws ErrnoException {
    for (int round = 0; round < ROUNDS; round++) {
      behavesAsTheModel(System.nanoTime());
    }
  }

  private static void behavesAsTheModel(long seed) throws ErrnoException {
    Random random = new Random(seed);
    TmpfsFileSystem lower = new TmpfsFileSystem(TmpfsOptions.ofMode(0755), null);
    TreeModel lowerModel = new TreeModel(lower, random);
    for (int i = 0; i < LOWER_STEPS; i++) {
      lowerModel.step();
    }
    TreeMap<String, String> before = new TreeMap<>();
    describe(lower.root(), "", before);
    MemoryAccount data = MemoryAccount.ofBytes(MEMORY);
    TmpfsFileSystem upper = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
    TreeModel model =
        new TreeModel(new OverlayFileSystem(lower.root(), upper.root(), true), random);
    for (int i = 0; i < STEPS; i++) {
      try {
        model.step();
        if (i % CHECK_EVERY == 0) {
          model.check();
        }
      } catch (AssertionError | ErrnoException e) {
        throw new AssertionError("seed " + seed + ", step " + i, e);
      }
    }
    TreeMap<String, String> after = new TreeMap<>();
    describe(lower.root(), "", after);
    assertEquals(before, after, "seed " + seed);
    model.clear();
    assertEquals(0, data.used(), "seed " + seed);
    assertEquals(1, child(upper.root(), "store").stat().size() / 40, "seed " + seed);
  }

  /** C22. */
  @Test
  void theUpperRootTakesOwnerAndModeOfTheLower() throws ErrnoException {
    lower.root().setAttributes(AttributeChange.ofOwner(3, 4, 01750));
    OverlayFileSystem overlay = new OverlayFileSystem(lower.root(), upper.root(), false);
    for (Inode root : new Inode[] {overlay.root(), upper.root()}) {
      Stat stat = root.stat();
      assertEquals(Inode.S_IFDIR | 01750, stat.mode());
      assertEquals(3, stat.uid());
      assertEquals(4, stat.gid());
    }
  }

  /** C20, C21. */
  @Test
  void aSingleFileIsReadAndWrittenAndTheHostsStays() throws ErrnoException {
    Inode file = lower.root().create("f", 0640, OWNER);
    fill(file, "of the host");
    OverlayFileSystem overlay = new OverlayFileSystem(file, upper.root(), false);
    assertTrue(overlay.root().isRegular());
    assertEquals("of the host", read(overlay.root()));
    fill(overlay.root(), "IN");
    assertEquals("IN the host", read(overlay.root()));
    assertEquals("of the host", read(file));
    assertEquals(7, overlay.root().stat().uid());
    assertEquals(Inode.S_IFREG | 0640, overlay.root().stat().mode());
  }

  /** C23. */
  @Test
  void anotherKindOfLowerFileIsRefused() throws ErrnoException {
    Inode fifo = lower.root().mknod("p", Inode.S_IFIFO | 0600, 0, OWNER);
    Inode link = lower.root().symlink("l", "p", OWNER);
    for (Inode wrong : new Inode[] {fifo, link}) {
      assertEquals(Errno.EINVAL, errno(() -> new OverlayFileSystem(wrong, upper.root(), false)));
    }
  }

  @Test
  void anOpenFileSeesALaterCopyUp() throws ErrnoException {
    fill(lower.root().create("f", 0644, OWNER), "old text");
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    Inode file = child(root, "f");
    OpenFileDescription reader = open(file, OpenFlags.O_RDONLY);
    byte[] first = new byte[4];
    assertEquals(4, reader.read(new ArrayBuffer(first)));
    assertArrayEquals(bytes("old "), first);
    fill(file, "NEW WORD");
    assertEquals(4, reader.read(new ArrayBuffer(first)));
    assertArrayEquals(bytes("WORD"), first);
    assertEquals("NEW WORD", read(reader));
    reader.drop();
  }

  @Test
  void attributesAndNumbersSurviveACopyUp() throws ErrnoException {
    Inode below = lower.root().create("f", 0604, OWNER);
    fill(below, "text");
    below.setXattr("user.kept", bytes("value"), 0);
    below.setAttributes(AttributeChange.ofTimes(1_000_000_001L, 2_000_000_002L));
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    Stat before = child(root, "f").stat();
    child(root, "f").setXattr("user.more", bytes("x"), 0);
    Stat after = child(root, "f").stat();
    assertEquals(before.dev(), after.dev());
    assertEquals(before.ino(), after.ino());
    assertEquals(before.mode(), after.mode());
    assertEquals(before.size(), after.size());
    assertEquals(before.uid(), after.uid());
    assertEquals(1_000_000_001L, after.atime());
    assertEquals(2_000_000_002L, after.mtime());
    assertArrayEquals(bytes("value"), child(root, "f").getXattr("user.kept"));
    assertEquals(1, below.listXattr().size());
  }

  @Test
  void truncatingCopiesOnlyWhatStays() throws ErrnoException {
    Inode below = lower.root().create("f", 0644, OWNER);
    below.setAttributes(AttributeChange.ofSize(100 * MEMORY));
    fill(below, "text");
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    child(root, "f").setAttributes(AttributeChange.ofSize(2));
    assertEquals("te", read(child(root, "f")));
    assertEquals(1, data.used());
  }

  /** Holes stay holes, and a copy-up for which there is no room leaves the old file. */
  @Test
  void aFailedCopyUpLeavesNothing() throws ErrnoException {
    TmpfsFileSystem small =
        new TmpfsFileSystem(new TmpfsOptions(0755, 0, 0, 2, TmpfsOptions.UNLIMITED, ""), null);
    Inode sparse = lower.root().create("sparse", 0644, OWNER);
    fill(sparse, "text");
    sparse.setAttributes(AttributeChange.ofSize(1 << 30));
    fill(lower.root().create("big", 0644, OWNER), "x".repeat(3 * MemoryAccount.PAGE));
    Inode root = new OverlayFileSystem(lower.root(), small.root(), false).root();
    assertEquals(
        Errno.ENOSPC, errno(() -> child(root, "big").setAttributes(AttributeChange.ofMode(0))));
    assertEquals(0644, child(root, "big").stat().mode() & 07777);
    assertEquals(2, small.statFs().freeBlocks());
    child(root, "sparse").setAttributes(AttributeChange.ofMode(0600));
    assertEquals(1 << 30, child(root, "sparse").stat().size());
    assertEquals("text", read(child(root, "sparse")).substring(0, 4));
    assertEquals(1, small.statFs().freeBlocks());
  }

  @Test
  void hardLinksOfTheLowerLayerStayOneFile() throws ErrnoException {
    Inode below = lower.root().create("a", 0644, OWNER);
    fill(below, "text");
    lower.root().link("b", below);
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    fill(child(root, "a"), "TEXT");
    assertEquals("TEXT", read(child(root, "b")));
    assertEquals(child(root, "a").stat().ino(), child(root, "b").stat().ino());
    root.unlink("a", child(root, "a"));
    assertNull(root.lookup("a"));
    assertEquals(1, child(root, "b").stat().nlink());
    root.unlink("b", child(root, "b"));
    assertEquals(0, data.used());
    assertEquals(2, below.stat().nlink());
  }

  @Test
  void aLowerDirectoryMovesWithAllThatIsInIt() throws ErrnoException {
    Inode below = lower.root().mkdir("d", 0755, OWNER).mkdir("e", 0755, OWNER);
    fill(below.create("f", 0644, OWNER), "text");
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    root.rename("d", child(root, "d"), root, "moved", null, 0);
    assertNull(root.lookup("d"));
    assertEquals("text", read(child(child(child(root, "moved"), "e"), "f")));
    Inode fresh = root.mkdir("d", 0755, OWNER);
    assertEquals(0, fresh.entries().size());
    assertNull(fresh.lookup("e"));
    assertEquals(Errno.ENOTEMPTY, errno(() -> root.rmdir("moved", child(root, "moved"))));
    assertEquals(0, data.used());
  }

  @Test
  void aMappingOfALowerFileUsesTheLowersHostFile() throws ErrnoException {
    fill(lower.root().create("f", 0644, OWNER), "text");
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    OpenFileDescription file = open(child(root, "f"), OpenFlags.O_RDWR);
    assertTrue(file.mappableHostFd(false) >= 0);
    assertEquals(0, data.used());
    assertTrue(file.mappableHostFd(true) >= 0);
    assertEquals(1, data.used());
    file.drop();
  }

  /** Whoever reads during a copy-up sees the old file or the complete new one. */
  @Test
  void aCopyUpShowsOnlyWhenItIsComplete() throws Exception {
    int size = 4 << 20;
    fill(lower.root().create("f", 0644, OWNER), "x".repeat(size));
    Inode root = new OverlayFileSystem(lower.root(), upper.root(), false).root();
    AtomicBoolean copied = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                while (!copied.get()) {
                  Inode file = child(root, "f");
                  assertEquals(size, file.stat().size());
                  OpenFileDescription opened = open(file, OpenFlags.O_RDONLY);
                  byte[] last = new byte[1];
                  assertEquals(1, opened.pread(new ArrayBuffer(last), size - 1));
                  assertEquals('x', last[0]);
                  opened.drop();
                }
              } catch (ErrnoException | AssertionError e) {
                failure.set(e);
              }
            });
    reader.start();
    child(root, "f").setAttributes(AttributeChange.ofMode(0600));
    copied.set(true);
    reader.join();
    assertNull(failure.get());
    assertEquals(0600, child(root, "f").stat().mode() & 07777);
    assertEquals(size / MemoryAccount.PAGE, data.used());
  }
}
