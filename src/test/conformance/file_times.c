// Times of files: utimensat and its relatives, and which calls change which time.
#include "check.h"
#include <sys/time.h>
#include <utime.h>

static const struct timespec old[2] = {{1000, 111}, {2000, 222}};

static void show_times(const char *path) {
  struct stat status;
  need(lstat(path, &status) == 0, path);
  say("%s: atime %ld.%09ld, mtime %ld.%09ld", path, status.st_atim.tv_sec, status.st_atim.tv_nsec,
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

// Says which times are no longer the old ones.
static void show_touched(const char *what, const char *path) {
  struct stat status;
  need(stat(path, &status) == 0, path);
  say("%s: atime %s, mtime %s", what, status.st_atim.tv_sec == 1000 ? "kept" : "new",
      status.st_mtim.tv_sec == 2000 ? "kept" : "new");
  need(utimensat(AT_FDCWD, path, old, 0) == 0, "utimensat");
}

static void setting(void) {
  make_file("f", "text");
  SHOW(utimensat(AT_FDCWD, "f", old, 0));
  show_times("f");
  struct timespec omit[2] = {{0, UTIME_OMIT}, {5, 5}};
  SHOW(utimensat(AT_FDCWD, "f", omit, 0));
  show_times("f");
  struct timespec both_omitted[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  SHOW(utimensat(AT_FDCWD, "f", both_omitted, 0));
  show_times("f");
  SHOW(utimensat(AT_FDCWD, "missing", both_omitted, 0));
  struct timespec now[2] = {{7, UTIME_NOW}, {0, UTIME_OMIT}};
  SHOW(utimensat(AT_FDCWD, "f", now, 0));
  struct stat status;
  stat("f", &status);
  CHECK(status.st_atime > 1000000);
  say("mtime %ld", status.st_mtime);
  struct timespec wrong[2] = {{0, 1000000000}, {0, 0}};
  SHOW(utimensat(AT_FDCWD, "f", wrong, 0));
  wrong[0].tv_nsec = -1;
  SHOW(utimensat(AT_FDCWD, "f", wrong, 0));
  SHOW(utimensat(AT_FDCWD, "missing", old, 0));
  SHOW(utimensat(AT_FDCWD, "", old, 0));
  SHOW(utimensat(99, "f", old, 0));
  SHOW(utimensat(AT_FDCWD, "f", old, 0x1));
  SHOW(utimensat(AT_FDCWD, bad_pointer(), old, 0));
  SHOW(utimensat(AT_FDCWD, "f", bad_pointer(), 0));
  SHOW(utimensat(AT_FDCWD, "f", NULL, 0));
  struct timespec before[2] = {{-5, 0}, {-1, 999999999}};
  SHOW(utimensat(AT_FDCWD, "f", before, 0));
  show_times("f");
}

static void links_and_descriptors(void) {
  need(symlink("f", "l") == 0, "symlink");
  struct timespec times[2] = {{11, 0}, {22, 0}};
  SHOW(utimensat(AT_FDCWD, "l", times, AT_SYMLINK_NOFOLLOW));
  show_times("l");
  SHOW(utimensat(AT_FDCWD, "l", old, 0));
  struct stat status;
  need(lstat("l", &status) == 0, "lstat");
  say("the link's mtime %ld", status.st_mtime);
  show_times("f");
  int fd = open("f", O_RDONLY);
  SHOW(futimens(fd, times));
  show_times("f");
  SHOW(syscall(SYS_utimensat, fd, NULL, old, 0));
  SHOW(syscall(SYS_utimensat, fd, NULL, old, AT_SYMLINK_NOFOLLOW));
  SHOW(utimensat(fd, "", times, AT_EMPTY_PATH));
  show_times("f");
  SHOW(futimens(99, times));
  close(fd);
}

static void older_calls(void) {
  struct timeval values[2] = {{30, 40}, {50, 60}};
  SHOW(syscall(SYS_utimes, "f", values));
  show_times("f");
  values[0].tv_usec = 1000000;
  SHOW(syscall(SYS_utimes, "f", values));
  struct utimbuf both = {70, 80};
  SHOW(syscall(SYS_utime, "f", &both));
  show_times("f");
  SHOW(syscall(SYS_futimesat, AT_FDCWD, "f", NULL));
}

static void effects(void) {
  char text[4];
  int fd = open("f", O_RDWR);
  need(utimensat(AT_FDCWD, "f", old, 0) == 0, "utimensat");
  SHOW(write(fd, "x", 1));
  show_touched("write", "f");
  SHOW(write(fd, "x", 0));
  show_touched("write of nothing", "f");
  SHOW(ftruncate(fd, 100));
  show_touched("ftruncate", "f");
  SHOW(chmod("f", 0600));
  show_touched("chmod", "f");
  SHOW(rename("f", "g"));
  show_touched("rename", "g");
  int noatime = open("g", O_RDONLY | O_NOATIME);
  SHOW(read(noatime, text, 1));
  show_touched("read with O_NOATIME", "g");
  need(mkdir("d", 0755) == 0, "mkdir");
  need(utimensat(AT_FDCWD, "d", old, 0) == 0, "utimensat");
  make_file("d/x", "");
  show_touched("creation in a directory", "d");
  SHOW(chmod("d/x", 0600));
  show_touched("chmod in a directory", "d");
  SHOW(unlink("d/x"));
  show_touched("unlink in a directory", "d");
  SHOW(mkdir("d/y", 0755));
  show_touched("mkdir in a directory", "d");
  SHOW(rename("d/y", "d/z"));
  show_touched("rename in a directory", "d");
}

int main(void) {
  setting();
  links_and_descriptors();
  older_calls();
  effects();
  return 0;
}
