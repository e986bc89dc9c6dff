// mlock(2) against RLIMIT_MEMLOCK: what counts, what is counted twice, and what a mapping may lock at once.
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>

static void set_limit(long pages) {
  struct rlimit limit = {(rlim_t)(pages * PAGE), (rlim_t)(pages * PAGE)};
  need(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit");
}

static char *fresh(long pages) {
  char *map = mmap(NULL, (size_t)(pages * PAGE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(map != MAP_FAILED, "mmap");
  return map;
}

static long locked_pages(void) {
  FILE *file = fopen("/proc/self/status", "r");
  char line[128];
  long kilobytes = -1;
  while (fgets(line, sizeof line, file) != NULL) {
    sscanf(line, "VmLck: %ld", &kilobytes);
  }
  fclose(file);
  return kilobytes / 4;
}

static void limited(void) {
  become_ordinary();
  set_limit(4);
  char *map = fresh(10);
  SHOW(mlock(map, 3 * PAGE));
  SHOW(mlock(map, 4 * PAGE));
  SHOW(mlock(map, 4 * PAGE));
  SHOW(mlock(map + 4 * PAGE, PAGE));
  SHOW(mlock(map + 2 * PAGE, 3 * PAGE));
  SHOW(mlock(map + 1, 4 * PAGE));
  SHOW(mlock(map, 0));
  SHOW(munlock(map + PAGE, PAGE));
  SHOW(mlock(map + 8 * PAGE, 2));
  say("locked %ld", locked_pages());
  SHOW(mlock(map + 10 * PAGE, PAGE));
  SHOW(munlock(map, 10 * PAGE));
  SHOW(mlock2(map, 4 * PAGE, MLOCK_ONFAULT));
  SHOW(mlock2(map, 5 * PAGE, MLOCK_ONFAULT));
  SHOW(mlock2(map, PAGE, 2));
  say("locked %ld", locked_pages());
  SHOW(munlock(map, 10 * PAGE));
  CHECK(mmap(NULL, 5 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED);
  say("%s", error_name(errno));
  CHECK(mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) != MAP_FAILED);
  say("locked %ld", locked_pages());
  SHOW(mlockall(MCL_CURRENT));
  SHOW(munlockall());
  say("locked %ld", locked_pages());
}

static void forbidden(void) {
  become_ordinary();
  set_limit(0);
  char *map = fresh(2);
  SHOW(mlock(map, PAGE));
  SHOW(mlock(map, 0));
  SHOW(munlock(map, PAGE));
  SHOW(mlockall(MCL_CURRENT));
  SHOW(mlockall(0));
  SHOW(mlockall(MCL_ONFAULT));
  SHOW(mlockall(8));
  SHOW(munlockall());
  CHECK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED);
  say("%s", error_name(errno));
}

// What is locked may grow within the limit only, wherever it goes.
static void growing(void) {
  become_ordinary();
  set_limit(4);
  char *map = fresh(2);
  char *free_to_grow = fresh(2);
  CHECK(mremap(free_to_grow, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
  SHOW(mlock(map, 2 * PAGE));
  SHOW(mremap(map, 2 * PAGE, 5 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  map = mremap(map, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
  CHECK(map != MAP_FAILED);
  say("locked %ld", locked_pages());
  SHOW(mremap(map, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  map = mremap(map, 4 * PAGE, PAGE, 0);
  say("locked %ld", locked_pages());
  char *other = fresh(2);
  CHECK(mremap(other, 2 * PAGE, 9 * PAGE, MREMAP_MAYMOVE) != MAP_FAILED);
}

static void powerful(void) {
  set_limit(0);
  char *map = fresh(8);
  SHOW(mlock(map, 8 * PAGE));
  say("locked %ld", locked_pages());
  munmap(map + 2 * PAGE, 3 * PAGE);
  say("locked %ld", locked_pages());
}

static void everything(void) {
  CHECK(locked_pages() == 0);
  SHOW(mlockall(MCL_CURRENT | MCL_FUTURE));
  CHECK(locked_pages() > 0);
  in_child_piped("a child has locked nothing", limited);
  SHOW(munlockall());
  CHECK(locked_pages() == 0);
}

int main(void) {
  in_child_piped("limited", limited);
  in_child_piped("forbidden", forbidden);
  in_child_piped("growing", growing);
  if (geteuid() == 0) {
    in_child_piped("powerful", powerful);
    in_child_piped("everything", everything);
  }
  return 0;
}
