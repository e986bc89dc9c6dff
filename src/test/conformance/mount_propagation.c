// Shared subtrees: who sees what is mounted where.
#include "mount_tree.h"

static void peers(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mkdir("c", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mkdir("a/other", 0755);
  SHOW(mount(NULL, "a", NULL, MS_SHARED, NULL));
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount("a", "c", NULL, MS_BIND, NULL));
  show_mounts("three peers", ROOT "/");
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  show_mounts("seen by all", ROOT "/");
  touch("c/in/file");
  SHOW(access("a/in/file", F_OK));
  SHOW(mount(NULL, "c", NULL, MS_PRIVATE, NULL));
  SHOW(mount("z", "b/other", "tmpfs", 0, NULL));
  show_mounts("not by c", ROOT "/");
  SHOW(umount("b/in"));
  show_mounts("gone for two", ROOT "/");
  SHOW(umount("c/in"));
}

static void slaves(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mkdir("c", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mkdir("a/other", 0755);
  SHOW(mount(NULL, "a", NULL, MS_SHARED, NULL));
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(mount(NULL, "b", NULL, MS_SLAVE, NULL));
  show_mounts("slave", ROOT "/");
  SHOW(mount("y", "a/in", "tmpfs", 0, NULL));
  SHOW(mount("z", "b/other", "tmpfs", 0, NULL));
  show_mounts("one way", ROOT "/");
  SHOW(mount(NULL, "b", NULL, MS_SHARED, NULL));
  SHOW(mount("b", "c", NULL, MS_BIND, NULL));
  show_mounts("slave and shared", ROOT "/");
  SHOW(umount("a/in"));
  SHOW(mount("w", "a/in", "tmpfs", 0, NULL));
  show_mounts("down to c", ROOT "/");
  SHOW(mount(NULL, "a", NULL, MS_PRIVATE, NULL));
  show_mounts("no master left", ROOT "/");
}

static void unbindable(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mount("y", "a/in", "tmpfs", 0, NULL);
  mkdir("a/in/deep", 0755);
  mount("z", "a/in/deep", "tmpfs", 0, NULL);
  SHOW(mount(NULL, "a/in", NULL, MS_UNBINDABLE, NULL));
  SHOW(mount("a/in", "b", NULL, MS_BIND, NULL));
  SHOW(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
  show_mounts("pruned", ROOT "/");
  SHOW(unshare(CLONE_NEWNS));
  show_mounts("copied", ROOT "/");
  SHOW(umount("b"));
  SHOW(mount(NULL, ".", NULL, MS_SHARED, NULL));
  SHOW(mount("a/in", "b", NULL, MS_MOVE, NULL));
  SHOW(mount("a", "b", NULL, MS_MOVE, NULL));
}

static void recursive(void) {
  make_tree();
  mkdir("a", 0755);
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mount("y", "a/in", "tmpfs", 0, NULL);
  SHOW(mount(NULL, ".", NULL, MS_SHARED | MS_REC, NULL));
  show_mounts("shared", ROOT);
  SHOW(mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL));
  show_mounts("slaves of nobody", ROOT);
}

// A child's namespace is a peer; with a user namespace of its own it only looks on.
static void namespaces(unsigned long flags) {
  make_tree();
  mkdir("m", 0755);
  mkdir("n", 0755);
  mount(NULL, ".", NULL, MS_SHARED, NULL);
  int ready[2], go[2];
  pipe(ready);
  pipe(go);
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    SHOW(unshare(flags));
    show_mounts("child", ROOT);
    SHOW(mount("y", ROOT "/n", "tmpfs", 0, NULL));
    write(ready[1], &byte, 1);
    read(go[0], &byte, 1);
    show_mounts("child", ROOT);
    SHOW(umount(ROOT "/m"));
    SHOW(umount(ROOT "/n"));
    _exit(0);
  }
  read(ready[0], &byte, 1);
  show_mounts("parent", ROOT);
  SHOW(mount("x", ROOT "/m", "tmpfs", 0, NULL));
  write(go[1], &byte, 1);
  waitpid(child, NULL, 0);
  show_mounts("parent", ROOT);
}

static void peer_namespace(void) { namespaces(CLONE_NEWNS); }

static void lesser_namespace(void) { namespaces(CLONE_NEWNS | CLONE_NEWUSER); }

int main(void) {
  umask(022);
  run("peers", peers);
  run("slaves", slaves);
  run("unbindable", unbindable);
  run("recursive", recursive);
  run("a namespace", peer_namespace);
  run("a namespace with fewer rights", lesser_namespace);
  return 0;
}
