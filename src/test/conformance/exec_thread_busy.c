// execve from a thread that is not the first, while the others call the kernel and map files.
#include "check.h"
#include <pthread.h>
#include <sys/mman.h>

#define ROUNDS 100

static char *self;

static void *caller(void *argument) {
  for (;;) {
    syscall(SYS_getppid);
  }
  return argument;
}

static void *mapper(void *argument) {
  int fd = open(self, O_RDONLY);
  for (;;) {
    munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0), PAGE);
  }
  return argument;
}

static void *executor(void *argument) {
  usleep(1000);
  execl(self, self, "end", (char *)NULL);
  _exit(9);
  return argument;
}

static void child(int round) {
  pthread_t thread;
  pthread_create(&thread, NULL, caller, NULL);
  pthread_create(&thread, NULL, mapper, NULL);
  pthread_create(&thread, NULL, executor, NULL);
  if (round % 2 == 0) {
    caller(NULL);
  }
  mapper(NULL);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    return 17;
  }
  self = argv[0];
  int good = 0;
  for (int round = 0; round < ROUNDS; round++) {
    pid_t pid = fork();
    if (pid == 0) {
      child(round);
    }
    int status;
    waitpid(pid, &status, 0);
    good += WIFEXITED(status) && WEXITSTATUS(status) == 17;
  }
  say("%d of %d", good, ROUNDS);
  return 0;
}
