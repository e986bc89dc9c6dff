// Daemons: a child that makes a grandchild and ends at once, or becomes another program, before that
// has begun to run.
#include "check.h"
#include <sys/prctl.h>

#define ROUNDS 40

static void by_exit(void) { _exit(5); }

static void by_signal(void) { kill(getpid(), SIGKILL); }

static void by_program(void) { execl("/proc/self/exe", "again", (char *)NULL); }

static void rounds(const char *what, void (*end)(void), int status) {
  int right = 0;
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      pid_t grandchild = fork();
      if (grandchild > 0) {
        end();
      }
      _exit(grandchild == 0 ? 6 : 1);
    }
    int one = 0;
    int two = 0;
    need(waitpid(child, &one, 0) == child, "waitpid");
    need(waitpid(-1, &two, 0) > 0, "waitpid");
    right += one == status && WEXITSTATUS(two) == 6;
  }
  say("%s: %d of %d", what, right, ROUNDS);
}

int main(UNUSED int argc, char **argv) {
  if (strcmp(argv[0], "again") == 0) {
    return 5;
  }
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  rounds("exit", by_exit, 5 << 8);
  rounds("signal", by_signal, SIGKILL);
  rounds("program", by_program, 5 << 8);
  SHOW(waitpid(-1, NULL, 0));
  return 0;
}
