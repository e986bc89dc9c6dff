// link: -pie
// execve from a thread that is not the first: the others are gone, the process id stays.
#include "check.h"
#include <dirent.h>
#include <pthread.h>

static char *self;
static char pid_text[16];
static pthread_barrier_t ready;

static void *sleeper(void *argument) {
  pthread_barrier_wait(&ready);
  for (;;) {
    pause();
  }
  return argument;
}

static void *spinner(void *argument) {
  pthread_barrier_wait(&ready);
  for (volatile long i = 0;; i++) {
  }
  return argument;
}

static void *executor(void *argument) {
  pthread_barrier_wait(&ready);
  CHECK(syscall(SYS_gettid) != getpid());
  char *arguments[] = {self, pid_text, NULL};
  execv(self, arguments);
  say("execv: %s", error_name(errno));
  _exit(1);
  return argument;
}

static int after(const char *pid) {
  CHECK(getpid() == atoi(pid));
  CHECK(syscall(SYS_gettid) == getpid());
  DIR *tasks = opendir("/proc/self/task");
  need(tasks != NULL, "/proc/self/task");
  int count = 0;
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    count += entry->d_name[0] != '.';
  }
  closedir(tasks);
  say("%d thread", count);
  return 17;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    return after(argv[1]);
  }
  self = argv[0];
  pid_t child = fork();
  if (child == 0) {
    snprintf(pid_text, sizeof pid_text, "%d", getpid());
    pthread_barrier_init(&ready, NULL, 4);
    pthread_t threads[3];
    pthread_create(&threads[0], NULL, sleeper, NULL);
    pthread_create(&threads[1], NULL, spinner, NULL);
    pthread_create(&threads[2], NULL, executor, NULL);
    pthread_barrier_wait(&ready);
    for (;;) {
      pause();
    }
  }
  reap("the process", child);
  return 0;
}
