// O_TMPFILE: a file without a name, until a link gives it one.
#include "check.h"

static void show_links(int fd) {
  struct stat status;
  SHOW(fstat(fd, &status));
  say("links %lu, mode %o, size %ld", (unsigned long)status.st_nlink, status.st_mode,
      (long)status.st_size);
}

int main(void) {
  umask(027);
  SHOW(open(".", O_TMPFILE | O_RDONLY, 0600));
  SHOW(open("missing", O_TMPFILE | O_RDWR, 0600));
  make_file("plain", "");
  SHOW(open("plain", O_TMPFILE | O_RDWR, 0600));
  SHOW(open(".", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600));
  int fd = open(".", O_TMPFILE | O_RDWR, 0666);
  CHECK(fd >= 0);
  show_links(fd);
  SHOW(write(fd, "unnamed", 7));
  show_links(fd);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", 0));
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "plain", AT_SYMLINK_FOLLOW));
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  show_links(fd);
  show_file("named");
  SHOW(linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
  show_links(fd);
  SHOW(unlink("named"));
  SHOW(unlink("again"));
  show_links(fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "back", AT_SYMLINK_FOLLOW));
  close(fd);
  fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
  CHECK(fd >= 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(linkat(AT_FDCWD, path, AT_FDCWD, "never", AT_SYMLINK_FOLLOW));
  SHOW(ftruncate(fd, 100));
  show_links(fd);
  close(fd);
  fd = open(".", O_TMPFILE | O_WRONLY, 0);
  CHECK(fd >= 0);
  show_links(fd);
  SHOW(write(fd, "x", 1));
  return 0;
}
