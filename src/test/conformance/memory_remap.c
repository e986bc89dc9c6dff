// mremap's flags, msync and mprotect over holes, munmap's rules, fixed places.
#include "check.h"
#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)
#define MAP(call) SHOW((call) == MAP_FAILED ? -1 : 0)

static char *fresh(int pages) {
  char *map = mmap(NULL, (size_t)(pages * PAGE), RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(map != MAP_FAILED, "mmap");
  return map;
}

static void unmapping(void) {
  char *map = fresh(4);
  SHOW(munmap(map + 1, PAGE));
  SHOW(munmap(map, 0));
  SHOW(munmap(map + PAGE, 1));
  SHOW(munmap(map + PAGE, PAGE));
  SHOW(munmap(map, 4 * PAGE));
  SHOW(munmap(map, 4 * PAGE));
  SHOW(munmap((void *)-PAGE, PAGE));
}

static void protecting(void) {
  char *map = fresh(4);
  munmap(map + 2 * PAGE, PAGE);
  SHOW(mprotect(map, 4 * PAGE, PROT_READ));
  SHOW(mprotect(map + 1, PAGE, PROT_READ));
  SHOW(mprotect(map, 0, PROT_READ));
  SHOW(mprotect(map, PAGE, 0x100));
  SHOW(mprotect(map, PAGE, PROT_GROWSDOWN | PROT_GROWSUP));
  SHOW(mprotect((void *)0x10000000, PAGE, PROT_READ));
  SHOW(msync(map, 4 * PAGE, MS_SYNC));
  SHOW(msync(map, 2 * PAGE, MS_ASYNC));
  SHOW(msync(map, PAGE, MS_ASYNC | MS_SYNC));
  SHOW(msync(map, 0, MS_SYNC));
  SHOW(msync(map, PAGE, 8));
  SHOW(msync(map, PAGE, MS_INVALIDATE));
  make_file("file", "contents");
  int fd = open("file", O_RDONLY);
  char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  SHOW(mprotect(shared, PAGE, RW));
  char *private = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
  SHOW(mprotect(private, PAGE, RW));
  private[0] = 'P';
  say("%.8s %.8s", private, shared);
}

static void moving(void) {
  char *map = fresh(3);
  strcpy(map, "first");
  strcpy(map + PAGE, "second");
  char *moved = mremap(map, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  CHECK(moved != MAP_FAILED && moved != map);
  say("moved \"%s\", left \"%s\"", moved, map);
  MAP(mremap(map, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
  MAP(mremap(map, PAGE, PAGE, MREMAP_DONTUNMAP));
  MAP(mremap(map, 0, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
  MAP(mremap(map, PAGE, PAGE, MREMAP_FIXED));
  MAP(mremap(map, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, map + 1));
  MAP(mremap(map, 5 * PAGE, 6 * PAGE, MREMAP_MAYMOVE));
  char *wide = fresh(8);
  strcpy(wide + 7 * PAGE, "end");
  CHECK(mremap(wide + 4 * PAGE, 4 * PAGE, PAGE, 0) == wide + 4 * PAGE);
  unsigned char state[8];
  SHOW(mincore(wide, 8 * PAGE, state));
  SHOW(mincore(wide, 5 * PAGE, state));
}

static void placing(void) {
  char *map = fresh(4);
  strcpy(map, "old");
  MAP(mmap(map, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
  say("\"%s\"", map);
  MAP(mmap(map + 1, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  MAP(mmap(map, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  say("\"%s\"", map);
  MAP(mmap(NULL, 0, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAP(mmap(NULL, PAGE, RW, MAP_ANONYMOUS, -1, 0));
  MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  MAP(mmap(NULL, (size_t)-1, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE, -1, 0));
  MAP(mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 100));
  MAP(mmap((void *)16, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  int fd = open("file", O_RDWR);
  MAP(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 100));
  MAP(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, -PAGE));
  MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100 * PAGE));
  MAP(mmap(NULL, PAGE, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0));
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, ends[0], 0));
  int directory = open(".", O_RDONLY);
  MAP(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, directory, 0));
}

int main(void) {
  unmapping();
  protecting();
  moving();
  placing();
  return 0;
}
