// link: -pie
// Threads: creation, join, thread-local storage, cancellation, signals to one thread, exit with threads.
#include "check.h"
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>

static __thread int local = 5;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;
static sem_t ready;

static void *add(void *argument) {
  for (int i = 0; i < 10000; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    pthread_mutex_unlock(&mutex);
  }
  local += (int)(intptr_t)argument;
  return (void *)(intptr_t)local;
}

static void joined(void) {
  pthread_t threads[8];
  long sum = 0;
  for (long i = 0; i < 8; i++) {
    need(pthread_create(&threads[i], NULL, add, (void *)i) == 0, "pthread_create");
  }
  for (int i = 0; i < 8; i++) {
    void *result;
    pthread_join(threads[i], &result);
    sum += (intptr_t)result;
  }
  say("counter %ld, sum %ld, my own %d", counter, sum, local);
}

static void *ping(void *argument) {
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < 100; i++) {
    while (counter % 2 == 0) {
      pthread_cond_wait(&condition, &mutex);
    }
    counter++;
    pthread_cond_broadcast(&condition);
  }
  pthread_mutex_unlock(&mutex);
  return argument;
}

static void in_turns(void) {
  counter = 0;
  pthread_t thread;
  pthread_create(&thread, NULL, ping, NULL);
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < 100; i++) {
    while (counter % 2 == 1) {
      pthread_cond_wait(&condition, &mutex);
    }
    counter++;
    pthread_cond_broadcast(&condition);
  }
  pthread_mutex_unlock(&mutex);
  pthread_join(thread, NULL);
  say("turns %ld", counter);
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  pthread_mutex_lock(&mutex);
  SHOW_ERROR(pthread_cond_timedwait(&condition, &mutex, &until));
  pthread_mutex_unlock(&mutex);
}

static void *sleeper(void *argument) {
  sem_post(&ready);
  for (;;) {
    pause();
  }
  return argument;
}

static void cancelled(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, sleeper, NULL);
  sem_wait(&ready);
  SHOW_ERROR(pthread_cancel(thread));
  void *result;
  pthread_join(thread, &result);
  say("cancelled %d", result == PTHREAD_CANCELED);
}

static volatile pid_t handler_thread;

static void on_signal(int number) {
  (void)number;
  handler_thread = (pid_t)syscall(SYS_gettid);
}

static pid_t tid;

static void *target(void *argument) {
  tid = (pid_t)syscall(SYS_gettid);
  sem_post(&ready);
  while (handler_thread == 0) {
    sleep_ms(1);
  }
  return argument;
}

static void signalled(void) {
  signal(SIGUSR1, on_signal);
  pthread_t thread;
  pthread_create(&thread, NULL, target, NULL);
  sem_wait(&ready);
  CHECK(tid != getpid());
  SHOW_ERROR(pthread_kill(thread, SIGUSR1));
  pthread_join(thread, NULL);
  CHECK(handler_thread == tid);
  // A process-wide signal goes to the one thread that does not block it.
  handler_thread = 0;
  pthread_create(&thread, NULL, target, NULL);
  sem_wait(&ready);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1);
  pthread_join(thread, NULL);
  CHECK(handler_thread == tid);
}

static int count_tasks(void) {
  DIR *tasks = opendir("/proc/self/task");
  int count = 0;
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    count += entry->d_name[0] != '.';
  }
  closedir(tasks);
  return count;
}

static void *exits(void *argument) {
  sem_post(&ready);
  sleep_ms(20);
  exit(23);
  return argument;
}

static void exit_by_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, sleeper, NULL);
  sem_wait(&ready);
  say("tasks %d", count_tasks());
  pthread_create(&thread, NULL, exits, NULL);
  for (;;) {
    pause();
  }
}

static void *outlives(void *argument) {
  sleep_ms(30);
  say("the leader is gone");
  return argument;
}

static void leader_leaves(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, outlives, NULL);
  pthread_exit(NULL);
}

static void *aborts(void *argument) {
  kill(getpid(), SIGTERM);
  for (;;) {
    pause();
  }
  return argument;
}

static void killed_with_threads(void) {
  pthread_t thread;
  for (int i = 0; i < 3; i++) {
    pthread_create(&thread, NULL, sleeper, NULL);
  }
  pthread_create(&thread, NULL, aborts, NULL);
  for (;;) {
    pause();
  }
}

static void *deep(void *argument) {
  volatile char data[100000];
  memset((char *)data, 1, sizeof data);
  return argument;
}

static void many(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 17);
  for (int i = 0; i < 300; i++) {
    pthread_t thread;
    need(pthread_create(&thread, &attributes, deep, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
  }
  say("many came and went, tasks %d", count_tasks());
}

int main(void) {
  sem_init(&ready, 0, 0);
  joined();
  in_turns();
  cancelled();
  signalled();
  many();
  in_child("exit by a thread", exit_by_thread);
  in_child("leader leaves", leader_leaves);
  in_child("killed", killed_with_threads);
  return 0;
}
