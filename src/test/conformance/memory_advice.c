// mremap, madvise, mincore, mlock, brk.
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>

#define RW (PROT_READ | PROT_WRITE)

static char *fresh(size_t pages) {
  char *map = mmap(NULL, pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(map != MAP_FAILED, "mmap");
  return map;
}

#define REMAP(call) SHOW((call) == MAP_FAILED ? -1 : 0)

static void moving(void) {
  char *map = fresh(4);
  memset(map, 'm', 4 * PAGE);
  char *same = mremap(map, 4 * PAGE, 2 * PAGE, 0);
  CHECK(same == map);
  same = mremap(map, 2 * PAGE, 2 * PAGE, 0);
  CHECK(same == map);
  char *wall = mmap(map + 2 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  need(wall != MAP_FAILED, "mmap");
  REMAP(mremap(map, 2 * PAGE, 3 * PAGE, 0));
  char *moved = mremap(map, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  CHECK(moved != map && moved != MAP_FAILED);
  say("%c %c %d", moved[0], moved[PAGE], moved[2 * PAGE]);
  unsigned char state;
  SHOW(mincore(map, PAGE, &state));
  char *target = fresh(8);
  char *there = mremap(moved, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE);
  CHECK(there == target + PAGE);
  say("%c %d", there[0], target[0]);
  REMAP(mremap(there, 3 * PAGE, 3 * PAGE, MREMAP_FIXED, target));
  REMAP(mremap(there, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, there + PAGE));
  REMAP(mremap(there + 1, PAGE, PAGE, 0));
  REMAP(mremap(there, PAGE, 0, 0));
  REMAP(mremap((void *)0x10000000, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
  REMAP(mremap(there, PAGE, PAGE, 0x100));
  REMAP(mremap(there, PAGE, 1UL << 47, MREMAP_MAYMOVE));
  // An old size of zero makes a second map of shared memory.
  char *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char *twin = mremap(shared, 0, PAGE, MREMAP_MAYMOVE);
  CHECK(twin != MAP_FAILED && twin != shared);
  shared[9] = 't';
  say("%c", twin[9]);
  REMAP(mremap(target, 0, PAGE, MREMAP_MAYMOVE));
}

static void advice(void) {
  char *map = fresh(4);
  memset(map, 'a', 4 * PAGE);
  SHOW(madvise(map + PAGE, PAGE, MADV_DONTNEED));
  say("%c %d %c", map[0], map[PAGE], map[2 * PAGE]);
  SHOW(madvise(map + 1, PAGE, MADV_DONTNEED));
  SHOW(madvise(map, 0, MADV_DONTNEED));
  SHOW(madvise(map, PAGE, 4711));
  SHOW(madvise(map, PAGE, MADV_WILLNEED));
  SHOW(madvise(map, PAGE, MADV_SEQUENTIAL));
  SHOW(madvise(map, PAGE, MADV_FREE));
  SHOW(madvise(map, PAGE, MADV_DONTFORK));
  SHOW(madvise(map, PAGE, MADV_DOFORK));
  munmap(map + 2 * PAGE, PAGE);
  SHOW(madvise(map, 4 * PAGE, MADV_DONTNEED));
  say("%d %d", map[0], map[3 * PAGE]);
  SHOW(madvise(map, -1UL, MADV_NORMAL));
  SHOW(madvise(map, -2 * PAGE, MADV_NORMAL));
  SHOW(madvise(map, 0, 4711));
  SHOW(madvise(map, PAGE, MADV_MERGEABLE));
  SHOW(madvise(map, 4 * PAGE, MADV_MERGEABLE));
  SHOW(madvise(map, PAGE, MADV_UNMERGEABLE));
  SHOW(madvise(map + 1, PAGE, MADV_UNMERGEABLE));
  SHOW(madvise(map, -1UL, MADV_UNMERGEABLE));
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  need(write(fd, "file", 4) == 4, "write");
  char *private = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
  private[0] = 'F';
  SHOW(madvise(private, PAGE, MADV_DONTNEED));
  say("%.4s", private);
  char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
  shared[0] = 'S';
  SHOW(madvise(shared, PAGE, MADV_DONTNEED));
  say("%.4s", shared);
}

static void forked(void) {
  char *kept = fresh(1);
  char *wiped = fresh(1);
  *kept = 'k';
  *wiped = 'w';
  SHOW(madvise(wiped, PAGE, MADV_WIPEONFORK));
  pid_t child = fork();
  if (child == 0) {
    say("kept %c, wiped %d", *kept, *wiped);
    _exit(0);
  }
  reap("child", child);
  say("the parent's %c", *wiped);
}

static void presence(void) {
  char *map = fresh(4);
  map[PAGE] = 1;
  unsigned char states[4] = {0};
  SHOW(mincore(map, 4 * PAGE, states));
  say("%d %d %d %d", states[0] & 1, states[1] & 1, states[2] & 1, states[3] & 1);
  SHOW(mincore(map + 1, PAGE, states));
  SHOW(mincore(map, PAGE, bad_pointer()));
  SHOW(mincore(map, 0, states));
  SHOW(mincore((void *)0x10000000, PAGE, states));
}

static void locking(void) {
  char *map = fresh(4);
  SHOW(mlock(map, PAGE));
  SHOW(munlock(map, PAGE));
  SHOW(mlock((void *)0x10000000, PAGE));
  SHOW(mlock2(map, PAGE, 0x100));
  SHOW(mlock2(map, PAGE, MLOCK_ONFAULT));
  SHOW(mlockall(0));
  SHOW(munlockall());
  become_ordinary();
  struct rlimit limit = {2 * PAGE, 2 * PAGE};
  need(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit");
  SHOW(mlock(map, 2 * PAGE));
  SHOW(mlock(map, 3 * PAGE));
  SHOW(munlock(map, 4 * PAGE));
  limit = (struct rlimit){0, 0};
  need(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit");
  SHOW(mlock(map, PAGE));
}

static void program_break(void) {
  char *now = (char *)syscall(SYS_brk, 0);
  CHECK((char *)syscall(SYS_brk, now + 3 * PAGE) == now + 3 * PAGE);
  now[2 * PAGE] = 'b';
  CHECK((char *)syscall(SYS_brk, now + PAGE) == now + PAGE);
  CHECK((char *)syscall(SYS_brk, now + 3 * PAGE) == now + 3 * PAGE);
  say("new again: %d", now[2 * PAGE]);
  CHECK((char *)syscall(SYS_brk, 1) == now + 3 * PAGE);
  CHECK((char *)syscall(SYS_brk, (1UL << 47)) == now + 3 * PAGE);
  CHECK((char *)syscall(SYS_brk, now) == now);
  struct rlimit limit = {1 << 20, 1 << 20};
  need(setrlimit(RLIMIT_DATA, &limit) == 0, "setrlimit");
  CHECK((char *)syscall(SYS_brk, now + (8 << 20)) == now);
  struct rlimit space = {1 << 20, 1 << 20};
  need(setrlimit(RLIMIT_AS, &space) == 0, "setrlimit");
  SHOW(mmap(NULL, 1 << 24, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

int main(void) {
  moving();
  advice();
  forked();
  presence();
  in_child("locking", locking);
  in_child("break", program_break);
  return 0;
}
