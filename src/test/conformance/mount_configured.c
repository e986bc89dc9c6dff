// File systems that are configured before they are mounted: fsopen, fsconfig, fsmount, fspick, and their messages.
#include "mount_tree.h"

#include <sys/statfs.h>

#define OPEN 430
#define CONFIG 431
#define MOUNT 432
#define PICK 433

#define SET(fd, command, key, value, extra) SHOW(syscall(CONFIG, fd, command, key, value, extra))
#define NONE ((void *)0)

static void messages(int fd) {
  char line[256];
  for (long length; (length = read(fd, line, sizeof line - 1)) >= 0;) {
    line[length] = 0;
    say("message of %ld: %s", length, line);
  }
  say("end: %s", error_name(errno));
}

static void opening(void) {
  make_tree();
  SHOW(syscall(OPEN, "nofs", 0));
  SHOW(syscall(OPEN, "tmpfs", 2));
  SHOW(syscall(OPEN, bad_pointer(), 0));
  SHOW(syscall(OPEN, NONE, 0));
  int fd = (int)syscall(OPEN, "tmpfs", 1);
  CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
  char link[64] = "", name[64];
  sprintf(name, "/proc/self/fd/%d", fd);
  need(readlink(name, link, sizeof link - 1) > 0, "readlink");
  say("%s", link);
  SHOW(write(fd, "x", 1));
  SHOW(syscall(MOUNT, fd, 0, 0));
  SHOW(syscall(MOUNT, fd, 2, 0));
  SHOW(syscall(MOUNT, fd, 0, 0x30));
  SHOW(syscall(MOUNT, fd, 0, 0x100000));
  SHOW(syscall(MOUNT, 1, 0, 0));
  SHOW(syscall(MOUNT, 99, 0, 0));
}

static void arguments(void) {
  make_tree();
  int fd = (int)syscall(OPEN, "tmpfs", 0);
  SET(-1, 0, "ro", NONE, 0);
  SET(99, 0, "ro", NONE, 0);
  SET(1, 0, "ro", NONE, 0);
  SET(fd, 0, "ro", "x", 0);
  SET(fd, 0, NONE, NONE, 0);
  SET(fd, 1, "size", NONE, 0);
  SET(fd, 1, "size", "1m", 1);
  SET(fd, 2, "size", "1m", 0);
  SET(fd, 3, "size", "1m", -1);
  SET(fd, 5, "size", "1m", 1);
  SET(fd, 5, "size", NONE, -1);
  SET(fd, 5, "size", NONE, 99);
  SET(fd, 6, "size", NONE, 0);
  SET(fd, 9, NONE, NONE, 0);
  SET(fd, 77, "x", NONE, 0);
  SET(fd, 1, bad_pointer(), "x", 0);
  SET(fd, 1, "size", bad_pointer(), 0);
  char long_text[400];
  memset(long_text, 'x', sizeof long_text - 1);
  long_text[sizeof long_text - 1] = 0;
  SET(fd, 1, long_text, "x", 0);
  SET(fd, 1, "size", long_text, 0);
  SET(fd, 3, "size", "", AT_FDCWD);
  SET(fd, 4, "size", "", AT_FDCWD);
  messages(fd);
}

