// A child starts where its parent called fork, whatever handlers the parent runs meanwhile.
#include "check.h"

#define ROUNDS 100

static volatile sig_atomic_t handled;

static void count(int number) {
  (void)number;
  handled++;
}

static pid_t child(int status) {
  pid_t pid = fork();
  if (pid == 0) {
    _exit(status);
  }
  return pid;
}

int main(void) {
  struct sigaction action = {.sa_handler = count};
  sigaction(SIGCHLD, &action, NULL);
  int wrong = 0;
  for (int round = 0; round < ROUNDS; round++) {
    child(1);
    child(1);
    for (int left = 2; left > 0;) {
      int status;
      if (wait(&status) >= 0) {
        wrong += !WIFEXITED(status) || WEXITSTATUS(status) != 1;
        left--;
      }
    }
  }
  printf("%d children ended otherwise, handled: %s\n", wrong, handled > 0 ? "yes" : "no");
  return 0;
}
