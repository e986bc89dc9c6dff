// link, symlink, readlink, unlink, mkdir, rmdir: effects and errors.
#include "check.h"

static long links(const char *path) {
  struct stat status;
  return lstat(path, &status) != 0 ? -1 : (long)status.st_nlink;
}

static void hard(void) {
  make_file("a", "a");
  SHOW(link("a", "b"));
  SHOW(links("a"));
  SHOW(link("a", "b"));
  SHOW(link("missing", "c"));
  SHOW(link("a", "missing/c"));
  SHOW(link("a", "b/c"));
  SHOW(link("a", "c/"));
  SHOW(link("a/", "c"));
  SHOW(link(".", "c"));
  SHOW(link("a", "."));
  SHOW(link("", "c"));
  SHOW(link("a", ""));
  SHOW(link("a", "/dev/shm/skerry-link"));
  SHOW(linkat(AT_FDCWD, "a", AT_FDCWD, "c", 0x1));
  SHOW(linkat(99, "a", AT_FDCWD, "c", 0));
  need(symlink("a", "soft") == 0, "symlink");
  SHOW(link("soft", "hard-soft"));
  SHOW(links("soft"));
  SHOW(linkat(AT_FDCWD, "soft", AT_FDCWD, "followed", AT_SYMLINK_FOLLOW));
  SHOW(links("a"));
  int fd = open("a", O_RDONLY);
  SHOW(unlink("a"));
  SHOW(unlink("b"));
  SHOW(unlink("followed"));
  struct stat status;
  SHOW(fstat(fd, &status));
  say("links %lu", (unsigned long)status.st_nlink);
  char text[2] = "";
  SHOW(read(fd, text, 1));
  SHOW(unlink("a"));
  SHOW(linkat(fd, "", AT_FDCWD, "revived", AT_EMPTY_PATH));
}

static void soft(void) {
  char text[16];
  memset(text, '.', sizeof text);
  SHOW(symlink("some/where", "s"));
  SHOW(symlink("x", "s"));
  SHOW(symlink("", "empty"));
  SHOW(symlink("x", ""));
  SHOW(symlink("x", "missing/s"));
  SHOW(symlink("x", "t/"));
  SHOW(symlink(bad_pointer(), "t"));
  SHOW(readlink("s", text, sizeof text));
  say("%.10s|%c", text, text[10]);
  SHOW(readlink("s", text, 4));
  SHOW(syscall(SYS_readlink, "s", text, 0L));
  SHOW(syscall(SYS_readlink, "s", text, -1L));
  SHOW(readlink("s", bad_pointer(), 4));
  SHOW(readlink(".", text, 4));
  SHOW(readlink("missing", text, 4));
  SHOW(readlink("", text, 4));
  struct stat status;
  SHOW(lstat("s", &status));
  say("mode %o, size %ld", status.st_mode, (long)status.st_size);
  SHOW(lstat("s/", &status));
  SHOW(unlink("s/"));
  SHOW(unlink("s"));
  char *longest = malloc(PAGE + 1);
  memset(longest, 'x', PAGE);
  longest[PAGE] = 0;
  SHOW(symlink(longest, "long"));
  longest[PAGE - 1] = 0;
  SHOW(symlink(longest, "long"));
  SHOW(readlink("long", longest, PAGE));
  free(longest);
}

static void directories(void) {
  SHOW(mkdir("d", 0755));
  SHOW(mkdir("d", 0755));
  SHOW(mkdir("d/", 0755));
  SHOW(mkdir("e/", 0755));
  SHOW(mkdir(".", 0755));
  SHOW(mkdir("/", 0755));
  SHOW(mkdir("d/.", 0755));
  SHOW(mkdir("d/new/.", 0755));
  SHOW(mkdir("d/..", 0755));
  SHOW(mkdir("", 0755));
  SHOW(mkdir("missing/d", 0755));
  SHOW(links("d"));
  SHOW(mkdir("d/e", 0755));
  SHOW(links("d"));
  SHOW(rmdir("d"));
  SHOW(rmdir("d/e/."));
  SHOW(rmdir("d/e/.."));
  SHOW(rmdir("."));
  SHOW(rmdir("/"));
  SHOW(rmdir("missing"));
  SHOW(rmdir(""));
  make_file("f", "f");
  SHOW(rmdir("f"));
  SHOW(rmdir("f/x"));
  SHOW(unlink("d"));
  SHOW(unlink("d/"));
  SHOW(unlink("f/"));
  SHOW(unlink("."));
  SHOW(unlink("/"));
  SHOW(unlink(""));
  SHOW(unlink("d/."));
  SHOW(unlink("d/.."));
  SHOW(rmdir("d/e/"));
  SHOW(unlinkat(AT_FDCWD, "d", 0));
  SHOW(unlinkat(AT_FDCWD, "f", AT_REMOVEDIR));
  SHOW(unlinkat(AT_FDCWD, "f", 0x1));
  SHOW(unlinkat(99, "f", 0));
  SHOW(unlinkat(AT_FDCWD, "d", AT_REMOVEDIR));
  need(symlink("e", "to-e") == 0, "symlink");
  SHOW(rmdir("to-e"));
  SHOW(rmdir("to-e/"));
  SHOW(unlink("to-e"));
  SHOW(mkdir("to-f", 0755));
  need(symlink("nowhere", "dangling") == 0, "symlink");
  SHOW(mkdir("dangling", 0755));
  SHOW(mkdir("dangling/", 0755));
}

static void in_removed(void) {
  need(mkdir("gone", 0755) == 0, "mkdir");
  int directory = open("gone", O_RDONLY);
  SHOW(rmdir("gone"));
  SHOW(openat(directory, "x", O_RDWR | O_CREAT, 0644));
  SHOW(mkdirat(directory, "x", 0755));
  SHOW(symlinkat("x", directory, "y"));
  SHOW(linkat(AT_FDCWD, "f", directory, "x", 0));
  SHOW(renameat(AT_FDCWD, "f", directory, "x"));
  SHOW(unlinkat(directory, "x", 0));
  struct stat status;
  SHOW(fstat(directory, &status));
  say("links %lu", (unsigned long)status.st_nlink);
  char text[256];
  SHOW(syscall(SYS_getdents64, directory, text, sizeof text));
}

int main(void) {
  hard();
  soft();
  directories();
  in_removed();
  return 0;
}
