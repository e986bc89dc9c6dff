// Permission checks as an ordinary user: which bits count for whom, for files, directories and attributes.
#include "check.h"
#include <grp.h>

#define OTHER 1234

static void try(const char *path) {
  int reader = open(path, O_RDONLY);
  int reading = reader < 0 ? errno : 0;
  int writer = open(path, O_WRONLY);
  int writing = writer < 0 ? errno : 0;
  say("%s: read %s, write %s, access %d%d%d", path, reading == 0 ? "yes" : error_name(reading),
      writing == 0 ? "yes" : error_name(writing), access(path, R_OK) == 0, access(path, W_OK) == 0,
      access(path, X_OK) == 0);
  close(reader);
  close(writer);
}

static void make(const char *path, uid_t uid, gid_t gid, mode_t mode) {
  make_file(path, "x");
  need(chown(path, uid, gid) == 0 && chmod(path, mode) == 0, path);
}

static void make_directory(const char *path, uid_t uid, gid_t gid, mode_t mode) {
  need(mkdir(path, 0700) == 0 && chown(path, uid, gid) == 0 && chmod(path, mode) == 0, path);
}

static void prepare(void) {
  make("owner-rw", 65534, 65534, 0600);
  make("owner-none", 65534, 65534, 0077);
  make("group-rw", OTHER, 65534, 0060);
  make("group-none", OTHER, 65534, 0606);
  make("supplementary-rw", OTHER, 777, 0060);
  make("other-rw", OTHER, OTHER, 0006);
  make("other-none", OTHER, OTHER, 0660);
  make("executable", OTHER, OTHER, 0001);
  make_directory("no-search", OTHER, OTHER, 0666);
  make("no-search/file", OTHER, OTHER, 0666);
  make_directory("no-read", OTHER, OTHER, 0711);
  make("no-read/file", OTHER, OTHER, 0666);
  make_directory("no-write", OTHER, OTHER, 0755);
  make("no-write/file", OTHER, OTHER, 0666);
  make_directory("all", OTHER, OTHER, 0777);
  make("all/file", OTHER, OTHER, 0600);
}

static void attributes(void) {
  SHOW(chmod("owner-rw", 0640));
  SHOW(chmod("other-rw", 0640));
  SHOW(chown("owner-rw", 65534, 65534));
  SHOW(chown("owner-rw", 65534, 777));
  SHOW(chown("owner-rw", 65534, OTHER));
  SHOW(chown("owner-rw", OTHER, -1));
  SHOW(chown("owner-rw", -1, -1));
  SHOW(chown("other-rw", -1, -1));
  SHOW(chown("other-rw", 65534, -1));
  struct timespec times[2] = {{1, 0}, {1, 0}};
  struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
  SHOW(utimensat(AT_FDCWD, "owner-rw", times, 0));
  SHOW(utimensat(AT_FDCWD, "other-rw", times, 0));
  SHOW(utimensat(AT_FDCWD, "other-rw", now, 0));
  SHOW(utimensat(AT_FDCWD, "other-none", now, 0));
  SHOW(truncate("other-none", 0));
  SHOW(truncate("other-rw", 0));
}

static void directories(void) {
  struct stat status;
  SHOW(stat("no-search/file", &status));
  SHOW(open("no-search", O_RDONLY) >= 0 ? 0 : -1);
  SHOW(chdir("no-search"));
  SHOW(stat("no-read/file", &status));
  SHOW(open("no-read", O_RDONLY));
  SHOW(chdir("no-read"));
  SHOW(chdir(".."));
  SHOW(open("no-write/new", O_RDWR | O_CREAT, 0600));
  SHOW(open("no-write/file", O_RDWR | O_CREAT, 0600) >= 0 ? 0 : -1);
  SHOW(open("no-write/file", O_RDWR | O_CREAT | O_EXCL, 0600));
  SHOW(mkdir("no-write/dir", 0755));
  SHOW(unlink("no-write/file"));
  SHOW(unlink("no-write/missing"));
  SHOW(symlink("x", "no-write/link"));
  SHOW(link("no-write/file", "no-write/link"));
  SHOW(mkdir("no-write", 0755));
  SHOW(unlink("all/file"));
  SHOW(mkfifo("all/fifo", 0600));
  SHOW(mknod("all/device", S_IFCHR | 0600, 0x103));
  SHOW(mknod("all/plain", S_IFREG | 0600, 0));
}

static void set_bits(void) {
  struct stat status;
  int fd = open("all/mine", O_RDWR | O_CREAT, 0600);
  SHOW(fchmod(fd, 06711));
  fstat(fd, &status);
  say("mode %o", status.st_mode);
  SHOW(write(fd, "x", 1));
  fstat(fd, &status);
  say("mode after a write %o", status.st_mode);
  SHOW(fchmod(fd, 06771));
  SHOW(fchown(fd, -1, 777));
  fstat(fd, &status);
  say("mode after chown %o, group %d", status.st_mode, (int)status.st_gid);
  SHOW(chown("group-rw", -1, 777));
  close(fd);
}

static void ordinary(void) {
  gid_t groups[] = {777};
  need(setgroups(1, groups) == 0, "setgroups");
  become_ordinary();
  static const char *const names[] = {"owner-rw",         "owner-none", "group-rw",   "group-none",
                                      "supplementary-rw", "other-rw",   "other-none", "executable"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    try(names[i]);
  }
  directories();
  attributes();
  set_bits();
}

int main(void) {
  need(chmod(".", 0755) == 0, "chmod");
  umask(0);
  prepare();
  try("owner-none");
  try("other-none");
  try("executable");
  try("no-search/file");
  SHOW(access(".", X_OK));
  SHOW(access("owner-none", 8));
  SHOW(access("missing", F_OK));
  SHOW(access(bad_pointer(), F_OK));
  in_child("ordinary", ordinary);
  // access asks about the real user, AT_EACCESS about the effective one.
  need(setresuid(65534, 0, 0) == 0, "setresuid");
  SHOW(access("other-none", R_OK));
  SHOW(faccessat(AT_FDCWD, "other-none", R_OK, AT_EACCESS));
  SHOW(open("other-none", O_RDONLY) >= 0 ? 0 : -1);
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "other-none", R_OK, 0x1));
  SHOW(syscall(SYS_faccessat2, AT_FDCWD, "other-none", 0x10, 0));
  SHOW(syscall(SYS_faccessat2, 99, "other-none", F_OK, 0));
  return 0;
}
