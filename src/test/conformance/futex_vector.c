// Futexes with flags of their own: waiting for any of several, wakes, moves, words that name a node, errors, time, signals.
#include "check.h"
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>

#define SYS_waitv 449
#define SYS_wake 454
#define SYS_wait_one 455
#define SYS_move 456
#define U32 2
#define NUMA 4
#define MPOL 8
#define PRIVATE 128
#define ALL 0xffffffffUL

struct waiter {
  uint64_t value;
  uint64_t address;
  uint32_t flags;
  uint32_t reserved;
};

static uint32_t words[256] __attribute__((aligned(64)));

static struct waiter on(uint32_t *word, uint64_t value, uint32_t flags) {
  return (struct waiter){value, (uintptr_t)word, flags, 0};
}

static long waitv(struct waiter *list, unsigned count, unsigned flags, struct timespec *when, int clock) {
  return syscall(SYS_waitv, list, count, flags, when, clock);
}

static long wake(uint32_t *word, unsigned long mask, int count, unsigned flags) {
  return syscall(SYS_wake, word, mask, count, flags);
}

static long wait_one(uint32_t *word, unsigned long value, unsigned long mask, unsigned flags, struct timespec *when,
                     int clock) {
  return syscall(SYS_wait_one, word, value, mask, flags, when, clock);
}

static struct timespec in_ms(int clock, long ms) {
  struct timespec now;
  clock_gettime(clock, &now);
  now.tv_nsec += ms * 1000000;
  now.tv_sec += now.tv_nsec / 1000000000;
  now.tv_nsec %= 1000000000;
  return now;
}

static void errors_of_waitv(void) {
  struct waiter list[130];
  for (int i = 0; i < 130; i++) {
    list[i] = on(&words[i], 0, U32 | PRIVATE);
  }
  struct timespec soon = in_ms(CLOCK_MONOTONIC, 20), odd = {0, 1000000000}, negative = {-1, 0};
  SHOW(waitv(NULL, 1, 0, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, 0, 0, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, 129, 0, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, UINT_MAX, 0, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, 1, 1, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, 1, 0, &soon, CLOCK_BOOTTIME));
  SHOW(waitv(list, 1, 0, &odd, CLOCK_MONOTONIC));
  SHOW(waitv(list, 1, 0, &negative, CLOCK_REALTIME));
  SHOW(waitv(list, 1, 0, bad_pointer(), CLOCK_MONOTONIC));
  SHOW(waitv(bad_pointer(), 1, 0, &soon, CLOCK_MONOTONIC));
  SHOW(waitv(list, 128, 0, &soon, CLOCK_MONOTONIC));
  list[1].flags = 0;
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1].flags = 3 | PRIVATE;
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1].flags = U32 | 16;
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on(&words[1], 0, U32);
  list[1].reserved = 1;
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on(&words[1], 1ULL << 32, U32);
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on((uint32_t *)((char *)words + 2), 0, U32);
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on(bad_pointer(), 0, U32);
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1].flags = U32 | PRIVATE;
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on(&words[1], 7, U32);
  SHOW(waitv(list, 2, 0, &soon, CLOCK_MONOTONIC));
  list[1] = on(&words[1], 0, U32);
  soon = in_ms(CLOCK_REALTIME, 20);
  SHOW(waitv(list, 2, 0, &soon, CLOCK_REALTIME));
  SHOW(waitv(list, 2, 0, &negative, 77));
}

static void errors_of_the_others(void) {
  struct timespec soon = in_ms(CLOCK_MONOTONIC, 20);
  SHOW(wake(words, ALL, 1, 0));
  SHOW(wake(words, ALL, 1, U32 | 16));
  SHOW(wake(words, 0, 1, U32));
  SHOW(wake(words, 1UL << 32, 1, U32));
  SHOW(wake(words, ALL, 0, U32));
  SHOW(wake(words, ALL, INT_MIN, U32));
  SHOW(wake(bad_pointer(), ALL, 1, U32));
  SHOW(wake(bad_pointer(), ALL, 0, U32));
  SHOW(wake(bad_pointer(), ALL, 1, U32 | PRIVATE));
  SHOW(wake((uint32_t *)((char *)words + 1), ALL, 1, U32));
  SHOW(wait_one(words, 1, ALL, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 1UL << 32, ALL, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 0, 1UL << 32, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 0, 0, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 0, ALL, 1, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 0, ALL, U32, &soon, CLOCK_BOOTTIME));
  SHOW(wait_one(words, 0, ALL, U32, bad_pointer(), CLOCK_MONOTONIC));
  SHOW(wait_one(bad_pointer(), 0, ALL, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 0, ALL, U32, &soon, CLOCK_MONOTONIC));
  SHOW(wait_one(words, 1, ALL, U32, NULL, 99));
  struct waiter two[2] = {on(&words[0], 0, U32), on(&words[1], 0, U32)};
  SHOW(syscall(SYS_move, two, 1, 0, 0));
  SHOW(syscall(SYS_move, NULL, 0, 0, 0));
  SHOW(syscall(SYS_move, bad_pointer(), 0, 0, 0));
  SHOW(syscall(SYS_move, two, 0, -1, 0));
  SHOW(syscall(SYS_move, two, 0, 0, -1));
  SHOW(syscall(SYS_move, two, 0, 0, 0));
  two[0].value = 5;
  SHOW(syscall(SYS_move, two, 0, 1, 1));
  two[1].value = 1ULL << 40;
  SHOW(syscall(SYS_move, two, 0, 1, 1));
}

