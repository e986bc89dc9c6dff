// O_PATH: a place without access to what is there.
#include "check.h"
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

static void on_file(void) {
  make_file("file", "text");
  int fd = open("file", O_PATH);
  CHECK(fd >= 0);
  char text[8];
  struct stat status;
  struct statfs system;
  SHOW(read(fd, text, 1));
  SHOW(write(fd, text, 1));
  SHOW(pread(fd, text, 1, 0));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(ftruncate(fd, 0));
  SHOW(fchmod(fd, 0600));
  SHOW(fchown(fd, 0, 0));
  SHOW(fsync(fd));
  SHOW(flock(fd, 0));
  SHOW(ioctl(fd, 0x5401, text) == -1 ? errno == EBADF : 0);
  SHOW(fgetxattr(fd, "user.x", text, 1));
  SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
  SHOW(fstat(fd, &status));
  SHOW(fstatfs(fd, &system));
  SHOW((fcntl(fd, F_GETFL) & O_PATH) != 0);
  SHOW(fcntl(fd, F_GETFL) & O_ACCMODE);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_SETFL, O_APPEND));
  struct flock lock = {.l_type = F_RDLCK};
  SHOW(fcntl(fd, F_SETLK, &lock));
  int copy = fcntl(fd, F_DUPFD, 20);
  SHOW(copy);
  SHOW(close(copy));
  SHOW(fchdir(fd));
  close(fd);
}

static void ignored_flags(void) {
  int fd = open("new", O_PATH | O_CREAT, 0644);
  show("O_PATH|O_CREAT of a missing file", fd);
  fd = open("file", O_PATH | O_WRONLY | O_TRUNC);
  CHECK(fd >= 0);
  show_file("file");
  close(fd);
  SHOW(open("file", O_PATH | O_DIRECTORY));
}

static void reopening(void) {
  int fd = open("file", O_PATH);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDWR);
  CHECK(again >= 0);
  char text[5] = "";
  SHOW(read(again, text, 4));
  say("read %s", text);
  close(again);
  SHOW(openat(fd, "", O_RDONLY));
  SHOW(openat(fd, "x", O_RDONLY));
  close(fd);
}

static void on_link(void) {
  need(symlink("file", "link") == 0, "symlink");
  int fd = open("link", O_PATH | O_NOFOLLOW);
  CHECK(fd >= 0);
  struct stat status;
  SHOW(fstat(fd, &status));
  CHECK(S_ISLNK(status.st_mode));
  char text[16] = "";
  SHOW(readlinkat(fd, "", text, sizeof text));
  say("to %s", text);
  SHOW(fstatat(fd, "", &status, AT_EMPTY_PATH));
  CHECK(S_ISLNK(status.st_mode));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(open(path, O_RDONLY));
  close(fd);
  fd = open("link", O_PATH);
  SHOW(fstat(fd, &status));
  CHECK(S_ISREG(status.st_mode));
  SHOW(readlinkat(fd, "", text, sizeof text));
  close(fd);
}

static void on_directory(void) {
  need(mkdir("dir", 0755) == 0, "mkdir");
  make_file("dir/inside", "found");
  int fd = open("dir", O_PATH | O_DIRECTORY);
  char text[512];
  SHOW(syscall(SYS_getdents64, fd, text, sizeof text));
  int file = openat(fd, "inside", O_RDONLY);
  CHECK(file >= 0);
  close(file);
  SHOW(fchdir(fd));
  show_file("inside");
  SHOW(fchmodat(fd, "inside", 0600, 0));
  SHOW(unlinkat(fd, "inside", 0));
  SHOW(chdir(".."));
  close(fd);
}

static void without_permission(void) {
  SHOW(open("secret", O_RDONLY));
  int fd = open("secret", O_PATH);
  CHECK(fd >= 0);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(open(path, O_RDONLY));
  SHOW(fchdir(fd));
}

static void ordinary(void) {
  become_ordinary();
  without_permission();
}

int main(void) {
  need(chmod(".", 0755) == 0, "chmod");
  on_file();
  ignored_flags();
  reopening();
  on_link();
  on_directory();
  make_file("secret", "hidden");
  need(chmod("secret", 0) == 0, "chmod");
  in_child("ordinary", ordinary);
  return 0;
}
