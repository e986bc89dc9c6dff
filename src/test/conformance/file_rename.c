// rename, renameat2: what replaces what, RENAME_NOREPLACE and RENAME_EXCHANGE, every way to be refused.
#include "check.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#endif

static int rename_with(const char *from, const char *to, unsigned flags) {
  return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void simple(void) {
  make_file("a", "a");
  make_file("b", "b");
  SHOW(rename("a", "c"));
  show_file("a");
  show_file("c");
  SHOW(rename("c", "b"));
  show_file("b");
  SHOW(rename("b", "b"));
  SHOW(link("b", "same"));
  SHOW(rename("b", "same"));
  show_file("b");
  show_file("same");
  SHOW(rename("missing", "x"));
  SHOW(rename("missing/y", "x"));
  SHOW(rename("b", "missing/x"));
  SHOW(rename("b", ""));
  SHOW(rename("", "x"));
  SHOW(rename("b", "same/x"));
  SHOW(rename("b", "."));
  SHOW(rename(".", "x"));
  SHOW(rename("b", ".."));
  SHOW(rename("/", "x"));
  SHOW(rename(bad_pointer(), "x"));
  SHOW(rename("b", bad_pointer()));
}

static void directories(void) {
  need(mkdir("d1", 0755) == 0 && mkdir("d2", 0755) == 0, "mkdir");
  SHOW(rename("d1", "b"));
  SHOW(rename("b", "d1"));
  SHOW(rename("d1", "d2"));
  SHOW(access("d1", F_OK));
  need(mkdir("d1", 0755) == 0, "mkdir");
  make_file("d2/inside", "inside");
  SHOW(rename("d1", "d2"));
  SHOW(rename("d2", "d1"));
  show_file("d1/inside");
  SHOW(rename("d1", "d1/below"));
  SHOW(rename("d1", "d1/inside"));
  SHOW(rename("d1", "d1/inside/x"));
  SHOW(rename("d1/inside", "d1"));
  SHOW(rename("d1/", "d3/"));
  SHOW(rename("b/", "x"));
  SHOW(rename("b", "x/"));
  SHOW(rename("d3/.", "x"));
  SHOW(rename("d3", "x/."));
  SHOW(rename("d3/..", "x"));
  show_file("d3/inside");
}

static void links(void) {
  need(symlink("b", "link") == 0, "symlink");
  SHOW(rename("link", "moved"));
  char text[16] = "";
  SHOW(readlink("moved", text, sizeof text));
  make_file("over", "over");
  SHOW(rename("over", "moved"));
  SHOW(readlink("moved", text, sizeof text));
  need(symlink("d3", "to-d3") == 0, "symlink");
  SHOW(rename("to-d3/", "y"));
  SHOW(rename("d3", "to-d3"));
  SHOW(rename("moved", "to-d3"));
}

static void flags(void) {
  make_file("p", "p");
  make_file("q", "q");
  SHOW(rename_with("p", "q", RENAME_NOREPLACE));
  SHOW(rename_with("p", "p", RENAME_NOREPLACE));
  SHOW(rename_with("p", "fresh", RENAME_NOREPLACE));
  SHOW(rename_with("fresh", "q", RENAME_EXCHANGE));
  show_file("fresh");
  show_file("q");
  SHOW(rename_with("q", "none", RENAME_EXCHANGE));
  SHOW(rename_with("none", "q", RENAME_EXCHANGE));
  SHOW(rename_with("q", "d3", RENAME_EXCHANGE));
  show_file("d3");
  show_file("q/inside");
  SHOW(rename_with("q", "q/inside", RENAME_EXCHANGE));
  SHOW(rename_with("q/inside", "q", RENAME_EXCHANGE));
  SHOW(rename_with("d3", "d3", RENAME_EXCHANGE));
  SHOW(rename_with("d3", "fresh", RENAME_EXCHANGE | RENAME_NOREPLACE));
  SHOW(rename_with("d3", "fresh", RENAME_EXCHANGE | RENAME_WHITEOUT));
  SHOW(rename_with("d3", "fresh", 0x100));
  SHOW(rename_with("d3", ".", RENAME_NOREPLACE));
}

static void across(void) {
  SHOW(rename("d3", "/dev/shm/x"));
  SHOW(rename("d3", "/proc/x"));
  SHOW(rename("/proc/self/stat", "x"));
}

static void open_files(void) {
  int fd = open("d3", O_RDWR);
  make_file("over", "new");
  SHOW(rename("over", "d3"));
  char text[8] = "";
  SHOW(read(fd, text, 7));
  say("the old one: %s", text);
  struct stat status;
  SHOW(fstat(fd, &status));
  say("links %lu", (unsigned long)status.st_nlink);
  int directory = open("q", O_RDONLY);
  SHOW(renameat(directory, "inside", AT_FDCWD, "outside"));
  SHOW(renameat(AT_FDCWD, "outside", directory, "inside"));
  SHOW(rename("q", "r"));
  SHOW(faccessat(directory, "inside", F_OK, 0));
  SHOW(renameat(99, "x", AT_FDCWD, "y"));
  SHOW(renameat(fd, "x", AT_FDCWD, "y"));
}

static void ordinary(void) {
  become_ordinary();
  SHOW(rename("b", "z"));
  SHOW(mkdir("open/mine", 0755));
  SHOW(rename("open/mine", "open/moved"));
  SHOW(rename("open/theirs", "open/mine"));
  // Moving a directory elsewhere changes its "..", so it must be writable itself.
  SHOW(rename("open/their-dir", "open/moved/there"));
  SHOW(rename("open/their-dir", "open/here"));
}

int main(void) {
  need(chmod(".", 0755) == 0, "chmod");
  simple();
  directories();
  links();
  flags();
  across();
  open_files();
  need(mkdir("open", 0777) == 0 && chmod("open", 0777) == 0, "mkdir");
  make_file("open/theirs", "");
  need(mkdir("open/their-dir", 0755) == 0, "mkdir");
  in_child("ordinary", ordinary);
  return 0;
}
