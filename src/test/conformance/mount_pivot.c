// pivot_root: its rules, and how a container gets its root.
#include "mount_tree.h"

#define PIVOT(new_root, put_old) ((int)syscall(SYS_pivot_root, new_root, put_old))

static void rules(void) {
  make_tree();
  mkdir("new", 0755);
  mkdir("new/old", 0755);
  mkdir("elsewhere", 0755);
  touch("file");
  SHOW(PIVOT("new", "new/old"));
  mount("x", "new", "tmpfs", 0, NULL);
  mkdir("new/old", 0755);
  SHOW(PIVOT("file", "new/old"));
  SHOW(PIVOT("nothere", "new/old"));
  SHOW(PIVOT("new", "elsewhere"));
  SHOW(PIVOT("/", "/"));
  SHOW(PIVOT("new", "/"));
  SHOW(PIVOT("new/old", "new/old"));
  SHOW(mount(NULL, ".", NULL, MS_SHARED, NULL));
  SHOW(PIVOT("new", "new/old"));
  SHOW(mount(NULL, ".", NULL, MS_PRIVATE, NULL));
  SHOW(mount(NULL, "new", NULL, MS_SHARED, NULL));
  SHOW(PIVOT("new", "new/old"));
  SHOW(mount(NULL, "new", NULL, MS_PRIVATE, NULL));
  pid_t child = fork();
  if (child == 0) {
    SHOW(chroot("elsewhere"));
    SHOW(PIVOT("/", "/"));
    _exit(0);
  }
  waitpid(child, NULL, 0);
  child = fork();
  if (child == 0) {
    SHOW(setresuid(1000, 1000, 1000));
    SHOW(PIVOT("new", "new/old"));
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

static void old_below(void) {
  make_tree();
  mkdir("new", 0755);
  mount("x", "new", "tmpfs", 0, NULL);
  mkdir("new/old", 0755);
  touch("new/mark");
  SHOW(chdir("new"));
  SHOW(PIVOT(".", "old"));
  SHOW(access("/mark", F_OK));
  SHOW(access("/old" ROOT "/new", F_OK));
  char name[256];
  say("%s", getcwd(name, sizeof name));
  SHOW(chdir("/"));
  SHOW(umount("/old"));
  SHOW(umount2("/old", MNT_DETACH));
  SHOW(access("/old" ROOT, F_OK));
  SHOW(chdir(".."));
  say("%s", getcwd(name, sizeof name));
}

// The way of runc: without a directory for the old root.
static void old_on_top(void) {
  make_tree();
  mkdir("new", 0755);
  mount("x", "new", "tmpfs", 0, NULL);
  mkdir("new/proc", 0755);
  touch("new/mark");
  int old = open("/", O_DIRECTORY | O_RDONLY);
  SHOW(chdir("new"));
  SHOW(PIVOT(".", "."));
  SHOW(fchdir(old));
  SHOW(access("tmp", F_OK));
  SHOW(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL));
  SHOW(umount2(".", MNT_DETACH));
  SHOW(chdir("/"));
  SHOW(access("mark", F_OK));
  SHOW(access("tmp", F_OK));
  SHOW(mount("proc", "/proc", "proc", 0, NULL));
  show_mounts("all", "/");
}

// Others in the old root go along; one that was elsewhere stays.
static void others(void) {
  make_tree();
  mkdir("new", 0755);
  mount("x", "new", "tmpfs", 0, NULL);
  mkdir("new/old", 0755);
  int ready[2], go[2];
  pipe(ready);
  pipe(go);
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    chdir("/");
    write(ready[1], &byte, 1);
    read(go[0], &byte, 1);
    SHOW(access("old", F_OK));
    SHOW(access("/old", F_OK));
    _exit(0);
  }
  read(ready[0], &byte, 1);
  SHOW(PIVOT("new", "new/old"));
  char name[256];
  say("%s", getcwd(name, sizeof name));
  write(go[1], &byte, 1);
  waitpid(child, NULL, 0);
}

static void in_user_namespace(void) {
  make_tree();
  mkdir("new", 0755);
  SHOW(unshare(CLONE_NEWUSER | CLONE_NEWNS));
  SHOW(mount(ROOT, "new", NULL, MS_BIND, NULL));
  SHOW(chdir("new"));
  SHOW(PIVOT(".", "."));
  SHOW(umount2(".", MNT_DETACH));
  show_mounts("all", "/");
}

int main(void) {
  umask(022);
  run("rules", rules);
  run("old below", old_below);
  run("old on top", old_on_top);
  run("others", others);
  run("in a user namespace", in_user_namespace);
  return 0;
}
