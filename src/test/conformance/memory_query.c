// PROCMAP_QUERY: one mapping of /proc/PID/maps by its address, and what a query may look like.
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "check.h"

struct query {
  uint64_t size, flags, address, start, end, access, page, offset, inode;
  uint32_t major, minor, name_size, build_size;
  uint64_t name, build, more[2];
};

#define QUERY _IOWR('f', 17, char[104])

enum { READABLE = 1, WRITABLE = 2, EXECUTABLE = 4, SHARED = 8, OR_NEXT = 16, FILE_BACKED = 32 };

static int fd;
static char *base;

static long at(struct query *query, const void *address, uint64_t flags) {
  memset(query, 0, sizeof *query);
  query->size = 104;
  query->flags = flags;
  query->address = (uintptr_t)address;
  return ioctl(fd, QUERY, query);
}

static void show_at(const char *what, const void *address, uint64_t flags) {
  struct query query;
  if (at(&query, address, flags) != 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  say("%s: %+ld..%+ld access %lx page %lu offset %#lx file %d", what, (long)(query.start - (uintptr_t)base) / PAGE,
      (long)(query.end - (uintptr_t)base) / PAGE, (long)query.access, (long)query.page, (long)query.offset,
      query.inode != 0);
}

static void found(int file) {
  show_at("first", base, 0);
  show_at("within", base + PAGE + 17, 0);
  show_at("none", base + 2 * PAGE, 0);
  show_at("next", base + 2 * PAGE, OR_NEXT);
  show_at("shared", base + 3 * PAGE, 0);
  show_at("writable", base, WRITABLE);
  show_at("not writable", base + 3 * PAGE, WRITABLE);
  show_at("next writable", base + 3 * PAGE, WRITABLE | OR_NEXT);
  show_at("next executable", base, EXECUTABLE | OR_NEXT);
  show_at("file", base, FILE_BACKED);
  show_at("next file", base, FILE_BACKED | OR_NEXT);
  show_at("next private file", base + 4 * PAGE, FILE_BACKED | WRITABLE | OR_NEXT);
  show_at("next shared", base, SHARED | OR_NEXT);
  show_at("the lowest", NULL, 0);
  show_at("beyond all", (void *)-PAGE, 0);
  show_at("beyond all", (void *)-PAGE, OR_NEXT);
  show_at("the gate", (void *)0xffffffffff600000, OR_NEXT);
  struct query query;
  need(at(&query, base + 3 * PAGE, 0) == 0, "query");
  struct stat stat;
  need(fstat(file, &stat) == 0, "fstat");
  CHECK(query.inode == stat.st_ino);
  CHECK(query.major == major(stat.st_dev) && query.minor == minor(stat.st_dev));
}

static void named(const char *what, const void *address, unsigned size) {
  char text[PAGE] = "untouched";
  struct query query = {.size = 104, .address = (uintptr_t)address, .name = (uintptr_t)text, .name_size = size};
  int result = ioctl(fd, QUERY, &query);
  char *slash = strrchr(text, '/');
  if (result < 0) {
    say("%s: %s, %s", what, error_name(errno), text);
  } else {
    say("%s: %s, right size %d", what, slash == NULL ? text : slash, query.name_size == strlen(text) + 1);
  }
}

static void sizes(void) {
  for (uint64_t size = 8; size <= 128; size += 8) {
    struct query query = {.size = size, .address = (uintptr_t)base};
    long result = ioctl(fd, QUERY, &query);
    say("size %ld: %s start %d page %ld", (long)size, result < 0 ? error_name(errno) : "0",
        query.start == (uintptr_t)base, (long)query.page);
  }
  struct query query = {.size = 112, .address = (uintptr_t)base, .more = {1, 0}};
  SHOW(ioctl(fd, QUERY, &query));
  query.size = PAGE + 1;
  SHOW(ioctl(fd, QUERY, &query));
  query.size = 104;
  query.flags = 64;
  SHOW(ioctl(fd, QUERY, &query));
  query.flags = 0;
  query.name_size = 8;
  SHOW(ioctl(fd, QUERY, &query));
  query.name = 16;
  SHOW(ioctl(fd, QUERY, &query) == -1 ? errno == EFAULT : query.name_size == 0);
  query.name_size = 0;
  SHOW(ioctl(fd, QUERY, &query));
  query.name = 0;
  query.build_size = 20;
  SHOW(ioctl(fd, QUERY, &query));
  SHOW(ioctl(fd, QUERY, NULL));
  SHOW(ioctl(fd, _IOWR('f', 18, char[104]), &query));
  int other = open("/proc/self/smaps", O_RDONLY);
  SHOW(ioctl(other, QUERY, &query));
  close(other);
}

int main(void) {
  fd = open("/proc/self/maps", O_RDONLY);
  // Two private pages, a hole, a shared page of a file, a private one of it, a shared page of none.
  base = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(base, 16 * PAGE);
  base += 4 * PAGE;
  mmap(base, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int file = open("mapped file", O_RDWR | O_CREAT, 0600);
  need(ftruncate(file, 8 * PAGE) == 0, "ftruncate");
  mmap(base + 3 * PAGE, PAGE, PROT_READ, MAP_FIXED | MAP_SHARED, file, 2 * PAGE);
  mmap(base + 5 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE, file, PAGE);
  mmap(base + 7 * PAGE, PAGE, PROT_READ | PROT_EXEC, MAP_FIXED | MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  found(file);
  named("anonymous", base, 64);
  named("file", base + 3 * PAGE, PAGE);
  named("file, too short", base + 3 * PAGE, 4);
  named("stack", __builtin_frame_address(0), 8);
  named("stack, too short", __builtin_frame_address(0), 7);
  sizes();
  unlink("mapped file");
  named("file, unlinked", base + 3 * PAGE, PAGE);
  pid_t child = fork();
  if (child == 0) {
    pause();
  }
  await_sleep(child);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", child);
  fd = open(path, O_RDONLY);
  show_at("of a child", base, 0);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  show_at("of nobody", base, 0);
  return 0;
}
