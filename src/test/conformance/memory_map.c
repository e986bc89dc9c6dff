// mmap and munmap: flags, errors, fixed and overlapping maps, what a hole does, MAP_FIXED_NOREPLACE.
#include "check.h"
#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)

static void *map(const char *what, void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  errno = 0;
  void *result = mmap(at, length, protection, flags, fd, offset);
  say("%s: %s", what, result == MAP_FAILED ? error_name(errno) : at == NULL ? "mapped"
                      : result == at ? "there" : "elsewhere");
  return result;
}

static bool is_mapped(void *page) {
  unsigned char state;
  return mincore(page, 1, &state) == 0;
}

static void errors(void) {
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  need(ftruncate(fd, 3 * PAGE) == 0, "ftruncate");
  int reader = open("file", O_RDONLY);
  int writer = open("file", O_WRONLY);
  map("no length", NULL, 0, RW, PRIVATE, -1, 0);
  map("neither shared nor private", NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0);
  map("no descriptor", NULL, PAGE, RW, MAP_PRIVATE, -1, 0);
  map("closed descriptor", NULL, PAGE, RW, MAP_PRIVATE, 99, 0);
  map("odd offset", NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 5);
  map("offset behind the end", NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1L << 30);
  map("overflowing offset", NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, INT64_MAX & -PAGE);
  map("too long", NULL, (size_t)-PAGE, RW, PRIVATE, -1, 0);
  map("longer than the address space", NULL, 1UL << 47, RW, PRIVATE, -1, 0);
  map("odd fixed address", (void *)0x10000001, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
  map("fixed beyond user space", (void *)0x7ffffffff000, 2 * PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
  map("shared writable of a reader", NULL, PAGE, RW, MAP_SHARED, reader, 0);
  map("shared readable of a reader", NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
  map("private writable of a reader", NULL, PAGE, RW, MAP_PRIVATE, reader, 0);
  map("of a writer", NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0);
  int directory = open(".", O_RDONLY);
  map("of a directory", NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, 0);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  map("of a pipe", NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0);
  map("anonymous ignores the descriptor", NULL, PAGE, RW, PRIVATE, 99, 0);
  map("shared_validate", NULL, PAGE, RW, MAP_SHARED_VALIDATE, fd, 0);
  SHOW(munmap((void *)1, PAGE));
  SHOW(munmap(NULL, 0));
  SHOW(munmap((void *)PAGE, 0));
  SHOW(munmap((void *)0x10000000, PAGE));
  SHOW(munmap((void *)-PAGE, PAGE));
}

static void overlaps(void) {
  char *base = map("five pages", NULL, 5 * PAGE, RW, PRIVATE, -1, 0);
  memset(base, 'a', 5 * PAGE);
  map("the middle", base + PAGE, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
  say("%c %d %c", base[0], base[PAGE], base[2 * PAGE]);
  SHOW(munmap(base + 3 * PAGE, PAGE));
  say("mapped: %d %d %d", is_mapped(base + 2 * PAGE), is_mapped(base + 3 * PAGE), is_mapped(base + 4 * PAGE));
  map("fixed noreplace, occupied", base + 2 * PAGE, 2 * PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0);
  map("fixed noreplace, free", base + 3 * PAGE, PAGE, RW, PRIVATE | MAP_FIXED_NOREPLACE, -1, 0);
  map("over all", base, 5 * PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
  say("%d %d", base[0], base[4 * PAGE]);
  SHOW(munmap(base + PAGE, 100));
  say("mapped: %d %d %d", is_mapped(base), is_mapped(base + PAGE), is_mapped(base + 2 * PAGE));
  SHOW(munmap(base, 5 * PAGE));
  SHOW(munmap(base, 5 * PAGE));
  map("a hint that is free", base, PAGE, RW, PRIVATE, -1, 0);
  munmap(base, PAGE);
}

static void low(void) {
  void *result = mmap((void *)PAGE, PAGE, RW, PRIVATE | MAP_FIXED, -1, 0);
  CHECK(result == (void *)PAGE || errno == EPERM);
  void *below = mmap(NULL, PAGE, RW, PRIVATE | MAP_32BIT, -1, 0);
  CHECK(below != MAP_FAILED && (uintptr_t)below < 1UL << 31);
}

static void protection(void) {
  char *page = map("none", NULL, PAGE, PROT_NONE, PRIVATE, -1, 0);
  SHOW(mprotect(page, PAGE, PROT_READ));
  SHOW(write(open("/dev/null", O_WRONLY), page, 1));
  SHOW(mprotect(page + 1, PAGE, PROT_READ));
  SHOW(mprotect(page, 0, PROT_READ));
  SHOW(mprotect(page, PAGE, 0x100));
  SHOW(mprotect(page, 1UL << 40, PROT_READ));
  SHOW(mprotect((void *)0x10000000, PAGE, PROT_READ));
  int reader = open("file", O_RDONLY);
  char *shared = map("shared", NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
  SHOW(mprotect(shared, PAGE, RW));
  char *private = map("private", NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 0);
  SHOW(mprotect(private, PAGE, RW));
  private[0] = 'p';
  say("%d %c", shared[0], private[0]);
}

int main(void) {
  errors();
  overlaps();
  low();
  protection();
  return 0;
}
