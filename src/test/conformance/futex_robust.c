// Robust mutexes: the death of an owner, thread or process, is told to the next one.
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>

static pthread_mutex_t *mutex;

static void make(bool shared) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (shared) {
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  }
  pthread_mutex_init(mutex, &attributes);
}

static void *die_with_it(void *argument) {
  pthread_mutex_lock(mutex);
  return argument;
}

static void *take(void *argument) {
  SHOW_ERROR(pthread_mutex_lock(mutex));
  SHOW_ERROR(pthread_mutex_consistent(mutex));
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  return argument;
}

static void threads(void) {
  make(false);
  pthread_t thread;
  pthread_create(&thread, NULL, die_with_it, NULL);
  pthread_join(thread, NULL);
  SHOW_ERROR(pthread_mutex_trylock(mutex));
  SHOW_ERROR(pthread_mutex_consistent(mutex));
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  SHOW_ERROR(pthread_mutex_lock(mutex));
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  // Not made consistent: of no use any more.
  pthread_create(&thread, NULL, die_with_it, NULL);
  pthread_join(thread, NULL);
  SHOW_ERROR(pthread_mutex_lock(mutex));
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  SHOW_ERROR(pthread_mutex_lock(mutex));
}

static void processes(void) {
  make(true);
  pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(mutex);
    _exit(1);
  }
  reap("owner", child);
  SHOW_ERROR(pthread_mutex_lock(mutex));
  SHOW_ERROR(pthread_mutex_consistent(mutex));
  pthread_t thread;
  SHOW_ERROR(pthread_mutex_unlock(mutex));
  // A waiter is woken by a death through a signal too.
  int ready[2];
  need(pipe(ready) == 0, "pipe");
  child = fork();
  if (child == 0) {
    pthread_mutex_lock(mutex);
    need(write(ready[1], "x", 1) == 1, "write");
    for (;;) {
      pause();
    }
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  pthread_create(&thread, NULL, take, NULL);
  sleep_ms(30);
  kill(child, SIGKILL);
  pthread_join(thread, NULL);
  reap("killed", child);
}

static void calls(void) {
  void *head = NULL;
  size_t length = 0;
  SHOW(syscall(SYS_get_robust_list, 0, &head, &length));
  say("set %d, length %zu", head != NULL, length);
  SHOW(syscall(SYS_get_robust_list, 1 << 29, &head, &length));
  SHOW(syscall(SYS_get_robust_list, 0, bad_pointer(), &length));
  SHOW(syscall(SYS_set_robust_list, head, 7));
  SHOW(syscall(SYS_set_robust_list, head, 24));
}

int main(void) {
  mutex = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  calls();
  threads();
  processes();
  return 0;
}
