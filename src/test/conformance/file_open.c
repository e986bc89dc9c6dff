// open: flags, what they create, and every way to be refused.
#include "check.h"

static void open_and_close(const char *what, const char *path, int flags) {
  errno = 0;
  int fd = open(path, flags, 0644);
  show(what, fd < 0 ? -1 : 0);
  if (fd >= 0) {
    close(fd);
  }
}

#define OPEN(path, flags) open_and_close("open " path " " #flags, path, flags)

static void creation(void) {
  OPEN("new", O_RDWR);
  OPEN("new", O_RDWR | O_CREAT | O_EXCL);
  OPEN("new", O_RDWR | O_CREAT | O_EXCL);
  OPEN("new", O_RDWR | O_CREAT);
  OPEN("new", O_RDONLY | O_EXCL);
  OPEN("missing/new", O_RDWR | O_CREAT);
  OPEN("new/below", O_RDWR | O_CREAT);
  OPEN("new/", O_RDONLY);
  OPEN("fresh/", O_RDWR | O_CREAT);
  OPEN("", O_RDONLY);
  OPEN("", O_RDWR | O_CREAT);
}

static void directories(void) {
  need(mkdir("dir", 0755) == 0, "mkdir");
  OPEN("dir", O_RDONLY);
  OPEN("dir", O_WRONLY);
  OPEN("dir", O_RDWR);
  OPEN("dir", O_RDONLY | O_TRUNC);
  OPEN("dir", O_RDONLY | O_CREAT);
  OPEN("dir", O_RDONLY | O_CREAT | O_EXCL);
  OPEN("dir", O_RDONLY | O_CREAT | O_DIRECTORY);
  OPEN("dir", O_RDONLY | O_DIRECTORY);
  OPEN("dir/", O_RDONLY | O_DIRECTORY);
  OPEN("new", O_RDONLY | O_DIRECTORY);
  OPEN("absent", O_RDONLY | O_DIRECTORY);
  OPEN("dir/..", O_RDONLY | O_CREAT);
  OPEN("dir/.", O_RDONLY);
  OPEN("dir/./", O_RDONLY);
}

static void links(void) {
  need(symlink("target", "dangling") == 0, "symlink");
  OPEN("dangling", O_RDONLY);
  OPEN("dangling", O_RDWR | O_CREAT | O_EXCL);
  OPEN("dangling", O_RDONLY | O_NOFOLLOW);
  OPEN("dangling", O_RDWR | O_CREAT | O_NOFOLLOW);
  OPEN("dangling", O_RDWR | O_CREAT);
  OPEN("target", O_RDWR);
  need(symlink("dir", "to-dir") == 0, "symlink");
  OPEN("to-dir", O_RDONLY | O_NOFOLLOW);
  OPEN("to-dir/", O_RDONLY | O_NOFOLLOW);
  OPEN("to-dir", O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
  OPEN("to-dir", O_RDONLY | O_DIRECTORY);
  need(symlink("loop", "loop") == 0, "symlink");
  OPEN("loop", O_RDONLY);
  OPEN("loop/x", O_RDONLY);
}

static void access_modes(void) {
  char text[4] = "";
  int fd = open("new", O_WRONLY);
  SHOW(write(fd, "abc", 3));
  SHOW(read(fd, text, 3));
  SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
  close(fd);
  fd = open("new", O_RDONLY);
  SHOW(write(fd, "x", 1));
  SHOW(ftruncate(fd, 0));
  SHOW(read(fd, text, 3));
  close(fd);
  // Neither reading nor writing: only ioctl and the like.
  fd = open("new", O_ACCMODE);
  CHECK(fd >= 0);
  SHOW(read(fd, text, 1));
  SHOW(write(fd, text, 1));
  SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
  close(fd);
  fd = open("new", O_RDONLY | O_TRUNC);
  CHECK(fd >= 0);
  struct stat status;
  SHOW(fstat(fd, &status));
  say("size %ld", (long)status.st_size);
  close(fd);
}

static void flags_kept(void) {
  int fd = open("new", O_RDWR | O_APPEND | O_NONBLOCK | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
  int flags = fcntl(fd, F_GETFL);
  say("append %d, nonblock %d, creat %d, trunc %d, nofollow %d, cloexec %d", !!(flags & O_APPEND),
      !!(flags & O_NONBLOCK), !!(flags & O_CREAT), !!(flags & O_TRUNC), !!(flags & O_NOFOLLOW),
      !!(flags & O_CLOEXEC));
  SHOW(fcntl(fd, F_GETFD));
  close(fd);
}

static void at(void) {
  int directory = open("dir", O_RDONLY | O_DIRECTORY);
  int file = open("new", O_RDONLY);
  SHOW(openat(directory, "inside", O_RDWR | O_CREAT, 0600) >= 0 ? 0 : -1);
  SHOW(openat(file, "inside", O_RDONLY));
  SHOW(openat(99, "inside", O_RDONLY));
  SHOW(openat(99, "", O_RDONLY));
  SHOW(openat(-1, "/", O_RDONLY) >= 0 ? 0 : -1);
  SHOW(openat(directory, "", O_RDONLY));
  SHOW(openat(AT_FDCWD, bad_pointer(), O_RDONLY));
  SHOW(openat(directory, "inside/", O_RDONLY));
  SHOW(creat("created", 0444) >= 0 ? 0 : -1);
  SHOW(creat("created", 0444) >= 0 ? 0 : -1);
}

static void numbers(void) {
  int first = open("new", O_RDONLY);
  int second = open("new", O_RDONLY);
  close(first);
  int third = open("new", O_RDONLY);
  CHECK(second == first + 1);
  CHECK(third == first);
  SHOW(close(third));
  SHOW(close(third));
  SHOW(close(-1));
  SHOW(close(1 << 30));
}

int main(void) {
  creation();
  directories();
  links();
  access_modes();
  flags_kept();
  numbers();
  at();
  return 0;
}
