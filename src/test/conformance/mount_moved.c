// Trees of mounts by descriptors: open_tree, move_mount with its flags, mount_setattr, and who may.
#include "mount_tree.h"

#define OPEN_TREE 428
#define MOVE 429
#define SETATTR 442
#define CLONE 1
#define RECURSIVE 0x8000
#define ALL_TIMES 0x70

struct attributes {
  uint64_t set, clear, propagation, namespace;
};

static long move(int from, const char *from_path, int to, const char *to_path, unsigned flags) {
  return syscall(MOVE, from, from_path, to, to_path, flags);
}

static long tree(const char *path, unsigned flags) {
  return syscall(OPEN_TREE, AT_FDCWD, path, flags);
}

static long change(const char *path, unsigned flags, uint64_t set, uint64_t clear, uint64_t propagation) {
  struct attributes attributes = {set, clear, propagation, 0};
  return syscall(SETATTR, AT_FDCWD, path, flags, &attributes, sizeof attributes);
}

static void prepare(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  mkdir("c", 0755);
  touch("plain");
  need(mount("first", "a", "tmpfs", 0, NULL) == 0, "mount");
  mkdir("a/sub", 0755);
  need(mount("second", "a/sub", "tmpfs", 0, NULL) == 0, "mount");
  touch("a/sub/deep");
}

static void trees(void) {
  prepare();
  SHOW(tree("a", 2));
  SHOW(tree("a", RECURSIVE));
  SHOW(tree("nowhere", CLONE));
  SHOW(tree("", CLONE));
  SHOW(syscall(OPEN_TREE, 99, "x", CLONE));
  SHOW(syscall(OPEN_TREE, AT_FDCWD, bad_pointer(), CLONE));
  int flat = (int)tree("a", CLONE | O_CLOEXEC);
  int whole = (int)tree("a", CLONE | RECURSIVE);
  int place = (int)tree("a", 0);
  CHECK(fcntl(flat, F_GETFD) == FD_CLOEXEC && fcntl(whole, F_GETFD) == 0);
  SHOW(faccessat(flat, "sub/deep", F_OK, 0));
  SHOW(faccessat(whole, "sub/deep", F_OK, 0));
  SHOW(faccessat(place, "sub/deep", F_OK, 0));
  SHOW(faccessat(whole, "../b", F_OK, 0));
  SHOW(move(flat, "", AT_FDCWD, "b", 0));
  SHOW(move(flat, "", AT_FDCWD, "plain", 4));
  SHOW(move(flat, "sub", AT_FDCWD, "b", 0));
  SHOW(move(flat, "", AT_FDCWD, "b", 4));
  SHOW(move(flat, "", AT_FDCWD, "c", 4));
  SHOW(move(whole, "", AT_FDCWD, "c", 4));
  show_mounts("moved", ROOT);
  SHOW(access("c/sub/deep", F_OK));
  SHOW(umount("b"));
  close(flat);
  SHOW(umount("b"));
  close(whole);
  SHOW(access("c/sub/deep", F_OK));
  SHOW(move(place, "", AT_FDCWD, "a/sub", 4));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0));
  show_mounts("and again", ROOT);
  // A tree that is given up goes away, with what is mounted in it.
  int loose = (int)tree("b", CLONE | RECURSIVE);
  int inner = openat(loose, "sub", O_RDONLY);
  close(loose);
  SHOW(faccessat(inner, "deep", F_OK, 0));
  SHOW(faccessat(inner, "../sub", F_OK, 0));
}

static void errors(void) {
  prepare();
  int flat = (int)tree("a", CLONE);
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0x8));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0x300));
  SHOW(move(AT_FDCWD, "b", AT_FDCWD, "c", 0));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "nowhere", 0));
  SHOW(move(AT_FDCWD, "nowhere", AT_FDCWD, "b", 0));
  SHOW(move(99, "", AT_FDCWD, "b", 4));
  SHOW(move(AT_FDCWD, "a", 99, "", 0x40));
  SHOW(move(AT_FDCWD, bad_pointer(), AT_FDCWD, "b", 0));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, bad_pointer(), 0));
  SHOW(move(flat, "", flat, "sub", 4));
  SHOW(move(AT_FDCWD, "a", flat, "sub", 0));
  need(symlink("b", "link") == 0, "symlink");
  SHOW(move(flat, "", AT_FDCWD, "link", 4));
  SHOW(move(flat, "", AT_FDCWD, "link", 0x14));
  show_mounts("at the link's end", ROOT);
  int other = (int)tree("c", CLONE);
  SHOW(mount(NULL, "a", NULL, MS_UNBINDABLE, NULL));
  SHOW(tree("a", CLONE));
  SHOW(change("/proc/self", 0, 1, 0, 0));
  SHOW(move(other, "", AT_FDCWD, "a/sub", 4));
  show_mounts("on top", ROOT);
}

