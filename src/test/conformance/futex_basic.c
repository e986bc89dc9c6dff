// futex: wait, wake, requeue, bitsets, timeouts, errors, between threads and between processes.
#include "check.h"
#include <dirent.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>

static int word;
static int other;
static volatile int woken;

static long futex(int *address, int operation, int value, const void *timeout, int *second, int third) {
  return syscall(SYS_futex, address, operation, value, timeout, second, third);
}

static void *waiter(void *bits) {
  long result = bits == NULL ? futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0)
                             : futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (int)(intptr_t)bits);
  __atomic_add_fetch(&woken, result == 0, __ATOMIC_SEQ_CST);
  return NULL;
}

// How many threads of the process sleep.
static int sleepers(void) {
  int count = 0;
  DIR *tasks = opendir("/proc/self/task");
  need(tasks != NULL, "/proc/self/task");
  for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
    char path[300];
    char text[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/stat", task->d_name);
    int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, text, sizeof text - 1) > 0) {
      const char *name_end = strrchr(text, ')');
      count += name_end != NULL && name_end[2] == 'S';
    }
    close(fd);
  }
  closedir(tasks);
  return count;
}

static void start(pthread_t *threads, int count, int bits) {
  woken = 0;
  int before = sleepers();
  for (int i = 0; i < count; i++) {
    need(pthread_create(&threads[i], NULL, waiter, (void *)(intptr_t)bits) == 0, "pthread_create");
  }
  do {
    sleep_ms(30);
  } while (sleepers() < before + count);
}

static void join(pthread_t *threads, int count) {
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
  }
  say("woken %d", woken);
}

static void errors(void) {
  struct timespec zero = {0, 0};
  struct timespec wrong = {0, 1000000000};
  word = 0;
  SHOW(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAIT, 0, &zero, NULL, 0));
  SHOW(futex(&word, FUTEX_WAIT, 0, &wrong, NULL, 0));
  SHOW(futex(&word, FUTEX_WAIT, 1, bad_pointer(), NULL, 0));
  SHOW(futex((int *)((char *)&word + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
  SHOW(futex(bad_pointer(), FUTEX_WAIT, 0, NULL, NULL, 0));
  SHOW(futex(bad_pointer(), FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
  SHOW(futex(bad_pointer(), FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE, 0, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
  SHOW(futex(&word, 99, 0, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5));
  SHOW(futex(&word, FUTEX_REQUEUE, -1, (void *)1, &other, 0));
  SHOW(futex(&word, FUTEX_FD, 0, NULL, NULL, 0));
}

static void timeouts(void) {
  struct timespec rest = {0, 20000000};
  struct timespec before = monotonic();
  SHOW(futex(&word, FUTEX_WAIT, 0, &rest, NULL, 0));
  CHECK(elapsed_ms(&before) >= 20);
  struct timespec until = monotonic();
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  before = monotonic();
  SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &until, NULL, -1));
  CHECK(elapsed_ms(&before) >= 19);
  struct timespec past = {1, 0};
  SHOW(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, -1));
  SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, -1));
}

static void waking(void) {
  pthread_t threads[4];
  start(threads, 4, 0);
  SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0));
  join(threads, 4);
  start(threads, 2, 1);
  start(threads + 2, 2, 2);
  SHOW(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 4));
  SHOW(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 2));
  SHOW(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 3));
  join(threads, 4);
}

static void requeueing(void) {
  pthread_t threads[4];
  start(threads, 4, 0);
  SHOW(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2, &other, 0));
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
  SHOW(futex(&other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
  join(threads, 4);
  start(threads, 3, 0);
  // Set other to 7 if it is 5; wake one of word, and one of other if it was less than 6.
  other = 5;
  SHOW(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1, &other,
             FUTEX_OP(FUTEX_OP_ADD, 2, FUTEX_OP_CMP_LT, 6)));
  say("other %d", other);
  SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
  join(threads, 3);
}

// Wakes the child that is about to wait, as often as it takes.
static void wake(int *address) {
  long result = 0;
  for (int tries = 0; result == 0 && tries < 5000; tries++) {
    sleep_ms(1);
    result = futex(address, FUTEX_WAKE, 10, NULL, NULL, 0);
  }
  say("woken: %ld", result);
}

static void between_processes(void) {
  int *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    _exit(futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 3 : 4);
  }
  wake(shared);
  reap("child", child);
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  need(ftruncate(fd, PAGE) == 0, "ftruncate");
  int *one = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  child = fork();
  if (child == 0) {
    int *two = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    _exit(futex(two + 3, FUTEX_WAIT, 0, NULL, NULL, 0) == 0 ? 3 : 4);
  }
  wake(one + 3);
  reap("by another map of the file", child);
}

int main(void) {
  errors();
  timeouts();
  waking();
  requeueing();
  between_processes();
  return 0;
}
