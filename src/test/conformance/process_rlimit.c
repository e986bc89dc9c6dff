// Resource limits: reading, setting, who may raise, prlimit of others, and that some are enforced.
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>

static void show_limit(const char *what, int resource) {
  struct rlimit limit;
  need(getrlimit(resource, &limit) == 0, "getrlimit");
  char soft[24] = "infinity";
  char hard[24] = "infinity";
  if (limit.rlim_cur != RLIM_INFINITY) {
    snprintf(soft, sizeof soft, "%lu", limit.rlim_cur);
  }
  if (limit.rlim_max != RLIM_INFINITY) {
    snprintf(hard, sizeof hard, "%lu", limit.rlim_max);
  }
  say("%s: %s %s", what, soft, hard);
}

static int set(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit limit = {soft, hard};
  return setrlimit(resource, &limit);
}

static void setting(void) {
  SHOW(set(RLIMIT_NPROC, 100, 200));
  show_limit("nproc", RLIMIT_NPROC);
  SHOW(set(RLIMIT_NPROC, 201, 200));
  SHOW(set(RLIMIT_NPROC, 300, 400));
  SHOW(set(RLIMIT_CORE, 0, RLIM_INFINITY));
  show_limit("core", RLIMIT_CORE);
  SHOW(set(99, 0, 0));
  SHOW(set(-1, 0, 0));
  SHOW(setrlimit(RLIMIT_CORE, bad_pointer()));
  SHOW(getrlimit(RLIMIT_CORE, bad_pointer()));
  SHOW(set(RLIMIT_NOFILE, 1, 1L << 40));
  struct rlimit old;
  struct rlimit fresh = {50, 60};
  SHOW(prlimit(0, RLIMIT_NICE, &fresh, &old));
  show_limit("nice", RLIMIT_NICE);
  SHOW(prlimit(getpid(), RLIMIT_NICE, NULL, &old));
  say("old %lu %lu", old.rlim_cur, old.rlim_max);
  SHOW(prlimit(1 << 29, RLIMIT_NICE, NULL, &old));
}

static void ordinary(void) {
  become_ordinary();
  SHOW(set(RLIMIT_NPROC, 100, 300));
  SHOW(set(RLIMIT_NPROC, 500, 500));
  SHOW(set(RLIMIT_NPROC, 300, 300));
  SHOW(set(RLIMIT_NPROC, 301, 300));
  SHOW(prlimit(getppid(), RLIMIT_NPROC, NULL, &(struct rlimit){0, 0}));
}

static void inherited(void) {
  show_limit("the child's nice", RLIMIT_NICE);
}

static void processes(void) {
  // Root is not bound by it.
  need(setresuid(4321, 4321, 4321) == 0, "setresuid");
  SHOW(set(RLIMIT_NPROC, 3, 3));
  int made = 0;
  for (int i = 0; i < 5; i++) {
    pid_t child = fork();
    if (child == 0) {
      for (;;) {
        pause();
      }
    }
    made += child > 0;
    if (child < 0) {
      say("fork: %s", error_name(errno));
    }
  }
  say("made %d", made);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  while (wait(NULL) > 0) {
  }
}

static void in_own_group(void) {
  setpgid(0, 0);
  processes();
}

static void processor(void) {
  need(set(RLIMIT_CORE, 0, 0) == 0, "setrlimit");
  SHOW(set(RLIMIT_CPU, 1, 2));
  for (volatile long i = 0;; i++) {
  }
}

static void space(void) {
  SHOW(set(RLIMIT_AS, 64 << 20, 64 << 20));
  SHOW(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  SHOW(malloc(1 << 20) != NULL);
}

// Uses so much of the stack, a page at a time.
__attribute__((noinline)) static long descend(long bytes) {
  volatile char frame[PAGE];
  frame[0] = 1;
  return bytes <= 0 ? 0 : descend(bytes - (long)sizeof frame) + frame[0];
}

static void small_stack(void) {
  SHOW(set(RLIMIT_STACK, 1 << 20, RLIM_INFINITY));
  CHECK(descend(1 << 19) > 0);
  CHECK(descend(2 << 20) > 0);
}

static void large_stack(void) {
  SHOW(set(RLIMIT_STACK, 64 << 20, RLIM_INFINITY));
  CHECK(descend(32 << 20) > 0);
  in_child("a grandchild", small_stack);
}

int main(void) {
  need(setrlimit(RLIMIT_NPROC, &(struct rlimit){200, 200}) == 0, "setrlimit");
  setting();
  in_child("ordinary", ordinary);
  in_child("inherited", inherited);
  in_child("processes", in_own_group);
  in_child("processor", processor);
  in_child("space", space);
  in_child("small stack", small_stack);
  in_child("large stack", large_stack);
  return 0;
}
