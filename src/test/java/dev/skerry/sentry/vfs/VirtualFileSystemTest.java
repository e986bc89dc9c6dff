package dev.skerry.sentry.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.auth.Credentials;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Errors, rights and mounts, case by case, as path_resolution(7), open(2) and mount(2) have them.
 */
class VirtualFileSystemTest {
  private static final int CREATE = OpenFlags.O_CREAT | OpenFlags.O_WRONLY;
  private static final Credentials USER =
      Credentials.ROOT
          .withUsers(1000, 1000, 1000, 1000)
          .withGroupIds(1000, 1000, 1000, 1000)
          .withCapabilities(0, 0, 0, 0, 0);

  private final SimpleFileSystem fileSystem = new SimpleFileSystem(true);
  private final VirtualFileSystem vfs =
      new VirtualFileSystem(
          (path, flags) -> {
            throw ErrnoException.of(Errno.ENXIO);
          });
  private final MountNamespace namespace = vfs.createNamespace(fileSystem, 0);
  private final TreeChanges changes = vfs.changes(namespace);
  private final VfsPath root = namespace.root();
  private final Origin origin = new Origin(Credentials.ROOT, root, root, 022);
  private final Origin user = new Origin(USER, root, root, 022);

  @BeforeEach
  void populate() throws ErrnoException {
    vfs.mkdir(origin, null, "dir", 0755);
    vfs.mkdir(origin, null, "dir/sub", 0755);
    vfs.mkdir(origin, null, "tmp", 01777);
    vfs.walk(origin, null, "tmp", 0).inode().setAttributes(AttributeChange.ofMode(01777));
    open(origin, "file", CREATE).drop();
    vfs.symlink(origin, null, "link", "file");
    vfs.symlink(origin, null, "dangling", "tmp/new");
    vfs.symlink(origin, null, "loop", "loop");
    vfs.mknod(origin, null, "socket", Inode.S_IFSOCK | 0755, 0);
  }

  private OpenFileDescription open(Origin who, String path, int flags) throws ErrnoException {
    return vfs.open(who, null, path, flags, 0666, 0);
  }

  private interface Action {
    void run() throws ErrnoException;
  }

  private static void fails(int errno, Action action) {
    ErrnoException thrown = assertThrows(ErrnoException.class, action::run);
    assertEquals(Errno.name(errno), Errno.name(thrown.errno()));
  }

  @Test
  void namesTooLongOrWrong() throws ErrnoException {
    fails(Errno.ENAMETOOLONG, () -> vfs.walk(origin, null, "n".repeat(256), 0));
    fails(Errno.ENOENT, () -> vfs.walk(origin, null, "n".repeat(255), 0));
    fails(Errno.ENOENT, () -> vfs.walk(origin, null, "", 0));
    fails(Errno.ENOTDIR, () -> vfs.walk(origin, null, "file/", 0));
    fails(Errno.ENOTDIR, () -> vfs.walk(origin, null, "file/x", 0));
    fails(Errno.ENOTDIR, () -> vfs.walk(origin, null, "link/", 0));
    fails(Errno.ELOOP, () -> vfs.walk(origin, null, "loop", VirtualFileSystem.FOLLOW));
    assertTrue(vfs.walk(origin, null, "loop", 0).inode().isSymlink());
  }

  @Test
  void fortyLinksAndNoMore() throws ErrnoException {
    vfs.symlink(origin, null, "l1", "file");
    for (int i = 2; i <= 41; i++) {
      vfs.symlink(origin, null, "l" + i, "l" + (i - 1));
    }
    assertTrue(vfs.walk(origin, null, "l40", VirtualFileSystem.FOLLOW).inode().isRegular());
    fails(Errno.ELOOP, () -> vfs.walk(origin, null, "l41", VirtualFileSystem.FOLLOW));
  }

