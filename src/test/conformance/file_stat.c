// stat, fstatat, statx, statfs: fields, flags, errors.
#include "check.h"
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static void show_stat(const char *what, const struct stat *status) {
  say("%s: mode %o, links %lu, size %ld, rdev %#lx", what, status->st_mode,
      (unsigned long)status->st_nlink, (long)status->st_size, (unsigned long)status->st_rdev);
}

static void kinds(void) {
  struct stat status;
  make_file("file", "12345");
  SHOW(stat("file", &status));
  show_stat("file", &status);
  CHECK(status.st_blksize > 0 && status.st_ino != 0);
  need(mkfifo("fifo", 0600) == 0, "mkfifo");
  SHOW(stat("fifo", &status));
  show_stat("fifo", &status);
  need(symlink("file", "link") == 0, "symlink");
  SHOW(lstat("link", &status));
  show_stat("link", &status);
  SHOW(stat("/dev/zero", &status));
  show_stat("zero", &status);
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(fstat(pair[0], &status));
  show_stat("pipe", &status);
  SHOW(fstat(99, &status));
  SHOW(fstat(pair[0], bad_pointer()));
}

static void at(void) {
  struct stat status;
  int fd = open("file", O_RDONLY);
  SHOW(fstatat(AT_FDCWD, "link", &status, 0));
  CHECK(S_ISREG(status.st_mode));
  SHOW(fstatat(AT_FDCWD, "link", &status, AT_SYMLINK_NOFOLLOW));
  CHECK(S_ISLNK(status.st_mode));
  SHOW(fstatat(fd, "", &status, AT_EMPTY_PATH));
  show_stat("by descriptor", &status);
  SHOW(fstatat(fd, "", &status, 0));
  SHOW(fstatat(fd, "x", &status, 0));
  SHOW(fstatat(AT_FDCWD, "", &status, AT_EMPTY_PATH));
  CHECK(S_ISDIR(status.st_mode));
  SHOW(fstatat(AT_FDCWD, "file", &status, 0x1));
  SHOW(fstatat(AT_FDCWD, "file", &status, AT_NO_AUTOMOUNT));
  SHOW(fstatat(99, "/", &status, 0));
  SHOW(fstatat(99, "file", &status, 0));
  close(fd);
}

static void extended(void) {
  struct statx x;
  memset(&x, 0xff, sizeof x);
  SHOW(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &x));
  CHECK((x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  say("mode %o, links %u, size %llu, uid %u, gid %u, rdev %u:%u", x.stx_mode, x.stx_nlink,
      (unsigned long long)x.stx_size, x.stx_uid, x.stx_gid, x.stx_rdev_major, x.stx_rdev_minor);
  struct stat status;
  need(stat("file", &status) == 0, "stat");
  CHECK(x.stx_ino == status.st_ino);
  CHECK(x.stx_dev_major == major(status.st_dev) && x.stx_dev_minor == minor(status.st_dev));
  CHECK(x.stx_mtime.tv_sec == status.st_mtim.tv_sec && x.stx_mtime.tv_nsec == status.st_mtim.tv_nsec);
  CHECK(x.stx_ctime.tv_sec == status.st_ctim.tv_sec);
  CHECK((long)x.stx_blocks == status.st_blocks && (long)x.stx_blksize == status.st_blksize);
  SHOW(statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x));
  CHECK(S_ISLNK(x.stx_mode));
  SHOW(statx(AT_FDCWD, "file", AT_STATX_SYNC_AS_STAT, 0, &x));
  SHOW(statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC, STATX_SIZE, &x));
  SHOW(statx(AT_FDCWD, "file", AT_STATX_DONT_SYNC, STATX_SIZE, &x));
  SHOW(statx(AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_SIZE, &x));
  SHOW(statx(AT_FDCWD, "file", 0x1, STATX_SIZE, &x));
  SHOW(statx(AT_FDCWD, "file", 0, 0x80000000u, &x));
  SHOW(statx(AT_FDCWD, "", AT_EMPTY_PATH, STATX_TYPE, &x));
  SHOW(statx(AT_FDCWD, "", 0, STATX_TYPE, &x));
  SHOW(statx(AT_FDCWD, "missing", 0, STATX_TYPE, &x));
  SHOW(statx(AT_FDCWD, bad_pointer(), 0, STATX_TYPE, &x));
  SHOW(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_TYPE, bad_pointer()));
}

static void systems(void) {
  struct statfs system;
  SHOW(statfs("/proc", &system));
  say("proc: type %#lx, namelen %ld", (long)system.f_type, (long)system.f_namelen);
  SHOW(statfs("/dev/shm", &system));
  say("tmpfs: type %#lx, bsize %ld, namelen %ld", (long)system.f_type, (long)system.f_bsize,
      (long)system.f_namelen);
  CHECK(system.f_bfree <= system.f_blocks && system.f_bavail <= system.f_bfree);
  SHOW(statfs(".", &system));
  CHECK(system.f_bsize > 0 && system.f_namelen == 255);
  SHOW(statfs("missing", &system));
  SHOW(statfs(".", bad_pointer()));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(fstatfs(pair[0], &system));
  say("pipe: type %#lx", (long)system.f_type);
  SHOW(fstatfs(99, &system));
}

int main(void) {
  umask(022);
  kinds();
  at();
  extended();
  systems();
  return 0;
}
