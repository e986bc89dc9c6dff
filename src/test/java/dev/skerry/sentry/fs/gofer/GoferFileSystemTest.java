package dev.skerry.sentry.fs.gofer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.goferproto.FileRequest;
import dev.skerry.goferproto.Limits;
import dev.skerry.hostos.Host;
import dev.skerry.hostos.HostOs;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.fs.TreeModel;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AttributeChange;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sentry's client and the gofer, over real sockets, on a real directory. */
class GoferFileSystemTest extends GoferTest {
  private static final int STEPS = 5_000;
  private static final int CHECK_EVERY = 100;

  private interface Action {
    void run() throws ErrnoException;
  }

  private static int errno(Action action) {
    return assertThrows(ErrnoException.class, action::run).errno();
  }

  private static void mkfifo(Path path) {
    assertEquals(0, Host.os().mknodat(HostOs.AT_FDCWD, path.toString(), 010666, 0));
  }

  @Test
  void behavesAsTheModel() throws ErrnoException {
    long seed = System.nanoTime();
    TreeModel model = new TreeModel(attach(), new Random(seed));
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
    model.clear();
  }

  @Test
  void aFileIsOneInodeWhateverItsName() throws ErrnoException, IOException {
    Files.createDirectories(directory.resolve("a/b"));
    Files.writeString(directory.resolve("a/b/file"), "content");
    Files.createLink(directory.resolve("other"), directory.resolve("a/b/file"));
    Inode root = attach().root();
    Inode file = root.lookup("a").lookup("b").lookup("file");
    assertSame(file, root.lookup("other"));
    assertEquals(7, file.stat().size());
    assertEquals(77, file.stat().dev());
    assertEquals(2, file.stat().nlink());
    assertNull(root.lookup("nothing"));
    assertEquals(Errno.ENOTDIR, errno(() -> file.lookup("x")));
  }

  /** C42, C46: what a link says is for the sentry to follow, inside. */
  @Test
  void linksAreNotFollowedByTheGofer() throws ErrnoException, IOException {
    Files.createSymbolicLink(directory.resolve("out"), Path.of("/etc"));
    Files.createSymbolicLink(directory.resolve("up"), Path.of("../../../.."));
    Inode root = attach().root();
    for (String name : List.of("out", "up")) {
      Inode link = root.lookup(name);
      assertTrue(link.isSymlink());
      assertEquals(Errno.ENOTDIR, errno(() -> link.lookup("passwd")));
      assertEquals(Errno.ENXIO, errno(() -> open(link, OpenFlags.O_RDONLY)));
      int handle = ((GoferInode) link).handle();
      int[] fd = new int[1];
      assertEquals(
          Errno.EPERM, errno(() -> connection.call(new FileRequest.Open(false, handle), fd)));
      assertEquals(
          List.of(),
          connection.call(new FileRequest.Walk(handle, false, List.of("passwd"))).files());
    }
    assertEquals("/etc", root.lookup("out").readlink());
  }

  @Test
  void aWalkOfManyNamesStopsAtALink() throws ErrnoException, IOException {
    Files.createDirectories(directory.resolve("a/b/c"));
    Files.createSymbolicLink(directory.resolve("a/link"), Path.of("b"));
    Inode root = attach().root();
    int handle = ((GoferInode) root).handle();
    var whole = connection.call(new FileRequest.Walk(handle, false, List.of("a", "b", "c")));
    assertEquals(3, whole.files().size());
    assertEquals(0, whole.stop());
    var link = connection.call(new FileRequest.Walk(handle, false, List.of("a", "link", "c")));
    assertEquals(2, link.files().size());
    assertEquals(0, link.stop());
    var missing = connection.call(new FileRequest.Walk(handle, false, List.of("a", "x", "c")));
    assertEquals(1, missing.files().size());
    assertEquals(Errno.ENOENT, missing.stop());
  }

