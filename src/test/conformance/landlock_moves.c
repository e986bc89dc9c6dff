// Moves and links between directories with different rules (landlock(7), REFER): every pair of rules, with rules about
// the file itself, and with two layers. And what else decides where a file is: mounts, bound parts, moved directories.
#include "landlock_rules.h"
#include "mount_tree.h"

#include <ftw.h>

enum { BITS = 4, KINDS = 1 << BITS, OPERATIONS = 7 };

static const uint64_t bits[BITS] = {REFER, READ_FILE, MAKE_REG | REMOVE_FILE, READ_DIR};

static uint64_t rights_of(int kind) {
  uint64_t rights = MAKE_DIR | REMOVE_DIR;
  for (int i = 0; i < BITS; i++) {
    rights |= kind >> i & 1 ? bits[i] : 0;
  }
  return rights;
}

static void prepare(void) {
  mkdir("a", 0755);
  mkdir("b", 0755);
  mkdir("b/deep", 0755);
  mkdir("a/dir", 0755);
  mkdir("b/dir", 0755);
  int made[] = {open("a/file", O_CREAT, 0644), open("a/other", O_CREAT, 0644), open("b/file", O_CREAT, 0644),
                open("b/target", O_CREAT, 0644)};
  for (int i = 0; i < 4; i++) {
    close(made[i]);
  }
}

static int take(const char *path, const struct stat *status UNUSED, int kind UNUSED, struct FTW *place UNUSED) {
  return remove(path);
}

static void clean(void) {
  need(nftw("a", take, 8, FTW_DEPTH | FTW_PHYS) == 0, "no a");
  need(nftw("b", take, 8, FTW_DEPTH | FTW_PHYS) == 0, "no b");
}

static long exchange(const char *one, const char *other) {
  return syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2);
}

static long move(int operation) {
  switch (operation) {
    case 0:
      return link("a/file", "b/deep/linked");
    case 1:
      return exchange("a/file", "b/file");
    case 2:
      return exchange("a/dir", "b/dir");
    case 3:
      return exchange("a/file", "b/dir");
    case 4:
      return rename("a/other", "b/target");
    case 5:
      return rename("a/dir", "b/deep/dir");
    default:
      return rename("a/file", "b/new");
  }
}

static char letter(long result) {
  return result == 0 ? '.' : errno == EACCES ? 'A' : errno == EXDEV ? 'X' : errno == ENOENT ? 'N' : '?';
}

static void pairs(const char *title, int mode) {
  say("-- %s", title);
  for (int first = 0; first < KINDS; first++) {
    int ends[2];
    need(pipe(ends) == 0, "pipe");
    char line[KINDS * (OPERATIONS + 1) + 1] = "";
    for (int second = 0; second < KINDS; second++) {
      prepare();
      pid_t child = fork();
      if (child == 0) {
        uint64_t handled = rights_of(KINDS - 1);
        int rules = ruleset_of(mode == 3 ? handled & ~(uint64_t)REFER : handled, 0, 0);
        uint64_t mask = mode == 3 ? ~(uint64_t)REFER : ~0ull;
        allow(rules, "a", rights_of(first) & mask);
        allow(rules, "b", rights_of(second) & mask);
        if (mode == 1) {
          allow(rules, "a/file", READ_FILE);
          allow(rules, "b/dir", READ_DIR | READ_FILE);
        }
        enforce(rules);
        if (mode == 2) {
          int inner = ruleset_of(READ_FILE | REFER, 0, 0);
          allow(inner, "a", READ_FILE | REFER);
          allow(inner, "b", first & 1 ? REFER : READ_FILE | REFER);
          enforce(inner);
        }
        char text[OPERATIONS + 1];
        for (int i = 0; i < OPERATIONS; i++) {
          text[i] = letter(move(i));
        }
        text[OPERATIONS] = ' ';
        need(write(ends[1], text, sizeof text) == sizeof text, "write");
        _exit(0);
      }
      need(waitpid(child, NULL, 0) == child, "a child");
      need(read(ends[0], line + strlen(line), OPERATIONS + 1) == OPERATIONS + 1, "its line");
      clean();
    }
    close(ends[0]);
    close(ends[1]);
    say("%x: %s", (unsigned)first, line);
  }
}

static void layer_without_files(void) {
  prepare();
  int rules = ruleset_of(READ_FILE, 0, 0);
  allow(rules, ".", READ_FILE);
  int with = ruleset_of(READ_FILE | REFER, 0, 0);
  allow(with, ".", READ_FILE | REFER);
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(0, 0, SCOPE_SIGNAL));
    SHOW(rename("a/file", "b/moved"));
    SHOW(rename("b/moved", "a/file"));
    enforce(with);
    SHOW(rename("a/file", "b/moved"));
    _exit(0);
  }
  reap("a scope, then files", child);
  child = fork();
  if (child == 0) {
    enforce(with);
    SHOW(rename("a/file", "b/moved"));
    SHOW(rename("b/moved", "a/file"));
    enforce(ruleset_of(0, 0, SCOPE_SIGNAL));
    SHOW(rename("a/file", "b/moved"));
    _exit(0);
  }
  reap("files, then a scope", child);
  enforce(rules);
  SHOW(rename("a/file", "a/file-2"));
  SHOW(rename("a/file-2", "b/file-2"));
  SHOW(link("a/other", "a/linked"));
  SHOW(link("a/other", "b/linked"));
  SHOW(rename("a/nowhere", "b/moved"));
  SHOW(rename("a/other", "a/other"));
  SHOW(link("a/dir", "b/linked"));
  SHOW(link("a/dir", "a/dir-2"));
}

