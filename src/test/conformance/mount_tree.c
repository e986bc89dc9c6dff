// Mounts in a namespace of one's own: binds, moves, flags, the ways to unmount, and namespaces' copies.
#include "mount_tree.h"

#include <sys/statfs.h>
#include <sys/sysmacros.h>

static void binds(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("a/sub", 0755);
  mkdir("b", 0755);
  touch("a/file");
  touch("plain");
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(access("b/file", F_OK));
  SHOW(mount("inner", "a/sub", "tmpfs", 0, "mode=700"));
  touch("a/sub/deep");
  SHOW(access("b/sub/deep", F_OK));
  SHOW(umount("b"));
  SHOW(mount("a", "b", NULL, MS_BIND | MS_REC, NULL));
  SHOW(access("b/sub/deep", F_OK));
  show_mounts("tree", ROOT);
  SHOW(mount("a/file", "plain", NULL, MS_BIND, NULL));
  SHOW(mount("a/file", "b", NULL, MS_BIND, NULL));
  SHOW(mount("a", "plain", NULL, MS_BIND, NULL));
  SHOW(mount("none", "nowhere", NULL, MS_BIND, NULL));
  SHOW(mount("nothere", "b", NULL, MS_BIND, NULL));
  SHOW(mount(NULL, "b", NULL, MS_BIND, NULL));
  SHOW(mount("x", "plain", "tmpfs", 0, NULL));
  SHOW(mount("x", "b", "nofs", 0, NULL));
  SHOW(mount("x", "b", NULL, 0, NULL));
  SHOW(rmdir("b"));
  SHOW(rename("b", "c"));
  SHOW(unlink("plain"));
  SHOW(umount("b"));
  SHOW(umount2("b", MNT_DETACH));
  SHOW(umount("b"));
  SHOW(umount("plain"));
  SHOW(umount("plain"));
  SHOW(umount("nowhere"));
  SHOW(umount2("a/sub", 64));
  SHOW(umount("a/sub"));
  show_mounts("tree", ROOT);
}

static void flags(void) {
  make_tree();
  mkdir("m", 0755);
  mkdir("n", 0755);
  SHOW(mount("x", "m", "tmpfs", MS_NOSUID | MS_NODEV, NULL));
  SHOW(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)));
  SHOW(open("m/null", O_RDONLY));
  SHOW(mount("m", "n", NULL, MS_BIND | MS_RDONLY, NULL));
  show_mounts("bound", ROOT "/");
  SHOW(mount(NULL, "n", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOEXEC, NULL));
  show_mounts("remounted", ROOT "/");
  SHOW(open("n/file", O_CREAT | O_RDWR, 0644));
  SHOW(open("m/file", O_CREAT | O_RDWR, 0755) >= 0);
  SHOW(chmod("n/file", 0700));
  SHOW(mkdir("n/dir", 0700));
  SHOW(access("n/file", W_OK));
  SHOW(access("n/file", X_OK));
  SHOW(access("m/file", X_OK));
  SHOW(mount(NULL, "n", NULL, MS_BIND | MS_REMOUNT | MS_NOATIME, NULL));
  SHOW(mount(NULL, "n", NULL, MS_BIND | MS_REMOUNT | MS_NOEXEC, NULL));
  show_mounts("noatime stays", ROOT "/");
  SHOW(mount(NULL, "n/nodir", NULL, MS_BIND | MS_REMOUNT, NULL));
  mkdir("m/dir", 0755);
  SHOW(mount(NULL, "m/dir", NULL, MS_BIND | MS_REMOUNT, NULL));
  SHOW(mount(NULL, "m/dir", NULL, MS_PRIVATE, NULL));
  SHOW(mount(NULL, "m", NULL, MS_PRIVATE | MS_SHARED, NULL));
  SHOW(mount(NULL, "m", NULL, MS_PRIVATE | MS_RDONLY, NULL));
}