  @Test
  void whatIsNoRegularFileIsNeverOpened() throws ErrnoException {
    mkfifo(directory.resolve("fifo"));
    Inode root = attach().root();
    Inode fifo = root.lookup("fifo");
    int[] fd = new int[1];
    int handle = ((GoferInode) fifo).handle();
    assertEquals(
        Errno.EPERM, errno(() -> connection.call(new FileRequest.Open(false, handle), fd)));
    int rootHandle = ((GoferInode) root).handle();
    assertEquals(
        Errno.EISDIR, errno(() -> connection.call(new FileRequest.Open(false, rootHandle), fd)));
    assertEquals(Errno.EPERM, errno(() -> root.mknod("null", 020666, 0x103, OWNER)));
    assertNull(root.lookup("null"));
  }

  /** C52. */
  @Test
  void aReadOnlyMountRefusesEveryChange() throws ErrnoException, IOException {
    Files.writeString(directory.resolve("file"), "x");
    Inode root = attach(false, true, Limits.HANDLES).root();
    Inode file = root.lookup("file");
    open(file, OpenFlags.O_RDONLY).drop();
    List<Action> changes =
        List.of(
            () -> open(file, OpenFlags.O_RDWR),
            () -> root.create("a", 0644, OWNER),
            () -> root.createTemporary(0644, OWNER),
            () -> root.mkdir("a", 0755, OWNER),
            () -> root.mknod("a", 010644, 0, OWNER),
            () -> root.symlink("a", "b", OWNER),
            () -> root.link("a", file),
            () -> root.unlink("file", file),
            () -> root.rename("file", file, root, "b", null, 0),
            () -> file.setAttributes(AttributeChange.ofMode(0600)),
            () -> file.setXattr("user.a", new byte[1], 0),
            () -> file.removeXattr("user.a"));
    for (Action change : changes) {
      assertEquals(Errno.EROFS, errno(change));
    }
    assertEquals("x", Files.readString(directory.resolve("file")));
  }

  /** C54. */
  @Test
  void modesAndOwnersAreAsTheSandboxSentThem() throws ErrnoException {
    Inode root = attach().root();
    assertEquals(0100777, root.create("file", 0777, OWNER).stat().mode());
    assertEquals(0106755, root.create("setid", 06755, new Owner(5, 6)).stat().mode());
    assertEquals(041777, root.mkdir("dir", 01777, OWNER).stat().mode());
    assertEquals(010622, root.mknod("fifo", 010622, 0, OWNER).stat().mode());
    Inode link = root.symlink("link", "target", new Owner(7, 8));
    assertEquals(7, link.stat().uid());
    assertEquals(5, root.lookup("setid").stat().uid());
    assertEquals(6, root.lookup("setid").stat().gid());
  }

  @Test
  void dataGoesThroughTheDescriptorAndAttributesFollow() throws ErrnoException, IOException {
    Inode root = attach().root();
    Inode file = root.create("file", 0644, OWNER);
    OpenFileDescription open = open(file, OpenFlags.O_RDWR);
    assertEquals(5, open.write(new ArrayBuffer("hello".getBytes(StandardCharsets.UTF_8))));
    assertEquals(5, open.stat().size());
    assertEquals("hello", Files.readString(directory.resolve("file")));
    file.setAttributes(AttributeChange.ofSize(2));
    assertEquals(2, file.stat().size());
    file.setAttributes(AttributeChange.ofTimes(1_500_000_001L, AttributeChange.KEEP));
    assertEquals(1_500_000_001L, file.stat().atime());
    byte[] back = new byte[10];
    assertEquals(2, open.pread(new ArrayBuffer(back), 0));
    assertEquals('h', back[0]);
    open.drop();
  }

  @Test
  void aFileWithoutANameLivesUntilItIsClosed() throws ErrnoException {
    Inode root = attach().root();
    Inode file = root.create("file", 0644, OWNER);
    OpenFileDescription open = open(file, OpenFlags.O_RDWR);
    root.unlink("file", file);
    assertNull(root.lookup("file"));
    assertEquals(3, open.write(new ArrayBuffer(new byte[3])));
    assertEquals(0, open.stat().nlink());
    assertEquals(3, open.stat().size());
    OpenFileDescription again = open(file, OpenFlags.O_RDONLY);
    open.drop();
    assertEquals(3, again.stat().size());
    again.drop();
    assertEquals(0, file.stat().nlink());
    assertEquals(Errno.ESTALE, errno(() -> open(file, OpenFlags.O_RDONLY)));
  }

