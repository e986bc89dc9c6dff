// Futexes that name their owner: locking, waiting in turn, time running out, owners that die, mutexes on top.
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>

static uint32_t *word;

static long futex(int operation, uint32_t value, const struct timespec *timeout) {
  return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

static uint32_t self(void) {
  return (uint32_t)syscall(SYS_gettid);
}

// Of the thread that was started last; 0 until it runs.
static volatile pid_t newest;

static void *locker(void *argument) {
  int *order = argument;
  newest = (pid_t)self();
  need(futex(FUTEX_LOCK_PI, 0, NULL) == 0, "lock");
  say("taken as %d, by me %d, more wait %d", *order, (*word & FUTEX_TID_MASK) == self(), !!(*word & FUTEX_WAITERS));
  need(futex(FUTEX_UNLOCK_PI, 0, NULL) == 0, "unlock");
  return NULL;
}

// Starts a thread, and waits until it sleeps.
static void await_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
  newest = 0;
  need(pthread_create(thread, NULL, body, argument) == 0, "pthread_create");
  while (newest == 0) {
    sleep_ms(1);
  }
  await_thread_sleep(newest);
}

static void single(void) {
  *word = 0;
  SHOW(futex(FUTEX_LOCK_PI, 0, NULL));
  CHECK(*word == self());
  SHOW(futex(FUTEX_LOCK_PI, 0, NULL));
  SHOW(futex(FUTEX_TRYLOCK_PI, 0, NULL));
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  say("word %u", *word);
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  SHOW(futex(FUTEX_TRYLOCK_PI, 0, NULL));
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  *word = FUTEX_OWNER_DIED;
  SHOW(futex(FUTEX_LOCK_PI, 0, NULL));
  CHECK(*word == (self() | FUTEX_OWNER_DIED));
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  *word = 1 << 28;
  SHOW(futex(FUTEX_LOCK_PI, 0, NULL));
  *word = 1 << 28;
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  *word = 0;
  struct timespec odd = {0, -1};
  SHOW(futex(FUTEX_LOCK_PI, 0, &odd));
  SHOW(syscall(SYS_futex, (char *)word + 1, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, bad_pointer(), FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, bad_pointer(), FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  SHOW(futex(FUTEX_UNLOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL));
}

static void in_turn(void) {
  *word = 0;
  need(futex(FUTEX_LOCK_PI, 0, NULL) == 0, "lock");
  pthread_t threads[3];
  int numbers[3] = {1, 2, 3};
  for (int i = 0; i < 3; i++) {
    await_thread(&threads[i], locker, &numbers[i]);
  }
  CHECK(*word == (self() | FUTEX_WAITERS));
  SHOW(futex(FUTEX_WAKE, 1, NULL));
  need(futex(FUTEX_UNLOCK_PI, 0, NULL) == 0, "unlock");
  for (int i = 0; i < 3; i++) {
    pthread_join(threads[i], NULL);
  }
  say("in the end %u", *word & FUTEX_TID_MASK);
}

static void *too_late(void *argument) {
  struct timespec when;
  clock_gettime(CLOCK_REALTIME, &when);
  SHOW(futex(FUTEX_LOCK_PI, 0, &when));
  when.tv_nsec += 50000000;
  if (when.tv_nsec >= 1000000000) {
    when.tv_nsec -= 1000000000;
    when.tv_sec++;
  }
  SHOW(futex(FUTEX_LOCK_PI, 0, &when));
  SHOW(futex(FUTEX_TRYLOCK_PI, 0, NULL));
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  return argument;
}

static void time_out(void) {
  *word = 0;
  need(futex(FUTEX_LOCK_PI, 0, NULL) == 0, "lock");
  pthread_t thread;
  need(pthread_create(&thread, NULL, too_late, NULL) == 0, "pthread_create");
  pthread_join(thread, NULL);
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
  say("word %u", *word);
}

static void *dies_with_it(void *argument) {
  need(futex(FUTEX_LOCK_PI, 0, NULL) == 0, "lock");
  // The first thread waits for the lock before long.
  while ((*(volatile uint32_t *)word & FUTEX_WAITERS) == 0) {
    sleep_ms(1);
  }
  return argument;
}

static void owner_dies(void) {
  *word = 0;
  pthread_t thread;
  need(pthread_create(&thread, NULL, dies_with_it, NULL) == 0, "pthread_create");
  while (*(volatile uint32_t *)word == 0) {
    sleep_ms(1);
  }
  SHOW(futex(FUTEX_LOCK_PI, 0, NULL));
  CHECK((*word & FUTEX_TID_MASK) == self());
  CHECK(*word & FUTEX_OWNER_DIED);
  pthread_join(thread, NULL);
  SHOW(futex(FUTEX_UNLOCK_PI, 0, NULL));
}

static pthread_mutex_t *mutex;

static void *use_mutex(void *counter) {
  for (int i = 0; i < 50; i++) {
    pthread_mutex_lock(mutex);
    int value = *(volatile int *)counter;
    sched_yield();
    *(volatile int *)counter = value + 1;
    pthread_mutex_unlock(mutex);
  }
  return NULL;
}

static void mutexes(int type, bool robust) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, type);
  SHOW_ERROR(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT));
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (robust) {
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  }
  SHOW_ERROR(pthread_mutex_init(mutex, &attributes));
  static int counter;
  counter = 0;
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) {
    pthread_create(&threads[i], NULL, use_mutex, &counter);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
  }
  say("counted %d", counter);
  SHOW_ERROR(pthread_mutex_lock(mutex));
  SHOW_ERROR(pthread_mutex_trylock(mutex));
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  if (type == PTHREAD_MUTEX_RECURSIVE) {
    SHOW_ERROR(pthread_mutex_unlock(mutex));
  }
  if (robust) {
    pid_t child = fork();
    if (child == 0) {
      pthread_mutex_lock(mutex);
      _exit(0);
    }
    reap("child", child);
    SHOW_ERROR(pthread_mutex_lock(mutex));
    SHOW_ERROR(pthread_mutex_consistent(mutex));
    SHOW_ERROR(pthread_mutex_unlock(mutex));
    SHOW_ERROR(pthread_mutex_lock(mutex));
    SHOW_ERROR(pthread_mutex_unlock(mutex));
  }
}

static void pages(void) {
  uint32_t *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(syscall(SYS_futex, none, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, none, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0));
  *word = 0;
  SHOW(syscall(SYS_futex, word, FUTEX_CMP_REQUEUE, 1, 1, none, 0));
  munmap(none, PAGE);
  SHOW(syscall(SYS_futex, none, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(syscall(SYS_futex, word, FUTEX_CMP_REQUEUE, 1, 1, none, 0));
}

int main(void) {
  word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  need(word != MAP_FAILED, "mmap");
  mutex = (pthread_mutex_t *)(word + 64);
  single();
  in_turn();
  time_out();
  owner_dies();
  mutexes(PTHREAD_MUTEX_NORMAL, false);
  mutexes(PTHREAD_MUTEX_ERRORCHECK, false);
  mutexes(PTHREAD_MUTEX_RECURSIVE, true);
  pages();
  return 0;
}