static void unmounting(void) {
  make_tree();
  mkdir("m", 0755);
  mount("x", "m", "tmpfs", 0, NULL);
  mkdir("m/in", 0755);
  int fd = open("m/file", O_CREAT | O_RDWR, 0644);
  SHOW(umount("m"));
  close(fd);
  SHOW(chdir("m"));
  SHOW(umount(ROOT "/m"));
  SHOW(umount2(ROOT "/m", MNT_EXPIRE));
  SHOW(chdir(ROOT));
  SHOW(umount2("m", MNT_EXPIRE));
  fd = open("m/file", O_RDWR);
  close(fd);
  SHOW(umount2("m", MNT_EXPIRE));
  SHOW(umount2("m", MNT_EXPIRE));
  SHOW(umount2("m", MNT_EXPIRE));
  SHOW(umount2("m", MNT_EXPIRE | MNT_DETACH));
  mount("x", "m", "tmpfs", 0, NULL);
  mkdir("m/in", 0755);
  mount("y", "m/in", "tmpfs", 0, NULL);
  touch("m/in/file");
  chdir("m/in");
  SHOW(umount2(ROOT "/m", MNT_DETACH));
  SHOW(access("file", F_OK));
  SHOW(access("../../a", F_OK));
  char name[256];
  say("%.13s", getcwd(name, sizeof name) == NULL ? error_name(errno) : name);
  SHOW(mount("z", ".", "tmpfs", 0, NULL));
  SHOW(mount(".", ROOT "/m", NULL, MS_BIND, NULL));
  show_mounts("nothing is left", ROOT "/");
  chdir(ROOT);
  symlink("m", "link");
  mount("x", "m", "tmpfs", 0, NULL);
  SHOW(umount2("link", UMOUNT_NOFOLLOW));
  SHOW(umount2("link", 0));
}

static void moves(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  touch("file");
  mount("x", "a", "tmpfs", 0, NULL);
  mkdir("a/in", 0755);
  mount("y", "a/in", "tmpfs", 0, NULL);
  SHOW(mount("a", "b", NULL, MS_MOVE, NULL));
  show_mounts("moved", ROOT "/");
  SHOW(mount("a", "b", NULL, MS_MOVE, NULL));
  SHOW(mount("b", "b/in", NULL, MS_MOVE, NULL));
  SHOW(mount("b", "file", NULL, MS_MOVE, NULL));
  SHOW(mount(NULL, "b", NULL, MS_SHARED, NULL));
  SHOW(mount("b/in", "a", NULL, MS_MOVE, NULL));
  SHOW(mount("b", "a", NULL, MS_MOVE, NULL));
  show_mounts("moved back", ROOT "/");
  SHOW(mount("z", "a", "tmpfs", 0, NULL));
  show_mounts("covered", ROOT "/");
  SHOW(umount("a"));
  SHOW(access("a/in", F_OK));
}

// A child with a copy of the tree sees what was there, and each changes its own.
static void copies(void) {
  make_tree();
  mkdir("m", 0755);
  mkdir("n", 0755);
  mount("x", "m", "tmpfs", 0, NULL);
  chdir("m");
  touch("file");
  int ready[2], go[2];
  pipe(ready);
  pipe(go);
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    SHOW(unshare(CLONE_NEWNS));
    SHOW(access("file", F_OK));
    SHOW(mount("y", ROOT "/n", "tmpfs", 0, NULL));
    SHOW(umount2(ROOT "/m", MNT_DETACH));
    show_mounts("child", ROOT "/");
    write(ready[1], &byte, 1);
    read(go[0], &byte, 1);
    show_mounts("child", ROOT "/");
    _exit(0);
  }
  read(ready[0], &byte, 1);
  show_mounts("parent", ROOT "/");
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", child);
  int theirs = open(path, O_RDONLY);
  int mine = open("/proc/self/ns/mnt", O_RDONLY);
  SHOW(setns(theirs, CLONE_NEWNS));
  char name[256];
  say("%s", getcwd(name, sizeof name));
  show_mounts("parent in there", ROOT "/");
  SHOW(setns(mine, 0));
  show_mounts("parent back", ROOT "/");
  write(go[1], &byte, 1);
  waitpid(child, NULL, 0);
}

static int nothing(void *argument) {
  (void)argument;
  show_mounts("cloned", ROOT "/");
  _exit(umount2(ROOT "/m", 0) == 0 ? 3 : 4);
}

static void clones(void) {
  static char stack[65536] __attribute__((aligned(16)));
  make_tree();
  mkdir("m", 0755);
  mount("x", "m", "tmpfs", 0, NULL);
  SHOW(clone(nothing, stack + sizeof stack, CLONE_NEWNS | CLONE_FS | SIGCHLD, NULL));
  int how = 0;
  waitpid(clone(nothing, stack + sizeof stack, CLONE_NEWNS | SIGCHLD, NULL), &how, 0);
  say("status %d", WEXITSTATUS(how));
  show_mounts("parent", ROOT "/");
}

int main(void) {
  umask(022);
  run("binds", binds);
  run("flags", flags);
  run("unmounting", unmounting);
  run("moves", moves);
  run("copies", copies);
  run("clones", clones);
  return 0;
}