  @Test
  void aDirectoryThatIsGoneIsEmpty() throws ErrnoException {
    Inode root = attach().root();
    Inode gone = root.mkdir("gone", 0755, OWNER);
    root.rmdir("gone", gone);
    assertEquals(List.of(), gone.entries());
    assertNull(gone.lookup("x"));
    assertEquals(Errno.ENOENT, errno(() -> gone.create("x", 0644, OWNER)));
    assertEquals(0, gone.stat().nlink());
  }

  @Test
  void temporaryFilesGetAName() throws ErrnoException, IOException {
    Inode root = attach().root();
    Inode file = root.createTemporary(0600, new Owner(3, 4));
    OpenFileDescription open = open(file, OpenFlags.O_RDWR);
    open.write(new ArrayBuffer("data".getBytes(StandardCharsets.UTF_8)));
    root.link("named", file);
    open.drop();
    assertEquals("data", Files.readString(directory.resolve("named")));
    assertSame(file, root.lookup("named"));
    assertEquals(1, file.stat().nlink());
  }

  @Test
  void strangeNamesSurvive() throws ErrnoException {
    Inode root = attach().root();
    Set<String> names = new HashSet<>();
    for (int c = 1; c < 256; c++) {
      if (c != '/' && c != '.') {
        names.add(String.valueOf((char) c));
      }
    }
    names.add("\u00ff".repeat(255));
    names.add("...");
    for (String name : names) {
      root.create(name, 0644, OWNER);
    }
    Set<String> seen = new HashSet<>();
    for (DirectoryEntry entry : root.entries()) {
      assertEquals(root.lookup(entry.name()).stat().ino(), entry.ino());
      seen.add(entry.name());
    }
    assertEquals(names, seen);
  }

  @Test
  void manyEntriesAreListed() throws ErrnoException, IOException {
    int count = 20_000;
    for (int i = 0; i < count; i++) {
      Files.createFile(directory.resolve("a-file-with-quite-a-long-name-" + i));
    }
    List<DirectoryEntry> entries = attach().root().entries();
    Set<String> names = new HashSet<>();
    entries.forEach(entry -> names.add(entry.name()));
    assertEquals(count, entries.size());
    assertEquals(count, names.size());
  }

  @Test
  void userAttributesOnly() throws ErrnoException {
    Inode root = attach().root();
    Inode file = root.create("file", 0644, OWNER);
    file.setXattr("user.a", new byte[] {1, 2}, 0);
    assertArrayEquals(new byte[] {1, 2}, file.getXattr("user.a"));
    assertEquals(List.of("user.a"), file.listXattr());
    assertEquals(Errno.EEXIST, errno(() -> file.setXattr("user.a", new byte[1], 1)));
    file.removeXattr("user.a");
    assertEquals(Errno.ENODATA, errno(() -> file.getXattr("user.a")));
    assertEquals(Errno.ENODATA, errno(() -> file.getXattr("security.capability")));
    assertEquals(Errno.EPERM, errno(() -> file.setXattr("security.capability", new byte[1], 0)));
    assertEquals(Errno.EOPNOTSUPP, errno(() -> file.getXattr("system.posix_acl_access")));
  }

  @Test
  void othersChangesAreSeenWhereFilesAreShared()
      throws ErrnoException, IOException, InterruptedException {
    Files.writeString(directory.resolve("file"), "1");
    Inode root = attach(true, false, Limits.HANDLES).root();
    Inode file = root.lookup("file");
    assertFalse(root.fileSystem().cachesNames());
    Files.writeString(directory.resolve("file"), "12345");
    Thread.sleep(5);
    assertEquals(5, file.stat().size());
    Files.delete(directory.resolve("file"));
    assertNull(root.lookup("file"));
  }

