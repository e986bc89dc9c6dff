// Waiters that are moved to a futex with an owner: the first becomes it, the others wait in turn; errors, time, signals.
#include "check.h"
#include <linux/futex.h>
#include <limits.h>
#include <pthread.h>

static uint32_t *from, *to;

static long await_move(uint32_t value, struct timespec *when, int flags) {
  return syscall(SYS_futex, from, FUTEX_WAIT_REQUEUE_PI | flags, value, when, to, 0);
}

static long move(int woken, long moved, uint32_t value) {
  return syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PI_PRIVATE, woken, moved, to, value);
}

static long simple(uint32_t *word, int operation, uint32_t value) {
  return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static uint32_t self(void) {
  return (uint32_t)syscall(SYS_gettid);
}

static struct timespec in_ms(int clock, long ms) {
  struct timespec now;
  clock_gettime(clock, &now);
  now.tv_nsec += ms * 1000000;
  now.tv_sec += now.tv_nsec / 1000000000;
  now.tv_nsec %= 1000000000;
  return now;
}

static void *waiter(void *name) {
  long result = await_move(0, NULL, FUTEX_PRIVATE_FLAG);
  int error = errno;
  if (result == 0) {
    say("%s owns: %d, more wait: %d", (char *)name, (*to & FUTEX_TID_MASK) == self(), (*to & FUTEX_WAITERS) != 0);
    need(simple(to, FUTEX_UNLOCK_PI, 0) == 0, "unlock");
  } else {
    say("%s: %s", (char *)name, error_name(error));
  }
  return NULL;
}

static void *timed(void *unused) {
  (void)unused;
  struct timespec when = in_ms(CLOCK_MONOTONIC, 500);
  SHOW(await_move(0, &when, FUTEX_PRIVATE_FLAG));
  return NULL;
}

static pthread_t start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  need(pthread_create(&thread, NULL, body, argument) == 0, "pthread_create");
  sleep_ms(150);
  return thread;
}

static void errors(void) {
  struct timespec soon = in_ms(CLOCK_MONOTONIC, 20), odd = {0, -1};
  SHOW(await_move(1, NULL, FUTEX_PRIVATE_FLAG));
  SHOW(await_move(0, &soon, FUTEX_PRIVATE_FLAG));
  SHOW(await_move(0, &odd, FUTEX_PRIVATE_FLAG));
  soon = in_ms(CLOCK_REALTIME, 20);
  SHOW(await_move(0, &soon, FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME));
  SHOW(syscall(SYS_futex, from, FUTEX_WAIT_REQUEUE_PI, 0, &soon, from, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_WAIT_REQUEUE_PI, 0, &soon, bad_pointer(), 0));
  SHOW(syscall(SYS_futex, bad_pointer(), FUTEX_WAIT_REQUEUE_PI, 0, &soon, to, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_WAIT_REQUEUE_PI, 0, &soon, (char *)to + 1, 0));
  SHOW(move(1, 0, 0));
  SHOW(move(1, 0, 1));
  SHOW(move(0, 0, 0));
  SHOW(move(2, 0, 0));
  SHOW(move(-1, 0, 0));
  SHOW(move(1, -1, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PI, 1, 1L, from, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PI, 1, 1L, bad_pointer(), 0));
  SHOW(syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PI | FUTEX_CLOCK_REALTIME, 1, 1L, to, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
}

// The waiter prints; what the call says is printed when it has done so.
static void moved(long most, pthread_t waiter) {
  long count = move(1, most, 0);
  pthread_join(waiter, NULL);
  say("moved or woken: %ld", count);
}

static void free_owner(void) {
  pthread_t one = start(waiter, "one");
  pthread_t two = start(waiter, "two");
  SHOW(simple(from, FUTEX_WAKE, 1));
  SHOW(syscall(SYS_futex, from, FUTEX_REQUEUE_PRIVATE, 0, 1L, to, 0));
  SHOW(syscall(SYS_futex, from, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, 1L, to + 1, 0));
  moved(0, one);
  moved(INT_MAX, two);
  say("word %u", *to & FUTEX_TID_MASK);
}

static void owned(void) {
  *to = 0;
  SHOW(simple(to, FUTEX_LOCK_PI, 0));
  pthread_t threads[3] = {start(waiter, "first"), start(waiter, "second"), start(waiter, "third")};
  SHOW(move(1, 1, 0));
  CHECK(*to == (self() | FUTEX_WAITERS));
  SHOW(simple(to, FUTEX_WAKE, 1));
  SHOW(move(1, INT_MAX, 0));
  SHOW(move(1, INT_MAX, 0));
  need(simple(to, FUTEX_UNLOCK_PI, 0) == 0, "unlock");
  for (int i = 0; i < 3; i++) {
    pthread_join(threads[i], NULL);
  }
  say("word %u", *to & FUTEX_TID_MASK);
}

static void out_of_time(void) {
  *to = 0;
  SHOW(simple(to, FUTEX_LOCK_PI, 0));
  pthread_t thread = start(timed, NULL);
  SHOW(move(1, 1, 0));
  pthread_join(thread, NULL);
  SHOW(simple(to, FUTEX_UNLOCK_PI, 0));
}

static void *plain(void *unused) {
  (void)unused;
  return (void *)simple(from, FUTEX_WAIT, 0);
}

static void mixed(void) {
  *to = 0;
  pthread_t thread = start(plain, NULL);
  SHOW(move(1, 1, 0));
  SHOW(simple(from, FUTEX_WAKE, 1));
  pthread_join(thread, NULL);
  thread = start(waiter, "a dead owner's");
  *to = 1 << 28;
  SHOW(move(1, 1, 0));
  *to = 0;
  moved(1, thread);
}

static void nothing(int number) {
  (void)number;
}

static void interrupted(void) {
  struct sigaction action = {.sa_handler = nothing};
  need(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
  *to = 0;
  pthread_t thread = start(waiter, "after a signal");
  need(pthread_kill(thread, SIGUSR1) == 0, "pthread_kill");
  sleep_ms(100);
  *from = 1;
  need(pthread_kill(thread, SIGUSR1) == 0, "pthread_kill");
  pthread_join(thread, NULL);
  *from = 0;
  SHOW(simple(to, FUTEX_LOCK_PI, 0));
  thread = start(waiter, "moved, then a signal");
  SHOW(move(1, 1, 0));
  need(pthread_kill(thread, SIGUSR1) == 0, "pthread_kill");
  pthread_join(thread, NULL);
  SHOW(simple(to, FUTEX_UNLOCK_PI, 0));
}

int main(void) {
  uint32_t words[4] = {0};
  from = &words[0];
  to = &words[1];
  errors();
  free_owner();
  owned();
  out_of_time();
  mixed();
  interrupted();
  return 0;
}
