// A namespace of mounts is mounted only in one that is older, by whatever way: otherwise two would keep each other.
#include "mount_tree.h"

#include <linux/mount.h>

#define OWN "/proc/self/ns/mnt"

static int to_child[2];
static int to_parent[2];
static int own;
static int its;
static char its_path[64];

static int tree_of(const char *path, unsigned flags) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | flags);
}

static int move(int tree, const char *to) {
  return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH);
}

static int bind(const char *from, const char *to) { return mount(from, to, NULL, MS_BIND, NULL); }

static void show_kind(const char *path) {
  struct stat mine, status;
  need(fstat(own, &mine) == 0 && stat(path, &status) == 0, path);
  say("%s is %s", path, status.st_dev == mine.st_dev ? "a namespace" : "a file");
}

// A child in a namespace of its own, as long as nobody writes to it.
static pid_t younger(void) {
  need(pipe(to_child) == 0 && pipe(to_parent) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    close(to_child[1]);
    need(unshare(CLONE_NEWNS) == 0, "unshare");
    need(write(to_parent[1], "", 1) == 1, "write");
    char nothing;
    _exit(read(to_child[0], &nothing, 1) == 0 ? 0 : 1);
  }
  close(to_child[0]);
  char nothing;
  need(read(to_parent[0], &nothing, 1) == 1, "the child");
  own = open(OWN, O_RDONLY | O_CLOEXEC);
  sprintf(its_path, "/proc/%d/ns/mnt", child);
  its = open(its_path, O_RDONLY | O_CLOEXEC);
  need(own >= 0 && its >= 0, "the namespaces");
  return child;
}

static void prepare(void) {
  make_tree();
  mkdir("one", 0755);
  mkdir("two", 0755);
  touch("one/file");
  touch("two/file");
  touch("file");
}

static void binds(void) {
  prepare();
  pid_t child = younger();
  SHOW(bind(OWN, "file"));
  SHOW(bind(its_path, "one/file"));
  show_kind("one/file");
  SHOW(bind("one/file", "file"));
  show_kind("file");
  SHOW(umount("file"));
  // With the mounts of a directory that is bound.
  SHOW(mount("one", "two", NULL, MS_BIND | MS_REC, NULL));
  show_kind("two/file");
  SHOW(umount2("two", MNT_DETACH));
  // In the younger one itself, which sees none of it.
  char path[64];
  sprintf(path, "/proc/self/fd/%d", own);
  need(setns(its, CLONE_NEWNS) == 0 && chdir(ROOT) == 0, "setns");
  show_kind("one/file");
  SHOW(bind(path, "file"));
  sprintf(path, "/proc/self/fd/%d", its);
  SHOW(bind(path, "file"));
  close(to_child[1]);
  reap("the child", child);
}

static void copies(void) {
  prepare();
  pid_t child = younger();
  SHOW(bind(its_path, "one/file"));
  SHOW(bind("/proc/self/ns/uts", "two/file"));
  need(unshare(CLONE_NEWNS) == 0, "unshare");
  show_kind("one/file");
  show_kind("two/file");
  SHOW(umount("one/file"));
  close(to_child[1]);
  reap("the child", child);
}

static void trees(void) {
  prepare();
  pid_t child = younger();
  SHOW(bind(its_path, "one/file"));
  need(mount("one", "one", NULL, MS_BIND | MS_REC, NULL) == 0, "bind");
  int single = tree_of("one/file", 0);
  int whole = tree_of("one", AT_RECURSIVE);
  int again = tree_of("one", AT_RECURSIVE);
  CHECK(single >= 0 && whole >= 0 && again >= 0);
  SHOW(move(again, "two"));
  show_kind("two/file");
  need(setns(its, CLONE_NEWNS) == 0 && chdir(ROOT) == 0, "setns");
  SHOW(move(single, "file"));
  SHOW(move(whole, "two"));
  show_kind("file");
  show_kind("two/file");
  need(setns(own, CLONE_NEWNS) == 0 && chdir(ROOT) == 0, "setns back");
  SHOW(move(single, "file"));
  show_kind("file");
  close(to_child[1]);
  reap("the child", child);
}

// Others who see what is mounted do not get it.
static void shared(void) {
  prepare();
  need(mount("one", "one", NULL, MS_BIND, NULL) == 0 && mount(NULL, "one", NULL, MS_SHARED, NULL) == 0, "shared");
  pid_t child = younger();
  need(umount("one") == 0 && mount("one", "one", NULL, MS_BIND, NULL) == 0, "one of one's own");
  need(mount(NULL, "one", NULL, MS_SHARED, NULL) == 0, "shared");
  SHOW(bind(its_path, "one/file"));
  SHOW(umount("one/file"));
  need(mount("one", "two", NULL, MS_BIND, NULL) == 0, "a peer");
  SHOW(bind(its_path, "one/file"));
  SHOW(bind("/proc/self/ns/uts", "one/file"));
  show_kind("two/file");
  close(to_child[1]);
  reap("the child", child);
}

int main(void) {
  // Each processor of Linux numbers its namespaces for itself.
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  need(sched_setaffinity(0, sizeof first, &first) == 0, "a processor");
  run("binds", binds);
  run("copies", copies);
  run("trees", trees);
  run("shared", shared);
  return 0;
}