  /** Directories that move while they are walked never lead out of the mount. */
  @Test
  void renamingWhileWalkingLeadsNowhere(@TempDir Path outside)
      throws ErrnoException, IOException, InterruptedException {
    Files.createDirectories(directory.resolve("a/b/c"));
    Files.createDirectories(outside.resolve("b/c"));
    Files.writeString(outside.resolve("b/c/secret"), "secret");
    Inode root = attach(true, false, Limits.HANDLES).root();
    AtomicBoolean stop = new AtomicBoolean();
    Thread mover =
        new Thread(
            () -> {
              Path link = directory.resolve("a");
              Path aside = directory.resolve("aside");
              while (!stop.get()) {
                try {
                  Files.move(link, aside);
                  Files.createSymbolicLink(link, outside);
                  Files.delete(link);
                  Files.move(aside, link);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }
            });
    mover.start();
    int handle = ((GoferInode) root).handle();
    for (int i = 0; i < 20_000; i++) {
      var walked =
          connection.call(new FileRequest.Walk(handle, false, List.of("a", "b", "c", "secret")));
      assertTrue(walked.files().size() < 4);
      walked.files().forEach(file -> connection.forget(file.handle()));
    }
    stop.set(true);
    mover.join();
  }

  @Test
  void handlesOfForgottenFilesAreGivenBack() throws ErrnoException {
    Inode root = attach(true, true, 300).root();
    for (int i = 0; i < 2_000; i++) {
      assertNotNull(root.create("file" + i, 0644, OWNER));
    }
    assertEquals(2_000, root.entries().size());
  }

  @Test
  void tooManyHandlesAreRefused() throws ErrnoException {
    Inode root = attach(true, true, 10).root();
    List<Inode> kept = new ArrayList<>();
    assertEquals(
        Errno.ENFILE,
        errno(
            () -> {
              for (int i = 0; i < 20; i++) {
                kept.add(root.mkdir("d" + i, 0755, OWNER));
              }
            }));
    // The one that could not be told of was taken back.
    assertEquals(kept.size(), root.entries().size());
  }

  /** C82: a gofer that is gone fails calls, and is told once. */
  @Test
  void aLostGoferIsToldOnce() throws Exception {
    Inode root = attach().root();
    for (int socket : gofer.channels()) {
      Host.os().sendMessage(socket, new byte[] {99}, 1, new int[0], 0);
    }
    assertTrue(gofer.hasEnded());
    assertEquals(Errno.EIO, errno(() -> root.lookup("a")));
    assertEquals(Errno.EIO, errno(() -> root.lookup("a")));
    assertEquals(1, losses.get());
  }

  /**
   * Though the file is open for writing elsewhere, mprotect(2) must not give a reader the right.
   */
  @Test
  void whatIsMappedToReadCannotWrite() throws ErrnoException, IOException {
    Files.writeString(directory.resolve("file"), "content");
    Inode file = attach().root().lookup("file");
    OpenFileDescription writer = open(file, OpenFlags.O_RDWR);
    OpenFileDescription reader = open(file, OpenFlags.O_RDONLY);
    assertEquals(Errno.EBADF, -write(reader.mappableHostFd(false)));
    assertEquals(Errno.EBADF, -write(writer.mappableHostFd(false)));
    assertEquals(1, write(writer.mappableHostFd(true)));
    writer.drop();
    reader.drop();
  }

  private static long write(int fd) {
    return Host.os().write(fd, new byte[1], 0, 1);
  }

  @Test
  void linksAndNodesStayOnTheHostAsTheyAre() throws ErrnoException {
    Inode root = attach().root();
    Inode link = root.symlink("link", "nowhere", OWNER);
    root.link("second", link);
    assertTrue(Files.isSymbolicLink(directory.resolve("second")));
    assertFalse(Files.exists(directory.resolve("second")));
    assertTrue(Files.exists(directory.resolve("second"), LinkOption.NOFOLLOW_LINKS));
    assertEquals(2, link.stat().nlink());
  }
}
