// Shared subtrees: what goes elsewhere when something is unmounted, and what stays or moves.
#include "mount_tree.h"

static void make_peers(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mkdir("a/in/deep", 0755);
  SHOW(mount(NULL, "a", NULL, MS_SHARED, NULL));
}

static void covered(void) {
  make_peers();
  SHOW(mount("first", "a/in", "tmpfs", 0, NULL));
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("second", "b/in", "tmpfs", 0, NULL));
  show_mounts("the second is beneath the first", ROOT "/");
  touch("a/in/of-first");
  SHOW(umount("b/in"));
  SHOW(access("a/in/of-first", F_OK));
  show_mounts("the first is in its place", ROOT "/");
  SHOW(mount("third", "b/in", "tmpfs", 0, NULL));
  SHOW(mount("fourth", "b/in", "tmpfs", 0, NULL));
  show_mounts("two beneath", ROOT "/");
  SHOW(umount2("b/in", MNT_DETACH));
  show_mounts("one beneath", ROOT "/");
  SHOW(umount2("b/in", MNT_DETACH));
  show_mounts("none", ROOT "/");
  SHOW(access("a/in/of-first", F_OK));
}

static void below(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mount("y", "a/in", "tmpfs", 0, NULL);
  mkdir("a/in/deep", 0755);
  SHOW(mount(NULL, "a/in", NULL, MS_SHARED, NULL));
  SHOW(mount("a/in", "b", NULL, MS_BIND, NULL));
  SHOW(mount("z", "a/in/deep", "tmpfs", 0, NULL));
  SHOW(mount("over", "a/in", "tmpfs", 0, NULL));
  show_mounts("a tree", ROOT "/");
  SHOW(umount2("a", MNT_DETACH));
  show_mounts("what was mounted below is gone elsewhere", ROOT "/");
}

static void with_children(void) {
  make_peers();
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  mkdir("a/in/deep", 0755);
  SHOW(mount("z", "a/in/deep", "tmpfs", 0, NULL));
  SHOW(mount(NULL, "b/in", NULL, MS_PRIVATE, NULL));
  SHOW(umount("b/in/deep"));
  show_mounts("only a has the child", ROOT "/");
  SHOW(umount2("b/in", MNT_DETACH));
  show_mounts("what has a child stays", ROOT "/");
  SHOW(umount2("a/in", MNT_DETACH));
  show_mounts("none", ROOT "/");
}

static void busy(void) {
  make_peers();
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  mkdir("a/in/deep", 0755);
  int fd = open("b/in/file", O_CREAT | O_WRONLY, 0644);
  SHOW(umount("a/in"));
  SHOW(mount(NULL, "b/in", NULL, MS_PRIVATE, NULL));
  SHOW(mount("z", "b/in/deep", "tmpfs", 0, NULL));
  SHOW(umount("a/in"));
  show_mounts("one that has a child is not asked", ROOT "/");
  close(fd);
}

static void of_slaves(void) {
  make_peers();
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount(NULL, "b", NULL, MS_SLAVE, NULL));
  SHOW(mount("own", "b/in", "tmpfs", 0, NULL));
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  show_mounts("beneath what the slave has", ROOT "/");
  SHOW(umount("a/in"));
  show_mounts("the slave's stays", ROOT "/");
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  SHOW(umount("b/in"));
  SHOW(umount("b/in"));
  SHOW(mount("other", "b/in", "tmpfs", 0, NULL));
  show_mounts("another in its place", ROOT "/");
  SHOW(umount("a/in"));
  show_mounts("what is in its place", ROOT "/");
}

static void nested(void) {
  make_peers();
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  mkdir("a/in/deep", 0755);
  SHOW(mount("z", "a/in/deep", "tmpfs", 0, NULL));
  SHOW(mount(NULL, "b/in/deep", NULL, MS_PRIVATE, NULL));
  SHOW(mount("over", "b/in/deep", "tmpfs", 0, NULL));
  show_mounts("one of them is covered", ROOT "/");
  SHOW(umount2("a/in", MNT_DETACH));
  show_mounts("after the tree", ROOT "/");
}

// Those of a namespace of less privilege are locked: they go with what they are mounted on, not alone.
static void locked(void) {
  make_peers();
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  mkdir("a/in/deep", 0755);
  SHOW(mount("z", "a/in/deep", "tmpfs", 0, NULL));
  int go[2];
  int ready[2];
  need(pipe(go) == 0 && pipe(ready) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    char byte;
    need(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "namespaces");
    show_mounts("seen by the other", ROOT);
    need(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1, "go");
    show_mounts("seen by the other when the child is gone", ROOT);
    need(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1, "go");
    show_mounts("seen by the other when a new tree is there", ROOT);
    need(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1, "go");
    show_mounts("seen by the other when the new tree is gone", ROOT);
    _exit(0);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "ready");
  SHOW(umount("a/in/deep"));
  need(write(go[1], "", 1) == 1 && read(ready[0], &byte, 1) == 1, "ready");
  SHOW(mount("new", "a/in/deep", "tmpfs", 0, NULL));
  mkdir("a/in/deep/er", 0755);
  SHOW(mount("newer", "a/in/deep/er", "tmpfs", 0, NULL));
  need(write(go[1], "", 1) == 1 && read(ready[0], &byte, 1) == 1, "ready");
  SHOW(umount2("a/in/deep", MNT_DETACH));
  need(write(go[1], "", 1) == 1, "go");
  reap("the other", child);
}

int main(void) {
  run("covered", covered);
  run("below", below);
  run("with children", with_children);
  run("busy", busy);
  run("of slaves", of_slaves);
  run("nested", nested);
  run("locked", locked);
  return 0;
}
