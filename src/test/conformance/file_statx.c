// statx masks and flags, faccessat2, lists of directories after seeks, vectors that are no good.
#include "check.h"
#include <dirent.h>
#include <linux/stat.h>
#include <sys/uio.h>

static void masks(void) {
  make_file("plain", "12345");
  need(symlink("plain", "link") == 0, "symlink");
  struct statx out;
  memset(&out, 0xff, sizeof out);
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0, STATX_BASIC_STATS, &out));
  CHECK((out.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  say("size %llu, mode %#o, spare %u", (unsigned long long)out.stx_size, out.stx_mode, out.__spare0[0]);
  CHECK((out.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0);
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0, 0, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0, 0x80000000U, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0x1, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0x6000, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", AT_STATX_FORCE_SYNC, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_ALL, &out));
  say("type %#o, size %llu", out.stx_mode & S_IFMT, (unsigned long long)out.stx_size);
  SHOW(syscall(SYS_statx, AT_FDCWD, "", 0, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "", AT_EMPTY_PATH, STATX_ALL, &out));
  say("type %#o", out.stx_mode & S_IFMT);
  SHOW(syscall(SYS_statx, AT_FDCWD, NULL, AT_EMPTY_PATH, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, NULL, 0, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, 99, "", AT_EMPTY_PATH, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, 99, "plain", 0, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, 99, "/", 0, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, STDOUT_FILENO, "plain", 0, STATX_ALL, &out));
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0, STATX_ALL, bad_pointer()));
  SHOW(syscall(SYS_statx, AT_FDCWD, "missing", 0, STATX_ALL, bad_pointer()));
  SHOW(syscall(SYS_statx, AT_FDCWD, "/proc", 0, STATX_ALL, &out));
  say("mount root %d", (out.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
  SHOW(syscall(SYS_statx, AT_FDCWD, "plain", 0, STATX_MNT_ID, &out));
  CHECK((out.stx_mask & STATX_MNT_ID) != 0);
}

static void rights(void) {
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", R_OK | W_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", X_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", 8, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", -1, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", F_OK, 0x1));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", F_OK, AT_EACCESS));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "", F_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "", R_OK, AT_EMPTY_PATH));
  need(symlink("nowhere", "dangling") == 0, "symlink");
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "dangling", F_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "dangling", R_OK | W_OK | X_OK, AT_SYMLINK_NOFOLLOW));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain/", F_OK, 0));
  int fd = open("plain", O_PATH);
  SHOW(syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH));
  SHOW(syscall(SYS_faccessat2, fd, "x", R_OK, 0));
  SHOW(syscall(SYS_faccessat2, 99, "x", R_OK, 0));
  chmod("plain", 0400);
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "plain", W_OK, 0));
}

static void ordinary_rights(void) {
  become_ordinary();
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "open", R_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "open", W_OK, 0));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "open", W_OK, AT_EACCESS));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "open", X_OK, AT_EACCESS));
}

static int count_rest(int fd) {
  char buffer[4096];
  int count = 0;
  for (long length; (length = syscall(SYS_getdents64, fd, buffer, sizeof buffer)) > 0;) {
    for (long at = 0; at < length; count++) {
      at += ((struct dirent64 *)(buffer + at))->d_reclen;
    }
  }
  return count;
}

static void lists(void) {
  need(mkdir("list", 0755) == 0 && chdir("list") == 0, "list");
  for (int i = 0; i < 40; i++) {
    char name[16];
    snprintf(name, sizeof name, "file%d", i);
    make_file(name, "");
  }
  int fd = open(".", O_RDONLY | O_DIRECTORY);
  char buffer[200];
  long length = syscall(SYS_getdents64, fd, buffer, sizeof buffer);
  CHECK(length > 0 && length <= 200);
  int first = 0;
  long next = 0;
  for (long at = 0; at < length; first++) {
    struct dirent64 *entry = (struct dirent64 *)(buffer + at);
    next = entry->d_off;
    at += entry->d_reclen;
  }
  CHECK(lseek(fd, 0, SEEK_CUR) == next);
  say("together %d", first + count_rest(fd));
  say("at the end %d", count_rest(fd));
  SHOW(lseek(fd, 0, SEEK_SET));
  say("from the start %d", count_rest(fd));
  CHECK(lseek(fd, next, SEEK_SET) == next);
  say("from a place %d", first + count_rest(fd));
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  lseek(fd, 0, SEEK_SET);
  SHOW(syscall(SYS_getdents64, fd, buffer, 10));
  SHOW(syscall(SYS_getdents64, fd, bad_pointer(), 4096));
  SHOW(syscall(SYS_getdents64, STDOUT_FILENO, buffer, sizeof buffer));
  SHOW(syscall(SYS_getdents64, 99, buffer, sizeof buffer));
  SHOW(lseek(fd, -1, SEEK_SET));
  SHOW(read(fd, buffer, 1));
  make_file("late", "");
  unlink("file3");
  lseek(fd, 0, SEEK_SET);
  say("after changes %d", count_rest(fd));
  need(chdir("..") == 0, "chdir");
}

static void vectors(void) {
  char one[4] = "abc";
  char two[4] = "";
  int fd = open("vector", O_RDWR | O_CREAT, 0644);
  // The compiler must not know what is too long.
  volatile int negative = -1;
  volatile int too_many = 1025;
  volatile size_t endless = (size_t)-1;
  struct iovec parts[3] = {{one, 3}, {NULL, 0}, {one, 2}};
  SHOW(writev(fd, parts, 3));
  SHOW(writev(fd, parts, 0));
  SHOW(writev(fd, parts, negative));
  SHOW(writev(fd, parts, too_many));
  SHOW(writev(fd, bad_pointer(), 1));
  SHOW(writev(fd, bad_pointer(), 0));
  parts[1].iov_len = (size_t)-1;
  SHOW(writev(fd, parts, 3));
  parts[1] = (struct iovec){bad_pointer(), 2};
  SHOW(pwritev(fd, parts, 3, 0));
  SHOW(pwritev(fd, parts + 1, 2, 0));
  show_file("vector");
  struct iovec in[3] = {{two, 2}, {bad_pointer(), 2}, {two + 2, 1}};
  SHOW(preadv(fd, in, 3, 0));
  SHOW(preadv(fd, in + 1, 2, 0));
  say("%c%c", two[0], two[1]);
  SHOW(preadv(fd, in, 1, -1));
  SHOW(preadv2(fd, in, 1, -1, 0));
  SHOW(preadv2(fd, in, 1, 0, 0x8000));
  SHOW(preadv2(fd, in, 1, 100, 0));
  SHOW(readv(fd, in, 1));
  SHOW(read(fd, bad_pointer(), 0));
  SHOW(write(fd, bad_pointer(), 0));
  SHOW(read(fd, one, endless));
  SHOW(write(fd, bad_pointer(), 5));
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(read(fd, bad_pointer(), 5));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(read(fd, bad_pointer(), 5));
}

int main(void) {
  umask(022);
  need(chmod(".", 0755) == 0, "chmod");
  masks();
  rights();
  make_file("open", "x");
  in_child("ordinary", ordinary_rights);
  lists();
  vectors();
  return 0;
}
