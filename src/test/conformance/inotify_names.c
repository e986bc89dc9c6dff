// inotify(7): names that come, go and move, and what becomes of watches then.
#include "inotify_events.h"

static int fd;

static void making(void) {
  mkdir("made/d", 0755);
  drain(fd, "mkdir");
  close(open("made/f", O_WRONLY | O_CREAT | O_EXCL, 0644));
  drain(fd, "create");
  close(open("made/f", O_WRONLY | O_CREAT, 0644));
  drain(fd, "open for writing what is there");
  symlink("f", "made/s");
  drain(fd, "symlink");
  mknod("made/p", S_IFIFO | 0600, 0);
  drain(fd, "mknod");
  link("made/f", "made/l");
  drain(fd, "link");
  close(open("made", O_RDWR | O_TMPFILE, 0600));
  drain(fd, "a file without a name");
  SHOW(mkdir("made/d", 0755));
  SHOW(open("made/none", O_RDONLY));
  drain(fd, "failures");
}

static void removing(void) {
  unlink("made/l");
  drain(fd, "unlink one of two names");
  unlink("made/s");
  drain(fd, "unlink a symbolic link");
  unlink("made/p");
  drain(fd, "unlink a FIFO");
  rmdir("made/d");
  drain(fd, "rmdir");
  unlink("made/f");
  drain(fd, "unlink");
}

static void moving(void) {
  make_file("a/f", "f");
  make_file("a/g", "g");
  mkdir("a/d", 0755);
  drain(fd, "before moves");
  rename("a/f", "a/h");
  drain(fd, "rename within");
  rename("a/h", "b/h");
  drain(fd, "rename across");
  rename("a/d", "b/d");
  drain(fd, "rename a directory");
  rename("b/h", "a/g");
  drain(fd, "rename over");
  make_file("b/x", "x");
  drain(fd, "one more");
  SHOW(syscall(SYS_renameat2, AT_FDCWD, "a/g", AT_FDCWD, "b/x", 2));
  drain(fd, "exchange");
  link("b/x", "b/y");
  drain(fd, "link");
  SHOW(rename("b/x", "b/y"));
  drain(fd, "rename to the same file");
  rename("b/x", "c");
  drain(fd, "rename away");
  rename("c", "a/c");
  drain(fd, "rename in");
}

static void selves(void) {
  make_file("self", "s");
  int wd = inotify_add_watch(fd, "self", IN_ALL_EVENTS);
  say("watch of a file: %d", wd);
  link("self", "self2");
  drain(fd, "link of a watched file");
  rename("self", "self3");
  drain(fd, "rename of a watched file");
  unlink("self3");
  drain(fd, "one name less");
  unlink("self2");
  drain(fd, "the last name");
  SHOW(inotify_rm_watch(fd, wd));
  make_file("open", "o");
  inotify_add_watch(fd, "open", IN_ALL_EVENTS);
  int held = open("open", O_RDONLY);
  unlink("open");
  drain(fd, "unlink while open");
  char byte;
  SHOW(read(held, &byte, 1));
  fchmod(held, 0600);
  close(held);
  drain(fd, "the last close");
  mkdir("dir", 0755);
  inotify_add_watch(fd, "dir", IN_ALL_EVENTS);
  make_file("dir/f", "f");
  rename("dir", "dir2");
  drain(fd, "rename of a watched directory");
  unlink("dir2/f");
  rmdir("dir2");
  drain(fd, "rmdir of a watched directory");
  make_file("over", "o");
  make_file("new", "n");
  inotify_add_watch(fd, "over", IN_ALL_EVENTS);
  inotify_add_watch(fd, "new", IN_ALL_EVENTS);
  rename("new", "over");
  drain(fd, "rename over a watched file");
  unlink("over");
  drain(fd, "unlink what was renamed");
  mkdir("d1", 0755);
  mkdir("d2", 0755);
  inotify_add_watch(fd, "d1", IN_ALL_EVENTS);
  inotify_add_watch(fd, "d2", IN_ALL_EVENTS);
  rename("d1", "d2");
  drain(fd, "rename over a watched directory");
  rmdir("d2");
  drain(fd, "rmdir what was renamed");
}

static void both(void) {
  mkdir("both", 0755);
  make_file("both/f", "f");
  inotify_add_watch(fd, "both", IN_ALL_EVENTS);
  inotify_add_watch(fd, "both/f", IN_ALL_EVENTS);
  inotify_add_watch(fd, ".", IN_ALL_EVENTS);
  chmod("both/f", 0600);
  drain(fd, "chmod");
  close(open("both/f", O_RDONLY));
  drain(fd, "open and close");
  unlink("both/f");
  drain(fd, "unlink");
  rmdir("both");
  drain(fd, "rmdir");
}

static void unlinked(void) {
  mkdir("ex", 0755);
  int second = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(fd, "ex", IN_ALL_EVENTS);
  inotify_add_watch(second, "ex", IN_ALL_EVENTS | IN_EXCL_UNLINK);
  int file = open("ex/f", O_RDWR | O_CREAT, 0644);
  SHOW(write(file, "x", 1));
  unlink("ex/f");
  SHOW(write(file, "x", 1));
  fchmod(file, 0600);
  SHOW(ftruncate(file, 0));
  close(file);
  drain(fd, "an unlinked file");
  drain(second, "the same with EXCL_UNLINK");
  close(second);
}

int main(void) {
  fd = inotify_init1(IN_NONBLOCK);
  need(fd >= 0, "inotify_init1");
  mkdir("made", 0755);
  mkdir("a", 0755);
  mkdir("b", 0755);
  SHOW(inotify_add_watch(fd, "made", IN_ALL_EVENTS));
  making();
  removing();
  SHOW(inotify_add_watch(fd, "a", IN_ALL_EVENTS));
  SHOW(inotify_add_watch(fd, "b", IN_ALL_EVENTS));
  moving();
  selves();
  both();
  unlinked();
  return 0;
}