static void beneath(void) {
  prepare();
  int flat = (int)tree("c", CLONE);
  SHOW(move(flat, "", AT_FDCWD, "b", 0x204));
  SHOW(move(flat, "", AT_FDCWD, "/", 0x204));
  SHOW(move(flat, "", AT_FDCWD, "a", 0x204));
  SHOW(access("a/sub/deep", F_OK));
  show_mounts("beneath", ROOT);
  SHOW(umount2("a", MNT_DETACH));
  SHOW(access("a/sub/deep", F_OK));
  show_mounts("the one below", ROOT);
}

static void groups(void) {
  prepare();
  SHOW(mount("a", "b", NULL, MS_BIND, NULL));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0x100));
  SHOW(mount(NULL, "a", NULL, MS_SHARED, NULL));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "a/sub", 0x100));
  SHOW(move(AT_FDCWD, "b/sub", AT_FDCWD, "b", 0x100));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0x100));
  SHOW(move(AT_FDCWD, "a", AT_FDCWD, "b", 0x100));
  show_mounts("shared", ROOT);
}

static void attributes(void) {
  prepare();
  char page[PAGE + 8] = {1};
  SHOW(syscall(SETATTR, AT_FDCWD, "a", 0, page, 31L));
  SHOW(syscall(SETATTR, AT_FDCWD, "a", 0, page, PAGE + 1));
  SHOW(syscall(SETATTR, AT_FDCWD, "a", 0, bad_pointer(), 32L));
  page[40] = 1;
  SHOW(syscall(SETATTR, AT_FDCWD, "a", 0, page, 48L));
  SHOW(change("a", 1, 1, 0, 0));
  SHOW(change("nowhere", 0, 0, 0, 0));
  SHOW(change("nowhere", 0, 1, 0, 0));
  SHOW(change("a/sub/deep", 0, 1, 0, 0));
  SHOW(change("a", 0, 1 << 10, 0, 0));
  SHOW(change("a", 0, 0, 1 << 10, 0));
  SHOW(change("a", 0, 0x10, 0, 0));
  SHOW(change("a", 0, 0, 0x10, 0));
  SHOW(change("a", 0, 0x30, ALL_TIMES, 0));
  SHOW(change("a", 0, 0, 0, MS_SHARED | MS_PRIVATE));
  SHOW(change("a", 0, 0, 0, MS_REC));
  SHOW(change("a", 0, 0x100000, 0, 0));
  SHOW(change("a", RECURSIVE, 1 | 2 | 4 | 8, 0, 0));
  show_mounts("all", ROOT);
  SHOW(mkdir("a/sub/new", 0755));
  SHOW(change("a/sub", 0, 0, 1 | 8, 0));
  SHOW(mkdir("a/sub/new", 0755));
  SHOW(change("a", 0, 0x10 | 0x80, ALL_TIMES, MS_SHARED));
  show_mounts("times", ROOT);
  SHOW(change("a", RECURSIVE, 0x20, ALL_TIMES | 0x80, MS_PRIVATE));
  show_mounts("strict", ROOT);
  SHOW(change("a", RECURSIVE, 0x200000, ALL_TIMES, 0));
  show_mounts("no links", ROOT);
  need(symlink("deep", "a/sub/link") == 0, "symlink");
  SHOW(open("a/sub/link", O_RDONLY));
  SHOW(open("a/sub/link", O_PATH | O_NOFOLLOW) >= 0);
  int file = open("a/sub/deep", O_RDWR);
  SHOW(change("a/sub", 0, 1, 0, 0));
  close(file);
  SHOW(change("a/sub", 0, 1, 0, 0));
  int loose = (int)tree("a", CLONE);
  struct attributes attributes = {8, 1, 0, 0};
  SHOW(syscall(SETATTR, loose, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
  SHOW(move(loose, "", AT_FDCWD, "c", 4));
  show_mounts("before it was mounted", ROOT);
  struct attributes set = {2, 0, 0, 0};
  int both = (int)syscall(467, AT_FDCWD, "b", CLONE, &set, sizeof set);
  SHOW(move(both, "", AT_FDCWD, "b", 4));
  show_mounts("with the copy", ROOT "/b");
  SHOW(syscall(467, AT_FDCWD, "b", CLONE, NULL, 32L));
  SHOW(syscall(467, AT_FDCWD, "b", CLONE, &set, 31L));
}

int main(void) {
  run("trees", trees);
  run("errors", errors);
  run("beneath", beneath);
  run("groups", groups);
  run("attributes", attributes);
  return 0;
}
