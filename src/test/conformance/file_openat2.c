// openat2: the RESOLVE flags, and a structure of another size.
#include "check.h"
#include <linux/openat2.h>

static int base;

static void try(const char *what, const char *path, uint64_t flags, uint64_t resolve) {
  struct open_how how = {.flags = flags, .resolve = resolve};
  errno = 0;
  long fd = syscall(SYS_openat2, base, path, &how, sizeof how);
  char line[128];
  snprintf(line, sizeof line, "%s %s", what, path);
  show(line, fd < 0 ? -1 : 0);
  if (fd >= 0) {
    close((int)fd);
  }
}

static void beneath(void) {
  static const char *const paths[] = {"in/file", "in/../in/file", "..", "../outside", "in/../..", "/",
                                      "/in/file", "absolute", "relative", "escaping", "."};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    try("beneath", paths[i], O_RDONLY, RESOLVE_BENEATH);
    try("in root", paths[i], O_RDONLY, RESOLVE_IN_ROOT);
    try("no symlinks", paths[i], O_RDONLY, RESOLVE_NO_SYMLINKS);
  }
}

static void sizes(void) {
  struct {
    struct open_how how;
    uint64_t more;
  } larger = {{.flags = O_RDONLY}, 0};
  SHOW(syscall(SYS_openat2, base, "in", &larger, sizeof larger) >= 0);
  larger.more = 1;
  SHOW(syscall(SYS_openat2, base, "in", &larger, sizeof larger));
  SHOW(syscall(SYS_openat2, base, "in", &larger, 8));
  SHOW(syscall(SYS_openat2, base, "in", &larger, 0));
  SHOW(syscall(SYS_openat2, base, "in", bad_pointer(), sizeof larger.how));
  SHOW(syscall(SYS_openat2, base, "in", &larger, 1 << 20));
}

static void strictness(void) {
  struct open_how how = {.flags = O_RDONLY, .mode = 0644};
  SHOW(syscall(SYS_openat2, base, "in/file", &how, sizeof how));
  how = (struct open_how){.flags = O_RDWR | O_CREAT, .mode = 010644};
  SHOW(syscall(SYS_openat2, base, "in/new", &how, sizeof how));
  how = (struct open_how){.flags = 1L << 40};
  SHOW(syscall(SYS_openat2, base, "in/file", &how, sizeof how));
  try("unknown resolve", "in/file", O_RDONLY, 0x1000);
  try("beneath and in root", "in/file", O_RDONLY, RESOLVE_BENEATH | RESOLVE_IN_ROOT);
  try("path and append", "in/file", O_PATH | O_APPEND, 0);
  try("no xdev", "in/file", O_RDONLY, RESOLVE_NO_XDEV);
  try("no xdev", "/proc/self/stat", O_RDONLY, RESOLVE_NO_XDEV);
  try("no magic links", "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS);
  try("magic links", "/proc/self/exe", O_RDONLY, 0);
  how = (struct open_how){.flags = O_RDWR | O_CREAT | O_EXCL, .mode = 0640, .resolve = RESOLVE_BENEATH};
  SHOW(syscall(SYS_openat2, base, "in/new", &how, sizeof how) >= 0);
  struct stat status;
  SHOW(fstatat(base, "in/new", &status, 0));
  say("mode %o", status.st_mode);
}

int main(void) {
  umask(0);
  need(mkdir("base", 0755) == 0 && mkdir("base/in", 0755) == 0, "mkdir");
  make_file("outside", "");
  make_file("base/in/file", "");
  need(symlink("/in/file", "base/absolute") == 0 && symlink("in/file", "base/relative") == 0 &&
           symlink("../outside", "base/escaping") == 0,
       "symlink");
  base = open("base", O_RDONLY | O_DIRECTORY);
  beneath();
  sizes();
  strictness();
  return 0;
}
