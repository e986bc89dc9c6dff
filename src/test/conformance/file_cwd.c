// The working directory: chdir, fchdir, getcwd, when it moves, and when it is gone.
#include "check.h"
#include <limits.h>

static char start[PATH_MAX];

// The working directory, from where the program began.
static void show_cwd(void) {
  char text[PATH_MAX];
  long length = syscall(SYS_getcwd, text, sizeof text);
  if (length < 0) {
    say("getcwd: %s", error_name(errno));
    return;
  }
  size_t prefix = strlen(start);
  bool below = strncmp(text, start, prefix) == 0;
  say("in START%s, length fits %d", below ? text + prefix : " (no)", length == (long)strlen(text) + 1);
}

static void moving(void) {
  need(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0, "mkdir");
  SHOW(chdir("a/b"));
  show_cwd();
  SHOW(chdir("../.."));
  show_cwd();
  need(symlink("a/b", "link") == 0, "symlink");
  SHOW(chdir("link"));
  show_cwd();
  SHOW(chdir(".."));
  show_cwd();
  SHOW(rename("b", "c"));
  SHOW(chdir("c"));
  SHOW(rename("../../a", "../../renamed"));
  show_cwd();
  SHOW(chdir("../.."));
  show_cwd();
}

static void errors(void) {
  char small[2];
  SHOW(syscall(SYS_getcwd, small, sizeof small));
  SHOW(syscall(SYS_getcwd, small, 0));
  SHOW(syscall(SYS_getcwd, bad_pointer(), 4096));
  make_file("file", "");
  SHOW(chdir("file"));
  SHOW(chdir("missing"));
  SHOW(chdir(""));
  SHOW(chdir(bad_pointer()));
  SHOW(chdir("file/"));
  int file = open("file", O_RDONLY);
  SHOW(fchdir(file));
  SHOW(fchdir(99));
  close(file);
  show_cwd();
}

static void removed(void) {
  int back = open(".", O_RDONLY);
  need(mkdir("gone", 0755) == 0 && chdir("gone") == 0, "gone");
  SHOW(rmdir("../gone"));
  show_cwd();
  struct stat status;
  SHOW(stat(".", &status));
  SHOW(stat("..", &status));
  SHOW(open("new", O_RDWR | O_CREAT, 0644));
  SHOW(mkdir("new", 0755));
  SHOW(open(".", O_RDONLY) >= 0 ? 0 : -1);
  SHOW(chdir("."));
  SHOW(access("x", F_OK));
  char text[64] = "";
  SHOW(readlink("/proc/self/cwd", text, sizeof text) > 0);
  pid_t child = fork();
  if (child == 0) {
    show_cwd();
    SHOW(chdir(".."));
    _exit(0);
  }
  reap("child", child);
  SHOW(fchdir(back));
  show_cwd();
  close(back);
}

static void inherited(void) {
  need(mkdir("mine", 0755) == 0, "mkdir");
  SHOW(chdir("mine"));
  show_cwd();
}

static void rooted(void) {
  need(mkdir("jail", 0755) == 0 && mkdir("jail/in", 0755) == 0, "mkdir");
  make_file("jail/in/file", "inside");
  SHOW(chroot("file"));
  SHOW(chroot("missing"));
  SHOW(chroot("jail"));
  char text[PATH_MAX];
  // The working directory is outside of the root now: getcwd(2), "(unreachable)".
  CHECK(syscall(SYS_getcwd, text, sizeof text) > 0);
  say("unreachable: %d", strncmp(text, "(unreachable)", 13) == 0);
  SHOW(chdir("/"));
  SHOW(syscall(SYS_getcwd, text, sizeof text));
  say("%s", text);
  show_file("/in/file");
  show_file("/../../in/file");
  SHOW(chdir(".."));
  show_file("in/file");
  SHOW(syscall(SYS_getcwd, text, sizeof text));
  become_ordinary();
  SHOW(chroot("/"));
}

int main(void) {
  need(getcwd(start, sizeof start) != NULL, "getcwd");
  show_cwd();
  moving();
  errors();
  removed();
  in_child("inherited", inherited);
  show_cwd();
  in_child("rooted", rooted);
  show_cwd();
  SHOW(chdir("/"));
  char text[8];
  SHOW(syscall(SYS_getcwd, text, sizeof text));
  say("%s", text);
  return 0;
}