static void binds(void) {
  mkdir("tree", 0755);
  mkdir("tree/in", 0755);
  mkdir("tree/in/deep", 0755);
  mkdir("bound", 0755);
  mkdir("out", 0755);
  make_file("tree/in/deep/file", "x");
  need(mount("tree/in", "bound", NULL, MS_BIND, NULL) == 0, "a bind");
  pid_t child = fork();
  if (child == 0) {
    int rules = ruleset_of(READ_FILE | WRITE_FILE, 0, 0);
    allow(rules, "tree/in", READ_FILE);
    allow(rules, "bound/deep", WRITE_FILE);
    enforce(rules);
    SHOW(open("tree/in/deep/file", O_RDWR) >= 0);
    SHOW(open("bound/deep/file", O_RDWR) >= 0);
    _exit(0);
  }
  reap("rules are about files, whatever mount shows them", child);
  child = fork();
  if (child == 0) {
    int rules = ruleset_of(READ_FILE | WRITE_FILE, 0, 0);
    allow(rules, "tree", READ_FILE);
    allow(rules, ".", WRITE_FILE);
    enforce(rules);
    SHOW(open("tree/in/deep/file", O_RDWR) >= 0);
    SHOW(open("bound/deep/file", O_RDONLY));
    SHOW(open("bound/deep/file", O_WRONLY) >= 0);
    _exit(0);
  }
  reap("what is above counts by the mount", child);
  // Moved out of the part that is bound: it counts as below that, and where it is now.
  int deep = open("bound/deep", O_PATH);
  int beside = open("tree/in/deep", O_PATH);
  need(rename("tree/in/deep", "out/deep") == 0, "rename");
  child = fork();
  if (child == 0) {
    int rules = ruleset_of(READ_FILE | WRITE_FILE | EXECUTE, 0, 0);
    allow(rules, "bound", READ_FILE);
    allow(rules, "out", WRITE_FILE);
    enforce(rules);
    SHOW(openat(deep, "file", O_RDONLY) >= 0);
    SHOW(openat(deep, "file", O_WRONLY) >= 0);
    SHOW(openat(beside, "file", O_RDONLY));
    SHOW(openat(beside, "file", O_WRONLY) >= 0);
    SHOW(renameat(deep, "file", deep, "file-2"));
    SHOW(openat(deep, "file-2", O_RDWR) >= 0);
    _exit(0);
  }
  reap("moved away", child);
  child = fork();
  if (child == 0) {
    int rules = ruleset_of(READ_FILE, 0, 0);
    allow(rules, ".", READ_FILE);
    enforce(rules);
    SHOW(openat(deep, "file-2", O_RDONLY) >= 0);
    SHOW(chroot("out") == 0 && chdir("/") == 0);
    SHOW(open("deep/file-2", O_RDONLY) >= 0);
    _exit(0);
  }
  reap("from above", child);
  // A mount that is no more in the tree is below nothing.
  int gone = open("bound", O_PATH);
  make_file("bound/there", "x");
  need(umount2("bound", MNT_DETACH) == 0, "umount");
  child = fork();
  if (child == 0) {
    int rules = ruleset_of(READ_FILE, 0, 0);
    allow(rules, ".", READ_FILE);
    enforce(rules);
    SHOW(openat(gone, "there", O_RDONLY));
    _exit(0);
  }
  reap("unmounted", child);
}

static void topology(void) {
  mkdir("m", 0755);
  mkdir("n", 0755);
  need(mount("x", "m", "tmpfs", 0, NULL) == 0, "tmpfs");
  int picked = (int)syscall(SYS_fspick, AT_FDCWD, "m", 0);
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "m", 1);
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(0, BIND_TCP, SCOPE_SIGNAL));
    SHOW(mount("y", "n", "tmpfs", 0, NULL));
    SHOW(umount("n"));
    _exit(0);
  }
  reap("no files restricted", child);
  int rules = ruleset_of(MAKE_SYM, 0, 0);
  allow(rules, "/", MAKE_SYM);
  enforce(rules);
  SHOW(mount("y", "n", "tmpfs", 0, NULL));
  SHOW(mount("y", "nowhere", "tmpfs", 0, NULL));
  SHOW(mount("m", "n", NULL, MS_BIND, NULL));
  SHOW(mount("m", "n", NULL, MS_MOVE, NULL));
  SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  SHOW(mount(NULL, "m", NULL, MS_PRIVATE, NULL));
  SHOW(umount("m"));
  SHOW(umount("n"));
  SHOW(umount2("m", 64));
  SHOW(umount2("m", MNT_DETACH));
  SHOW(syscall(SYS_pivot_root, "m", "m"));
  SHOW(syscall(SYS_move_mount, tree, "", AT_FDCWD, "n", 4));
  SHOW(syscall(SYS_move_mount, AT_FDCWD, "m", AT_FDCWD, "n", 0));
  SHOW(syscall(SYS_move_mount, AT_FDCWD, "m", AT_FDCWD, "n", 0x100));
  SHOW(syscall(SYS_fsconfig, picked, 0, "ro", NULL, 0));
  SHOW(syscall(SYS_fsconfig, picked, 7, NULL, NULL, 0));
  SHOW(syscall(SYS_open_tree, AT_FDCWD, "m", 1) >= 0);
  SHOW(unshare(CLONE_NEWNS));
  SHOW(chroot("m"));
}

int main(void) {
  make_tree();
  pairs("directories", 0);
  pairs("files with rules of their own", 1);
  pairs("two layers", 2);
  pairs("moves not handled", 3);
  in_child("a layer without files", layer_without_files);
  in_child("binds", binds);
  in_child("topology", topology);
  return 0;
}
