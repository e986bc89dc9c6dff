// Daemons: a child that makes a grandchild and ends at once, before that has begun to run.
#include "check.h"
#include <sys/prctl.h>

#define ROUNDS 40

int main(void) {
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  int right = 0;
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      pid_t grandchild = fork();
      _exit(grandchild == 0 ? 6 : grandchild > 0 ? 5 : 1);
    }
    int one = 0;
    int two = 0;
    need(waitpid(child, &one, 0) == child, "waitpid");
    need(waitpid(-1, &two, 0) > 0, "waitpid");
    right += WEXITSTATUS(one) == 5 && WEXITSTATUS(two) == 6;
  }
  say("%d of %d", right, ROUNDS);
  SHOW(waitpid(-1, NULL, 0));
  return 0;
}