  @Test
  void openChecksTypesAndFlags() throws ErrnoException {
    fails(Errno.EISDIR, () -> open(origin, "dir", OpenFlags.O_WRONLY));
    fails(Errno.EISDIR, () -> open(origin, "dir", OpenFlags.O_CREAT));
    fails(Errno.EISDIR, () -> open(origin, "new/", CREATE));
    fails(Errno.EISDIR, () -> open(origin, ".", CREATE));
    fails(Errno.EEXIST, () -> open(origin, "dangling", CREATE | OpenFlags.O_EXCL));
    fails(Errno.EEXIST, () -> open(origin, "file", CREATE | OpenFlags.O_EXCL));
    fails(Errno.ELOOP, () -> open(origin, "link", OpenFlags.O_NOFOLLOW));
    fails(Errno.ENOTDIR, () -> open(origin, "link", OpenFlags.O_NOFOLLOW | OpenFlags.O_DIRECTORY));
    fails(Errno.ENOTDIR, () -> open(origin, "file", OpenFlags.O_DIRECTORY));
    fails(Errno.ENXIO, () -> open(origin, "socket", OpenFlags.O_RDWR));
    fails(Errno.EOPNOTSUPP, () -> open(origin, "dir", OpenFlags.O_TMPFILE | OpenFlags.O_RDWR));
    open(origin, "dangling", CREATE).drop();
    assertTrue(vfs.walk(origin, null, "tmp/new", 0).inode().isRegular());
    OpenFileDescription link = open(origin, "link", OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    assertFalse(link.isReadable());
    assertEquals(Inode.S_IFLNK, link.stat().mode() & Inode.S_IFMT);
  }

  @Test
  void resolveFlagsConfine() throws ErrnoException {
    vfs.symlink(origin, null, "dir/up", "../file");
    vfs.symlink(origin, null, "dir/abs", "/sub");
    VfsPath dir = vfs.walk(origin, null, "dir", 0);
    fails(Errno.EXDEV, () -> vfs.open(origin, dir, "up", 0, 0, PathWalk.BENEATH));
    fails(Errno.EXDEV, () -> vfs.open(origin, dir, "/sub", 0, 0, PathWalk.BENEATH));
    fails(Errno.ENOENT, () -> vfs.open(origin, dir, "up", 0, 0, PathWalk.IN_ROOT));
    fails(Errno.ELOOP, () -> vfs.open(origin, dir, "up", 0, 0, PathWalk.NO_SYMLINKS));
    OpenFileDescription sub = vfs.open(origin, dir, "abs", 0, 0, PathWalk.IN_ROOT);
    assertEquals("/dir/sub", sub.displayName());
  }

  @Test
  void rightsOfOthers() throws ErrnoException {
    fails(Errno.EACCES, () -> open(user, "dir/new", CREATE));
    fails(Errno.EACCES, () -> open(user, "file", OpenFlags.O_WRONLY));
    open(user, "file", OpenFlags.O_RDONLY).drop();
    fails(Errno.EACCES, () -> vfs.unlink(user, null, "file"));
    AttributeRules.chmod(Credentials.ROOT, vfs.walk(origin, null, "dir", 0), 0700);
    fails(Errno.EACCES, () -> vfs.walk(user, null, "dir/sub", 0));
    fails(Errno.EACCES, () -> vfs.walk(user, null, "dir/none", 0));
  }

  @Test
  void stickyAndSetGroupIdDirectories() throws ErrnoException {
    open(origin, "tmp/roots", CREATE).drop();
    open(user, "tmp/own", CREATE).drop();
    fails(Errno.EPERM, () -> vfs.unlink(user, null, "tmp/roots"));
    fails(Errno.EPERM, () -> vfs.rename(user, null, "tmp/roots", null, "tmp/x", 0));
    fails(Errno.EPERM, () -> vfs.rename(user, null, "tmp/own", null, "tmp/roots", 0));
    vfs.unlink(user, null, "tmp/own");
    VfsPath dir = vfs.walk(origin, null, "dir", 0);
    AttributeRules.chown(Credentials.ROOT, dir, -1, 50);
    AttributeRules.chmod(Credentials.ROOT, dir, 02777);
    Stat made = vfs.mkdir(user, null, "dir/inherits", 0755).stat();
    assertEquals(50, made.gid());
    assertEquals(Inode.S_IFDIR | 02755, made.mode());
  }

  @Test
  void changingOwnersAndModes() throws ErrnoException {
    VfsPath file = vfs.walk(origin, null, "file", 0);
    AttributeRules.chmod(Credentials.ROOT, file, 06755);
    fails(Errno.EPERM, () -> AttributeRules.chmod(USER, file, 0777));
    fails(Errno.EPERM, () -> AttributeRules.chown(USER, file, 1000, -1));
    AttributeRules.chown(Credentials.ROOT, file, 1000, 1000);
    assertEquals(Inode.S_IFREG | 0755, file.inode().stat().mode());
    AttributeRules.chown(USER, file, -1, 1000);
    fails(Errno.EPERM, () -> AttributeRules.chown(USER, file, -1, 0));
  }

  @Test
  void mountsAreCrossedBothWays() throws ErrnoException {
    SimpleFileSystem other = new SimpleFileSystem(true);
    VfsPath point = vfs.walk(origin, null, "dir/sub", 0);
    vfs.mount(point, other, "none", 0);
    vfs.mkdir(origin, null, "dir/sub/inner", 0755);
    VfsPath inner = vfs.walk(origin, null, "dir/sub/inner", 0);
    assertSame(other, inner.inode().fileSystem());
    assertEquals("/dir/sub/inner", PathNames.relativeTo(null, inner));
    assertSame(
        vfs.walk(origin, null, "dir", 0).dentry(), vfs.walk(origin, inner, "../..", 0).dentry());
    fails(Errno.EBUSY, () -> vfs.rmdir(origin, null, "dir/sub"));
    fails(Errno.EBUSY, () -> vfs.rename(origin, null, "dir/sub", null, "moved", 0));
    fails(Errno.EXDEV, () -> vfs.rename(origin, null, "dir/sub/inner", null, "moved", 0));
    VfsPath top = vfs.walk(origin, null, "dir/sub", 0);
    OpenFileDescription held = vfs.openFound(inner, 0);
    fails(Errno.EBUSY, () -> changes.unmount(top, false, false));
    changes.unmount(top, true, false);
    assertFalse(other.released);
    held.drop();
    assertTrue(other.released);
    fails(Errno.ENOENT, () -> vfs.walk(origin, null, "dir/sub/inner", 0));
    vfs.rmdir(origin, null, "dir/sub");
  }

  @Test
  void readOnlyMounts() throws ErrnoException {
    OpenFileDescription writer = open(origin, "file", OpenFlags.O_WRONLY);
    fails(Errno.EBUSY, () -> vfs.remount(root, Mount.MS_RDONLY));
    writer.drop();
    vfs.remount(root, Mount.MS_RDONLY);
    fails(Errno.EROFS, () -> open(origin, "new", CREATE));
    fails(Errno.EROFS, () -> open(origin, "file", OpenFlags.O_WRONLY));
    fails(Errno.EROFS, () -> vfs.unlink(origin, null, "none"));
    fails(Errno.EEXIST, () -> vfs.mkdir(origin, null, "dir", 0755));
    fails(Errno.EROFS, () -> vfs.mkdir(origin, null, "new", 0755));
    open(origin, "file", CREATE & ~OpenFlags.O_WRONLY).drop();
  }

  @Test
  void bindsShareNamesAndDoNotMoveTheRoot() throws ErrnoException {
    VfsPath dir = vfs.walk(origin, null, "dir", 0);
    vfs.bind(dir, vfs.walk(origin, null, "tmp", 0));
    vfs.mkdir(origin, null, "tmp/made", 0755);
    assertSame(
        vfs.walk(origin, null, "dir/made", 0).dentry(),
        vfs.walk(origin, null, "tmp/made", 0).dentry());
    VfsPath up = vfs.walk(origin, null, "tmp/..", 0);
    assertEquals(root, up);
  }

  @Test
  void aRootThatWasChangedIsNotLeft() throws ErrnoException {
    VfsPath dir = vfs.walk(origin, null, "dir", 0);
    Origin confined = new Origin(Credentials.ROOT, dir, dir, 0);
    assertEquals(dir, vfs.walk(confined, null, "../../..", 0));
    assertEquals(dir, vfs.walk(confined, null, "/..", 0));
    fails(Errno.ENOENT, () -> vfs.walk(confined, null, "/file", 0));
    assertEquals("(unreachable)/tmp", PathNames.asSeenFrom(dir, vfs.walk(origin, null, "tmp", 0)));
  }

  @Test
  void hitsAskTheFileSystemNothing() throws ErrnoException {
    vfs.walk(origin, null, "dir/sub", 0);
    fails(Errno.ENOENT, () -> vfs.walk(origin, null, "dir/none", 0));
    int before = fileSystem.lookups;
    vfs.walk(origin, null, "dir/sub", 0);
    fails(Errno.ENOENT, () -> vfs.walk(origin, null, "dir/none", 0));
    assertEquals(before, fileSystem.lookups);
  }

  /** C30. */
  @Test
  void theCacheIsBoundedAndWhatIsInUseIsFoundAgain() throws ErrnoException {
    VfsPath held = vfs.walk(origin, null, "dir/sub", 0);
    vfs.setNameCacheLimit(3);
    for (int i = 0; i < 50; i++) {
      vfs.mkdir(origin, null, "tmp/" + i, 0755);
    }
    assertEquals(3, vfs.cachedNames());
    assertSame(held.dentry(), vfs.walk(origin, null, "dir/sub", 0).dentry());
  }

  @Test
  void removedDirectoriesTakeNoNames() throws ErrnoException {
    VfsPath sub = vfs.walk(origin, null, "dir/sub", 0);
    vfs.rmdir(origin, null, "dir/sub");
    assertTrue(sub.dentry().isDeleted());
    fails(Errno.ENOENT, () -> vfs.mkdir(origin, sub, "x", 0755));
    fails(Errno.ENOENT, () -> vfs.open(origin, sub, "x", CREATE, 0644, 0));
    assertEquals("/dir/sub (deleted)", PathNames.ofOpenFile(sub));
  }
}
