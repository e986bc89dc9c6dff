package dev.skerry.sentry.fs.tmpfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import dev.skerry.sentry.fs.TreeModel;
import dev.skerry.sentry.mm.HostProc;
import dev.skerry.sentry.usermem.ArrayBuffer;
import dev.skerry.sentry.vfs.AllocateMode;
import dev.skerry.sentry.vfs.FileSeals;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.KernelMount;
import dev.skerry.sentry.vfs.MemoryAccount;
import dev.skerry.sentry.vfs.OpenFileDescription;
import dev.skerry.sentry.vfs.OpenFlags;
import dev.skerry.sentry.vfs.Owner;
import dev.skerry.sentry.vfs.RegularFile;
import dev.skerry.sentry.vfs.Stat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TmpfsTest {
  private static final int STEPS = 20_000;
  private static final int CHECK_EVERY = 50;
  private static final long MEMORY = 1L << 30;
  private static final Owner OWNER = new Owner(1, 2);
  private static final int PAGE = MemoryAccount.PAGE;
  private static final int SEEK_END = 2;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private static int errno(ThrowingRunnable action) {
    return assertThrows(ErrnoException.class, action::run).errno();
  }

  private interface ThrowingRunnable {
    void run() throws ErrnoException;
  }

  private static OpenFileDescription open(Inode file, int flags) throws ErrnoException {
    return file.open(new KernelMount(file.fileSystem(), 0).place("file", file), flags);
  }

  private static ArrayBuffer zeros(int count) {
    return new ArrayBuffer(new byte[count]);
  }

  @Test
  void behavesAsTheModelAndGivesEverythingBack() throws ErrnoException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    MemoryAccount data = MemoryAccount.ofBytes(MEMORY);
    long records = MemoryAccount.RECORDS.used();
    TmpfsFileSystem fileSystem = new TmpfsFileSystem(TmpfsOptions.ofMode(0755), data);
    TreeModel model = new TreeModel(fileSystem, random);
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
    assertTrue(data.used() > 0);
    model.clear();
    assertEquals(0, data.used(), "seed " + seed);
    fileSystem.release();
    assertEquals(records, MemoryAccount.RECORDS.used(), "seed " + seed);
  }

  @Test
  void releaseFreesWhatIsLeft() throws ErrnoException {
    MemoryAccount data = MemoryAccount.ofBytes(MEMORY);
    long records = MemoryAccount.RECORDS.used();
    TmpfsFileSystem fileSystem = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
    Inode directory = fileSystem.root().mkdir("d", 0755, OWNER);
    Inode file = directory.create("f", 0644, OWNER);
    fileSystem.root().link("g", file);
    fileSystem.root().symlink("s", "anywhere", OWNER);
    file.setXattr("user.x", new byte[100], 0);
    OpenFileDescription opened = open(file, OpenFlags.O_WRONLY);
    opened.write(zeros(3 * PAGE));
    opened.drop();
    assertEquals(3, data.used());
    fileSystem.release();
    assertEquals(0, data.used());
    assertEquals(records, MemoryAccount.RECORDS.used());
  }

  /** C7. */
  @Test
  void optionsAreReadAndOthersToldOf() throws ErrnoException {
    List<String> ignored = new ArrayList<>();
    TmpfsOptions options =
        TmpfsOptions.parse(
            "mode=750,uid=5,gid=6,size=10m,huge=always,noswap", MEMORY, ignored, Credentials.ROOT);
    assertEquals(List.of("huge=always", "noswap"), ignored);
    TmpfsFileSystem fileSystem = new TmpfsFileSystem(options, null);
    Stat root = fileSystem.root().stat();
    assertEquals(Inode.S_IFDIR | 0750, root.mode());
    assertEquals(5, root.uid());
    assertEquals(6, root.gid());
    assertEquals((10 << 20) / PAGE, fileSystem.statFs().blocks());
    assertEquals(",mode=750,uid=5,gid=6,size=10240k", fileSystem.options());
    assertEquals(
        Errno.EINVAL,
        errno(() -> TmpfsOptions.parse("size=1=2", MEMORY, ignored, Credentials.ROOT)));
    assertEquals(
        Errno.EINVAL,
        errno(() -> TmpfsOptions.parse("other=1=2", MEMORY, ignored, Credentials.ROOT)));
  }

  @Test
  void sizesHaveSuffixes() throws ErrnoException {
    String[] sizes = {"4096", "1k", "3M", "1g", "50%", "0"};
    long[] pages = {1, 1, 768, 262_144, MEMORY / 2 / PAGE, TmpfsOptions.UNLIMITED};
    for (int i = 0; i < sizes.length; i++) {
      List<String> ignored = new ArrayList<>();
      TmpfsOptions options =
          TmpfsOptions.parse("size=" + sizes[i], MEMORY, ignored, Credentials.ROOT);
      assertEquals(pages[i], options.sizePages(), sizes[i]);
    }
    for (String bad : new String[] {"", "x", "k", "-1", "1kk", "99999999999g", "1.5m"}) {
      assertEquals(
          Errno.EINVAL,
          errno(
              () -> TmpfsOptions.parse("size=" + bad, MEMORY, new ArrayList<>(), Credentials.ROOT)),
          bad);
    }
  }

  @Test
  void aFullFileSystemTakesWhatFits() throws ErrnoException {
    TmpfsFileSystem fileSystem = sized("size=4k,nr_inodes=3");
    Inode file = fileSystem.root().create("f", 0644, OWNER);
    OpenFileDescription opened = open(file, OpenFlags.O_RDWR);
    assertEquals(PAGE, opened.write(zeros(PAGE + 1)));
    assertEquals(-Errno.ENOSPC, opened.write(zeros(1)));
    assertEquals(1, opened.pwrite(zeros(1), 17));
    assertEquals(0, fileSystem.statFs().freeBlocks());
    assertEquals(-Errno.ENOSPC, opened.allocate(0, PAGE, PAGE));
    int punch = AllocateMode.FALLOC_FL_PUNCH_HOLE | AllocateMode.FALLOC_FL_KEEP_SIZE;
    assertEquals(0, opened.allocate(punch, 0, PAGE));
    assertEquals(1, fileSystem.statFs().freeBlocks());
    assertEquals(5, opened.pwrite(zeros(5), 100L * PAGE));
    assertEquals(-Errno.ENOSPC, opened.pwrite(zeros(5), 0));
    assertEquals(2, opened.pwrite(zeros(2), 100L * PAGE + 1));
    assertEquals(0, opened.truncate(0));
    assertEquals(1, fileSystem.statFs().freeBlocks());
    fileSystem.root().link("g", file);
    assertEquals(Errno.ENOSPC, errno(() -> fileSystem.root().create("h", 0644, OWNER)));
    fileSystem.root().unlink("g", file);
    fileSystem.root().create("h", 0644, OWNER);
  }

  private static TmpfsFileSystem sized(String options) throws ErrnoException {
    return new TmpfsFileSystem(
        TmpfsOptions.parse(options, MEMORY, new ArrayList<>(), Credentials.ROOT), null);
  }

  @Test
  void withoutASizeTheAccountIsTheLimit() throws ErrnoException {
    MemoryAccount data = MemoryAccount.ofBytes(10 * PAGE);
    TmpfsFileSystem one = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
    TmpfsFileSystem other = new TmpfsFileSystem(TmpfsOptions.unlimited(), data);
    open(one.root().create("f", 0644, OWNER), OpenFlags.O_RDWR).write(zeros(4 * PAGE));
    assertEquals(10, other.statFs().blocks());
    assertEquals(6, other.statFs().freeBlocks());
    OpenFileDescription file = open(other.root().create("f", 0644, OWNER), OpenFlags.O_RDWR);
    assertEquals(6 * PAGE, file.write(zeros(7 * PAGE)));
  }

  @Test
  void appendsOfSeveralWritersDoNotMix() throws Exception {
    Inode file = sized("").root().create("f", 0644, OWNER);
    int writers = 4;
    int records = 500;
    Thread[] threads = new Thread[writers];
    for (int i = 0; i < writers; i++) {
      byte[] record = new byte[100];
      Arrays.fill(record, (byte) i);
      OpenFileDescription opened = open(file, OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
      threads[i] =
          new Thread(
              () -> {
                for (int k = 0; k < records; k++) {
                  opened.write(new ArrayBuffer(record));
                }
                opened.drop();
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertEquals(100L * writers * records, file.stat().size());
    byte[] all = new byte[writers * records * 100];
    open(file, OpenFlags.O_RDONLY).read(new ArrayBuffer(all));
    int[] seen = new int[writers];
    for (int i = 0; i < all.length; i += 100) {
      seen[all[i]]++;
      for (int k = 1; k < 100; k++) {
        assertEquals(all[i], all[i + k]);
      }
    }
    for (int count : seen) {
      assertEquals(records, count);
    }
  }

  @Test
  void holesAreSeen() throws ErrnoException {
    OpenFileDescription file = open(sized("").root().create("f", 0644, OWNER), OpenFlags.O_RDWR);
    assertEquals(-Errno.ENXIO, file.seek(0, SEEK_DATA));
    assertEquals(1, file.pwrite(zeros(1), 8L * PAGE));
    assertEquals(8L * PAGE, file.seek(0, SEEK_DATA));
    assertEquals(0, file.seek(0, SEEK_HOLE));
    assertEquals(8L * PAGE + 1, file.seek(0, SEEK_END));
    assertEquals(-Errno.EINVAL, file.seek(-9L * PAGE, SEEK_END));
    assertEquals(8, file.stat().blocks());
  }

  @Test
  void aMappedFilePaysForItsHoles() throws ErrnoException {
    HostProc.open();
    TmpfsFileSystem fileSystem = sized("size=16k");
    OpenFileDescription file = open(fileSystem.root().create("f", 0644, OWNER), OpenFlags.O_RDWR);
    assertEquals(0, file.truncate(5L * PAGE));
    assertEquals(-Errno.ENOMEM, file.mappableHostFd(true));
    assertEquals(0, file.truncate(3L * PAGE));
    assertTrue(file.mappableHostFd(true) >= 0);
    assertTrue(file.mappableHostFd(false) >= 0);
    assertEquals(1, fileSystem.statFs().freeBlocks());
    assertEquals(-Errno.ENOSPC, file.truncate(5L * PAGE));
    assertEquals(PAGE, file.pwrite(zeros(PAGE), 3L * PAGE));
    assertEquals(-Errno.ENOSPC, file.pwrite(zeros(PAGE), 4L * PAGE));
    assertEquals(0, file.truncate(0));
    assertEquals(4, fileSystem.statFs().freeBlocks());
  }

  /** C29. */
  @Test
  void everyKindOfFileCanBeMade() throws ErrnoException {
    Inode root = sized("").root();
    int[] types = {Inode.S_IFIFO, Inode.S_IFSOCK, Inode.S_IFCHR, Inode.S_IFBLK, Inode.S_IFREG};
    for (int type : types) {
      Stat stat = root.mknod("f" + type, type | 0640, 0x103, OWNER).stat();
      assertEquals(type | 0640, stat.mode());
      assertEquals(type == Inode.S_IFREG ? 0 : 0x103, stat.rdev());
      assertEquals(1, stat.uid());
      assertEquals(2, stat.gid());
    }
  }

  @Test
  void extendedAttributesAreKept() throws ErrnoException {
    Inode file = sized("").root().create("f", 0644, OWNER);
    file.setXattr("user.a", new byte[] {1, 2}, 0);
    assertEquals(2, file.getXattr("user.a").length);
    assertEquals(Errno.EEXIST, errno(() -> file.setXattr("user.a", new byte[0], 1)));
    assertEquals(Errno.ENODATA, errno(() -> file.setXattr("user.b", new byte[0], 2)));
    assertEquals(Errno.EOPNOTSUPP, errno(() -> file.setXattr("system.x", new byte[0], 0)));
    assertEquals(List.of("user.a"), file.listXattr());
    file.removeXattr("user.a");
    assertEquals(Errno.ENODATA, errno(() -> file.getXattr("user.a")));
  }

  @Test
  void writesByTheUnprivilegedDropSetId() throws ErrnoException {
    Inode file = sized("").root().create("f", 06755, OWNER);
    OpenFileDescription opened = open(file, OpenFlags.O_WRONLY);
    ((RegularFile) opened).openedBy(Credentials.ROOT);
    opened.write(zeros(1));
    assertEquals(06755, file.stat().mode() & 07777);
    open(file, OpenFlags.O_WRONLY).write(zeros(1));
    assertEquals(0755, file.stat().mode() & 07777);
  }

  @Test
  void sealsHold() throws ErrnoException {
    AnonymousFiles files = new AnonymousFiles(null);
    RegularFile plain = (RegularFile) files.create("n", 0, OWNER);
    assertEquals(FileSeals.F_SEAL_SEAL, plain.seals());
    assertEquals(-Errno.EPERM, plain.addSeals(FileSeals.F_SEAL_GROW));
    RegularFile file = (RegularFile) files.create("x", AnonymousFiles.MFD_ALLOW_SEALING, OWNER);
    assertEquals("/memfd:x (deleted)", file.displayName());
    assertEquals(2 * PAGE, file.write(zeros(2 * PAGE)));
    assertEquals(0, file.addSeals(FileSeals.F_SEAL_GROW | FileSeals.F_SEAL_SHRINK));
    assertEquals(-Errno.EPERM, file.truncate(0));
    assertEquals(-Errno.EPERM, file.truncate(3 * PAGE));
    assertEquals(PAGE, file.pwrite(zeros(PAGE + 1), PAGE));
    assertEquals(-Errno.EPERM, file.pwrite(zeros(1), 2 * PAGE));
    assertEquals(0, file.addSeals(FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_SEAL));
    assertEquals(-Errno.EPERM, file.pwrite(zeros(1), 0));
    assertEquals(-Errno.EPERM, file.addSeals(FileSeals.F_SEAL_EXEC));
    assertEquals(0xf, file.seals());
    file.drop();
    plain.drop();
    assertEquals(Errno.EINVAL, errno(() -> files.create("h", 4, OWNER)));
  }
}
