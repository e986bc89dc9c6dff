// Path walks: long names, symlink depth, trailing slashes, dots, walks through what is no directory.
#include "check.h"

static struct stat status;

static void lengths(void) {
  char name[300];
  memset(name, 'n', sizeof name);
  name[255] = 0;
  int fd = open(name, O_RDWR | O_CREAT, 0644);
  CHECK(fd >= 0);
  close(fd);
  SHOW(stat(name, &status));
  SHOW(unlink(name));
  name[255] = 'n';
  name[256] = 0;
  SHOW(open(name, O_RDWR | O_CREAT, 0644));
  SHOW(stat(name, &status));
  SHOW(mkdir(name, 0755));
  SHOW(symlink("x", name));
  SHOW(unlink(name));
  SHOW(rename("x", name));
  char *path = malloc(2 * PAGE);
  memset(path, '/', 2 * PAGE);
  path[PAGE - 1] = 0;
  SHOW(stat(path, &status));
  path[PAGE - 1] = '/';
  path[PAGE] = 0;
  SHOW(stat(path, &status));
  for (long i = 0; i < PAGE; i += 2) {
    path[i] = '.';
  }
  path[PAGE - 1] = 0;
  SHOW(stat(path, &status));
  free(path);
}

static void depths(void) {
  make_file("l0", "end");
  for (int i = 1; i <= 42; i++) {
    char from[8];
    char to[8];
    snprintf(to, sizeof to, "l%d", i - 1);
    snprintf(from, sizeof from, "l%d", i);
    need(symlink(to, from) == 0, "symlink");
  }
  SHOW(stat("l40", &status));
  SHOW(stat("l41", &status));
  SHOW(lstat("l41", &status));
  need(symlink(".", "here") == 0, "symlink");
  char path[512] = "";
  for (int i = 0; i < 40; i++) {
    strcat(path, "here/");
  }
  SHOW(stat(path, &status));
  strcat(path, "here");
  SHOW(stat(path, &status));
  SHOW(lstat(path, &status));
  need(symlink("b", "a") == 0 && symlink("a", "b") == 0, "symlink");
  SHOW(stat("a", &status));
  SHOW(lstat("a", &status));
  SHOW(lstat("a/", &status));
  SHOW(mkdir("a", 0755));
  SHOW(open("a", O_RDWR | O_CREAT, 0644));
  SHOW(unlink("a"));
}

static void shapes(void) {
  need(mkdir("d", 0755) == 0, "mkdir");
  make_file("d/f", "f");
  static const char *const paths[] = {
      "d/f", "d//f", "./d/./f", "d/../d/f", "d/f/", "d/f/.", "d/f/..", "d/f/x", "d/missing/..",
      "d/missing/.", "missing/../d", "d/", "d/.", "d///", ".//", "..", "/", "//", "/..", "/../..", "/./.",
      "d/..", "here/d/f", "here/../here", "here/", "l0/", "l1/", "l1/..", "l1"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char what[64];
    snprintf(what, sizeof what, "stat %s", paths[i]);
    errno = 0;
    show(what, stat(paths[i], &status));
    snprintf(what, sizeof what, "lstat %s", paths[i]);
    errno = 0;
    if (show(what, lstat(paths[i], &status)) == 0) {
      say("  a %s", S_ISDIR(status.st_mode) ? "directory" : S_ISLNK(status.st_mode) ? "link" : "file");
    }
  }
  SHOW(stat("", &status));
  SHOW(stat(bad_pointer(), &status));
  SHOW(stat("d", bad_pointer()));
  SHOW(stat("missing", bad_pointer()));
}

static void links_in_between(void) {
  need(symlink("d", "to-d") == 0 && symlink("f", "d/to-f") == 0, "symlink");
  need(symlink("../d/f", "d/around") == 0, "symlink");
  SHOW(stat("to-d/to-f", &status));
  SHOW(stat("to-d/around", &status));
  SHOW(stat("to-d/../l0", &status));
  need(symlink("/", "root") == 0, "symlink");
  SHOW(stat("root/proc", &status));
  SHOW(stat("root/../../proc", &status));
  need(symlink("d/", "slashed") == 0 && symlink("d/f/", "wrong") == 0, "symlink");
  SHOW(stat("slashed", &status));
  SHOW(lstat("slashed", &status));
  SHOW(stat("wrong", &status));
  SHOW(lstat("wrong", &status));
  need(symlink("new-file", "to-new") == 0, "symlink");
  SHOW(mkdir("to-new", 0755));
  SHOW(mkdir("to-new/", 0755));
  SHOW(access("new-file", F_OK));
  SHOW(rmdir("to-d"));
  SHOW(rmdir("to-d/"));
}

static void odd_names(void) {
  make_file("a b\tc\nd", "odd");
  show_file("a b\tc\nd");
  make_file("\xff\xfe\x80", "not UTF-8");
  show_file("\xff\xfe\x80");
  make_file("...", "three dots");
  show_file("...");
  make_file("-", "dash");
  make_file("\\", "backslash");
  show_file("\\");
  SHOW(open("UPPER", O_RDONLY));
  make_file("upper", "");
  SHOW(open("UPPER", O_RDONLY));
}

int main(void) {
  lengths();
  depths();
  shapes();
  links_in_between();
  odd_names();
  return 0;
}
