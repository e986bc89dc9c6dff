// More vforks than a process can have threads, whose children execute a program or are killed.
#include "check.h"

#define ROUNDS 4300

static char *self;
static int round_number;

static void child(void) {
  if (round_number % 2 != 0) {
    kill(getpid(), SIGKILL);
  }
  execl(self, self, "end", (char *)NULL);
  _exit(9);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    return 0;
  }
  self = argv[0];
  for (; round_number < ROUNDS; round_number++) {
    pid_t pid = vfork();
    if (pid == 0) {
      child();
    }
    need(pid > 0, "vfork");
    int status;
    need(waitpid(pid, &status, 0) == pid, "waitpid");
    need(status == (round_number % 2 != 0 ? SIGKILL : 0), "the child's end");
  }
  say("%d rounds", ROUNDS);
  return 0;
}