static void options(void) {
  make_tree();
  int fd = (int)syscall(OPEN, "tmpfs", 0);
  SET(fd, 1, "source", "one", 0);
  SET(fd, 1, "source", "two", 0);
  SET(fd, 0, "source", NONE, 0);
  SET(fd, 1, "", "x", 0);
  SET(fd, 1, "none", "x", 0);
  SET(fd, 1, "mode", "999", 0);
  SET(fd, 1, "nr_inodes", "q", 0);
  char small[4];
  SHOW(read(fd, small, sizeof small));
  messages(fd);
  SET(fd, 1, "huge", "bad", 0);
  SET(fd, 0, "noatime", NONE, 0);
  SET(fd, 0, "size", NONE, 0);
  SET(fd, 1, "inode32", "1", 0);
  messages(fd);
  SET(fd, 1, "mode", "711", 0);
  SET(fd, 1, "size", "1m", 0);
  SET(fd, 7, NONE, NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  SET(fd, 8, NONE, NONE, 0);
  SET(fd, 1, "size", "1m", 0);
  mkdir("place", 0755);
  int tree = (int)syscall(MOUNT, fd, 1, 2 | 8);
  CHECK(fcntl(tree, F_GETFD) == FD_CLOEXEC);
  CHECK((fcntl(tree, F_GETFL) & O_PATH) != 0);
  SHOW(syscall(MOUNT, fd, 0, 0));
  SHOW(openat(tree, "made", O_CREAT | O_RDWR, 0600) >= 0);
  SHOW(syscall(429, tree, "", AT_FDCWD, "place", 4));
  SHOW(syscall(429, tree, "", AT_FDCWD, "place", 4));
  struct stat status;
  SHOW(stat("place", &status));
  say("mode %o", status.st_mode & 07777);
  SHOW(access("place/made", F_OK));
  struct statfs system;
  SHOW(statfs("place", &system));
  say("blocks %ld, flags %lx", (long)system.f_blocks, (long)system.f_flags);
  show_mounts("mounted", ROOT);
  SET(fd, 0, "ro", NONE, 0);
  SET(fd, 7, NONE, NONE, 0);
  SHOW(umount("place"));
}

// What a mount is like in statfs(2), for itself and for the whole file system.
static void flags_of(const char *what) {
  struct statfs system;
  need(statfs("place", &system) == 0, "statfs");
  say("%s: %lx", what, (long)system.f_flags);
}

static void flags(void) {
  make_tree();
  mkdir("place", 0755);
  int fd = (int)syscall(OPEN, "tmpfs", 0);
  SET(fd, 0, "ro", NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  int tree = (int)syscall(MOUNT, fd, 0, 4);
  SHOW(syscall(429, tree, "", AT_FDCWD, "place", 4));
  flags_of("read-only as a whole");
  SHOW(umount("place"));
  static const struct {
    const char *name;
    unsigned long bits;
  } kinds[] = {{"usual", 0},
               {"never", MS_NOATIME},
               {"always", MS_STRICTATIME},
               {"always and never", MS_STRICTATIME | MS_NOATIME},
               {"relative and never", MS_RELATIME | MS_NOATIME},
               {"not for directories", MS_NODIRATIME},
               {"no links", 256}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    SHOW(mount("none", "place", "tmpfs", kinds[i].bits, NULL));
    flags_of(kinds[i].name);
    SHOW(umount("place"));
  }
}

// A long target takes a page of the file system, a short one nothing.
static void long_links(void) {
  make_tree();
  mkdir("place", 0755);
  SHOW(mount("none", "place", "tmpfs", 0, "size=8k"));
  char target[129];
  memset(target, 't', 128);
  target[127] = 0;
  SHOW(symlink(target, "place/short"));
  target[127] = 't';
  target[128] = 0;
  SHOW(symlink(target, "place/long"));
  struct stat status;
  need(lstat("place/long", &status) == 0, "lstat");
  say("size %ld, blocks %ld", (long)status.st_size, (long)status.st_blocks);
  need(lstat("place/short", &status) == 0, "lstat");
  say("size %ld, blocks %ld", (long)status.st_size, (long)status.st_blocks);
  SHOW(symlink(target, "place/another"));
  SHOW(symlink(target, "place/third"));
  struct statfs system;
  SHOW(statfs("place", &system));
  say("free %ld", (long)system.f_bfree);
  SHOW(unlink("place/long"));
  SHOW(statfs("place", &system));
  say("free %ld", (long)system.f_bfree);
  SHOW(symlink(target, "place/third"));
}

// Nothing is mounted on what comes and goes with a descriptor.
static void ephemeral(void) {
  make_tree();
  touch("file");
  touch("other");
  int file = open("file", O_RDONLY);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  int link = open(path, O_PATH | O_NOFOLLOW);
  CHECK(link >= 0);
  SHOW(mount("other", path, NULL, MS_BIND, NULL));
  SHOW(umount("file"));
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", file);
  SHOW(mount("other", path, NULL, MS_BIND, NULL));
  snprintf(path, sizeof path, "/proc/self/fd/%d", link);
  SHOW(mount("other", path, NULL, MS_BIND, NULL));
  SHOW(mount("other", path, NULL, MS_MOVE, NULL));
}

static void picked(void) {
  make_tree();
  mkdir("place", 0755);
  need(mount("it", "place", "tmpfs", 0, "size=1m") == 0, "mount");
  mkdir("place/inner", 0755);
  SHOW(syscall(PICK, AT_FDCWD, "place/inner", 0));
  SHOW(syscall(PICK, AT_FDCWD, "nowhere", 0));
  SHOW(syscall(PICK, AT_FDCWD, "", 0));
  SHOW(syscall(PICK, AT_FDCWD, "place", 16));
  SHOW(syscall(PICK, 99, "place", 0));
  int fd = (int)syscall(PICK, AT_FDCWD, "place", 1);
  SET(fd, 6, NONE, NONE, 0);
  SHOW(syscall(MOUNT, fd, 0, 0));
  SET(fd, 1, "none", "x", 0);
  int open_file = open("place/file", O_CREAT | O_RDWR, 0600);
  SET(fd, 0, "ro", NONE, 0);
  SET(fd, 7, NONE, NONE, 0);
  close(open_file);
  SET(fd, 7, NONE, NONE, 0);
  close(fd);
  fd = (int)syscall(PICK, AT_FDCWD, "place", 0);
  SET(fd, 0, "ro", NONE, 0);
  SET(fd, 7, NONE, NONE, 0);
  SHOW(open("place/other", O_CREAT | O_RDWR, 0600));
  SHOW(mkdir("place/dir", 0700));
  show_mounts("read-only", ROOT);
  SET(fd, 0, "rw", NONE, 0);
  SET(fd, 7, NONE, NONE, 0);
  SHOW(mkdir("place/dir", 0700));
  messages(fd);
}

static void types(void) {
  make_tree();
  int fd = (int)syscall(OPEN, "proc", 0);
  SET(fd, 1, "subset", "x", 0);
  SET(fd, 1, "hidepid", "9", 0);
  SET(fd, 0, "none", NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  messages(fd);
  int tree = (int)syscall(MOUNT, fd, 0, 1);
  SHOW(faccessat(tree, "self/status", R_OK, 0));
  fd = (int)syscall(OPEN, "sysfs", 0);
  SET(fd, 0, "none", NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  messages(fd);
  fd = (int)syscall(OPEN, "overlay", 0);
  SET(fd, 1, "redirect_dir", "x", 0);
  SET(fd, 6, NONE, NONE, 0);
  SET(fd, 6, NONE, NONE, 0);
  SHOW(syscall(MOUNT, fd, 0, 0));
  messages(fd);
}

static void without_rights(void) {
  make_tree();
  int fd = (int)syscall(OPEN, "tmpfs", 0);
  SET(fd, 6, NONE, NONE, 0);
  need(setresuid(1000, 1000, 1000) == 0, "setresuid");
  SHOW(syscall(OPEN, "tmpfs", 0));
  SHOW(syscall(OPEN, "nofs", 7));
  SHOW(syscall(PICK, AT_FDCWD, "/", 0));
  SHOW(syscall(MOUNT, fd, 0, 0));
  SHOW(syscall(429, fd, "", AT_FDCWD, "/", 4));
  SHOW(syscall(428, AT_FDCWD, "/", 1));
  long plain = syscall(428, AT_FDCWD, "/", 0);
  CHECK(plain >= 0);
}

int main(void) {
  run("opening", opening);
  run("arguments", arguments);
  run("options", options);
  run("flags", flags);
  run("long links", long_links);
  run("ephemeral", ephemeral);
  run("picked", picked);
  run("types", types);
  run("without rights", without_rights);
  return 0;
}