static void nodes(void) {
  uint32_t pair[2] __attribute__((aligned(8))) = {0, 0};
  SHOW(wake(pair, ALL, 1, U32 | NUMA));
  pair[1] = 0xffffffff;
  SHOW(wake(pair, ALL, 1, U32 | NUMA | PRIVATE));
  say("node %d", (int)pair[1]);
  pair[1] = 100000;
  SHOW(wake(pair, ALL, 1, U32 | NUMA));
  SHOW(wake(words + 1, ALL, 1, U32 | NUMA));
  pair[1] = 0xffffffff;
  SHOW(wait_one(pair, 1, ALL, U32 | NUMA | MPOL, NULL, 0));
  say("node %d", (int)pair[1]);
}

static struct waiter *waited;
static unsigned waited_count;

static void *any(void *unused) {
  (void)unused;
  return (void *)waitv(waited, waited_count, 0, NULL, 0);
}

static void *one(void *argument) {
  return (void *)wait_one(argument, 0, ALL, U32 | PRIVATE, NULL, 0);
}

static pthread_t start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  need(pthread_create(&thread, NULL, body, argument) == 0, "pthread_create");
  sleep_ms(200);
  return thread;
}

static void join(pthread_t thread) {
  void *result;
  need(pthread_join(thread, &result) == 0, "pthread_join");
  say("the waiter: %ld", (long)result);
}

static void wakes(void) {
  struct waiter list[4];
  for (int i = 0; i < 4; i++) {
    list[i] = on(&words[i], 0, U32 | PRIVATE);
  }
  waited = list;
  waited_count = 4;
  for (int i = 0; i < 4; i++) {
    pthread_t thread = start(any, NULL);
    SHOW(wake(&words[i], ALL, 1, U32));
    SHOW(wake(&words[i], ALL, 1, U32 | PRIVATE));
    join(thread);
    SHOW(wake(&words[3 - i], ALL, 1, U32 | PRIVATE));
  }
  // The same futex twice: both places are woken, and the last one counts.
  list[1] = list[0];
  waited_count = 2;
  pthread_t thread = start(any, NULL);
  SHOW(wake(&words[0], ALL, 2, U32 | PRIVATE));
  join(thread);
  // Moved to another futex, it is the same place.
  list[1] = on(&words[1], 0, U32 | PRIVATE);
  thread = start(any, NULL);
  struct waiter two[2] = {on(&words[1], 0, U32 | PRIVATE), on(&words[5], 0, U32 | PRIVATE)};
  SHOW(syscall(SYS_move, two, 0, 0, 1));
  SHOW(wake(&words[1], ALL, 1, U32 | PRIVATE));
  SHOW(wake(&words[5], ALL, 1, U32 | PRIVATE));
  join(thread);
  thread = start(one, &words[1]);
  SHOW(syscall(SYS_move, two, 0, 0, 3));
  SHOW(wake(&words[5], ALL, 1, U32 | PRIVATE));
  join(thread);
  thread = start(one, &words[1]);
  SHOW(syscall(SYS_move, two, 0, 1, 3));
  join(thread);
}

static void shared_memory(void) {
  uint32_t *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  need(shared != MAP_FAILED, "mmap");
  pid_t child = fork();
  if (child == 0) {
    struct waiter list[2] = {on(&words[0], 0, U32 | PRIVATE), on(&shared[1], 0, U32)};
    _exit((int)waitv(list, 2, 0, NULL, 0));
  }
  sleep_ms(200);
  SHOW(wake(&shared[0], ALL, 1, U32));
  SHOW(wake(&shared[1], ALL, 1, U32));
  reap("the child", child);
}

static void nothing(int number) {
  (void)number;
}

static void signals(int flags) {
  struct sigaction action = {.sa_handler = nothing, .sa_flags = flags};
  need(sigaction(SIGALRM, &action, NULL) == 0, "sigaction");
  struct waiter list[2] = {on(&words[0], 0, U32), on(&words[1], 0, U32)};
  long enough = flags == 0 ? 20000 : 300;
  ualarm(50000, 50000);
  struct timespec when = in_ms(CLOCK_MONOTONIC, enough);
  SHOW(waitv(list, 2, 0, &when, CLOCK_MONOTONIC));
  when = in_ms(CLOCK_MONOTONIC, enough);
  SHOW(wait_one(words, 0, ALL, U32, &when, CLOCK_MONOTONIC));
  if (flags == 0) {
    SHOW(waitv(list, 2, 0, NULL, 0));
  }
  ualarm(0, 0);
}

int main(void) {
  errors_of_waitv();
  errors_of_the_others();
  nodes();
  wakes();
  shared_memory();
  signals(0);
  signals(SA_RESTART);
  return 0;
}
