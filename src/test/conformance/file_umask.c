// umask: what it takes away, from what, and who inherits it.
#include "check.h"

static void show_mode(const char *path) {
  struct stat status;
  need(lstat(path, &status) == 0, path);
  say("%s: %o", path, status.st_mode);
}

static void in_the_child(void) {
  say("the child has %o", umask(0));
  say("and now %o", umask(0));
}

int main(void) {
  umask(022);
  say("it was %o", umask(0));
  close(open("f0", O_RDWR | O_CREAT, 0666));
  show_mode("f0");
  say("it was %o", umask(027));
  close(open("f1", O_RDWR | O_CREAT, 07777));
  show_mode("f1");
  need(mkdir("d1", 07777) == 0, "mkdir");
  show_mode("d1");
  need(mkfifo("p1", 0666) == 0, "mkfifo");
  show_mode("p1");
  need(symlink("x", "l1") == 0, "symlink");
  show_mode("l1");
  say("only nine bits count: %o", umask(0177777));
  say("%o", umask(0077));
  SHOW(chmod("f1", 0666));
  show_mode("f1");
  int fd = open("never", O_RDWR | O_CREAT, 0);
  SHOW(write(fd, "x", 1));
  show_mode("never");
  need(mknod("plain", S_IFREG | 0666, 0) == 0, "mknod");
  show_mode("plain");
  umask(0123);
  in_child("child", in_the_child);
  say("the parent still has %o", umask(0));
  return 0;
}
