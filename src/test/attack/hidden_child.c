// Makes a host process that computes and never makes a call, and tells the sentry that it could not be made: nobody knows
// of it then, and it must not run until the sandbox ends.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub.h"

static volatile unsigned long *rounds;

static void attack(void) {
  struct mailbox *box = (struct mailbox *)STUB_SLOTS;
  if (forged_event(SIGSYS, forged_frame(SYS_fork, 0, 0, 0)) != ORDER_CLONE) {
    exit(1);
  }
  if (stub_syscall((long)box->calls[0].number, box->calls[0].args[0]) == 0) {
    for (;;) {
      ++*rounds;
    }
  }
  while (*rounds == 0) {
  }
  stub_hypercall(HYPER_DONE, -11, 0);
  exit(1);
}

int main(void) {
  rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  setvbuf(stdout, NULL, _IONBF, 0);
  pid_t attacker = fork();
  if (attacker == 0) {
    attack();
  }
  int status;
  waitpid(attacker, &status, 0);
  printf("who has lied: signal %d\n", WTERMSIG(status));
  unsigned long before = *rounds;
  printf("hidden: %s\n", before > 0 ? "it runs" : "there is none");
  for (int still = 0, tries = 0; still < 10 && tries < 300; tries++) {
    usleep(100000);
    still = *rounds == before ? still + 1 : 0;
    before = *rounds;
    if (still == 10) {
      printf("hidden: it has stopped\n");
    }
  }
  // There is room for others.
  for (int i = 0; i < 50; i++) {
    pid_t child = fork();
    if (child == 0) {
      _exit(0);
    }
    waitpid(child, &status, 0);
  }
  printf("others: %d\n", WEXITSTATUS(status));
  return 0;
}
