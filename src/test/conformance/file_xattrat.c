// setxattrat and its like: paths, descriptors, symlinks, sizes of their struct, flags, errors.
#include "check.h"
#include <limits.h>

#define SET 463
#define GET 464
#define LIST 465
#define REMOVE 466
#define CREATE 1
#define REPLACE 2

struct arguments {
  uint64_t value;
  uint32_t size;
  uint32_t flags;
};

static char text[256];

static struct arguments of(const void *value, uint32_t size, uint32_t flags) {
  return (struct arguments){(uintptr_t)value, size, flags};
}

static long set(int directory, const char *path, unsigned at, const char *name, struct arguments arguments) {
  return syscall(SET, directory, path, at, name, &arguments, sizeof arguments);
}

static long get(int directory, const char *path, unsigned at, const char *name, struct arguments arguments) {
  return syscall(GET, directory, path, at, name, &arguments, sizeof arguments);
}

static void sizes(void) {
  char page[2 * PAGE] = {0};
  struct arguments arguments = of("x", 1, 0);
  memcpy(page, &arguments, sizeof arguments);
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, 15L));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, 0L));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, PAGE));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, PAGE + 1));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, LONG_MAX));
  page[20] = 1;
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, 24L));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", page, 20L));
  SHOW(syscall(SET, AT_FDCWD, "file", 0, "user.a", bad_pointer(), 16L));
  SHOW(syscall(GET, AT_FDCWD, "file", 0, "user.a", bad_pointer(), 16L));
  SHOW(syscall(GET, AT_FDCWD, "file", 0, "user.a", page, 8L));
  SHOW(syscall(GET, AT_FDCWD, "file", 0, "user.a", page, 24L));
}

static void values(int directory) {
  int file = openat(directory, "file", O_RDONLY);
  int path = openat(directory, "file", O_PATH);
  SHOW(set(directory, "file", 0, "user.one", of("first", 5, CREATE)));
  SHOW(set(directory, "file", 0, "user.one", of("first", 5, CREATE)));
  SHOW(set(directory, "file", 0, "user.two", of("second", 6, REPLACE)));
  SHOW(set(directory, "file", 0, "user.two", of("second", 6, 4)));
  SHOW(set(file, "", AT_EMPTY_PATH, "user.two", of("second", 6, 0)));
  SHOW(set(file, NULL, AT_EMPTY_PATH, "user.two", of("2nd", 3, 0)));
  SHOW(set(path, "", AT_EMPTY_PATH, "user.two", of("2nd", 3, 0)));
  SHOW(set(file, "", 0, "user.two", of("2nd", 3, 0)));
  SHOW(set(file, NULL, 0, "user.two", of("2nd", 3, 0)));
  SHOW(set(99, "", AT_EMPTY_PATH, "user.two", of("2nd", 3, 0)));
  SHOW(set(99, "file", 0, "user.two", of("2nd", 3, 0)));
  SHOW(set(file, "file", 0, "user.two", of("2nd", 3, 0)));
  SHOW(set(directory, "none", 0, "user.two", of("2nd", 3, 0)));
  SHOW(set(AT_FDCWD, "", AT_EMPTY_PATH, "user.here", of("cwd", 3, 0)));
  SHOW(get(AT_FDCWD, ".", 0, "user.here", of(text, sizeof text, 0)));
  SHOW(get(directory, "file", 0, "user.two", of(text, sizeof text, 0)));
  say("%.3s", text);
  SHOW(get(directory, "file", 0, "user.two", of(NULL, 0, 0)));
  SHOW(get(directory, "file", 0, "user.two", of(text, 2, 0)));
  SHOW(get(directory, "file", 0, "user.two", of(bad_pointer(), 10, 0)));
  SHOW(get(directory, "file", 0, "user.two", of(text, 10, CREATE)));
  SHOW(get(directory, "file", 0, "user.none", of(text, 10, 0)));
  SHOW(get(file, "", AT_EMPTY_PATH, "user.one", of(text, 10, 0)));
  SHOW(get(path, "", AT_EMPTY_PATH, "user.one", of(text, 10, 0)));
  SHOW(get(AT_FDCWD, "link", 0, "user.one", of(text, 10, 0)));
  SHOW(get(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, "user.one", of(text, 10, 0)));
  SHOW(set(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, "user.one", of("x", 1, 0)));
  SHOW(set(AT_FDCWD, "file", AT_SYMLINK_FOLLOW, "user.one", of("x", 1, 0)));
  SHOW(set(AT_FDCWD, "file", 0, "", of("x", 1, 0)));
  SHOW(set(AT_FDCWD, "file", 0, bad_pointer(), of("x", 1, 0)));
  SHOW(set(AT_FDCWD, "file", 0, "odd.one", of("x", 1, 0)));
  SHOW(set(AT_FDCWD, "file", 0, "user.one", of("x", 65537, 0)));
  SHOW(set(AT_FDCWD, "file", 0, "user.one", of(bad_pointer(), 3, 0)));
  SHOW(syscall(LIST, directory, "file", 0, text, sizeof text));
  SHOW(syscall(LIST, file, "", AT_EMPTY_PATH, NULL, 0L));
  SHOW(syscall(LIST, path, "", AT_EMPTY_PATH, NULL, 0L));
  SHOW(syscall(LIST, directory, "file", 0, text, 3L));
  SHOW(syscall(LIST, directory, "file", 0x8000, text, 3L));
  SHOW(syscall(LIST, directory, "file", 0, bad_pointer(), 100L));
  SHOW(syscall(REMOVE, directory, "file", 0, "user.one"));
  SHOW(syscall(REMOVE, directory, "file", 0, "user.one"));
  SHOW(syscall(REMOVE, file, "", AT_EMPTY_PATH, "user.two"));
  SHOW(syscall(REMOVE, path, "", AT_EMPTY_PATH, "user.two"));
  SHOW(syscall(REMOVE, directory, "file", 1, "user.two"));
  SHOW(syscall(REMOVE, directory, bad_pointer(), 0, "user.two"));
}

int main(void) {
  need(close(open("file", O_CREAT | O_RDWR, 0644)) == 0, "file");
  need(symlink("file", "link") == 0, "link");
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  sizes();
  values(directory);
  return 0;
}
