// sigaction: flags, what a handler sees, what is refused, what fork and exec keep.
#include "check.h"
#include <ucontext.h>

static volatile sig_atomic_t depth;
static volatile sig_atomic_t deepest;
static volatile sig_atomic_t calls;

static void nested(int number) {
  calls++;
  depth++;
  if (depth > deepest) {
    deepest = depth;
  }
  if (calls < 3) {
    raise(number);
  }
  depth--;
}

static void nodefer(void) {
  struct sigaction action = {.sa_handler = nested};
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  say("deferred: calls %d, deepest %d", calls, deepest);
  calls = deepest = 0;
  action.sa_flags = SA_NODEFER;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  say("SA_NODEFER: calls %d, deepest %d", calls, deepest);
  calls = deepest = 0;
  sigaddset(&action.sa_mask, SIGUSR1);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  say("SA_NODEFER and in its mask: calls %d, deepest %d", calls, deepest);
}

static void count(int number) {
  (void)number;
  calls++;
}

static void resethand(void) {
  calls = 0;
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESETHAND};
  sigaction(SIGURG, &action, NULL);
  raise(SIGURG);
  raise(SIGURG);
  sigaction(SIGURG, NULL, &action);
  say("SA_RESETHAND: calls %d, default again %d, flag kept %d", calls, action.sa_handler == SIG_DFL,
      !!(action.sa_flags & SA_RESETHAND));
}

static void mask_seen(int number) {
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  say("in %s: USR1 %d, USR2 %d, TERM %d, KILL %d", signal_name(number), sigismember(&mask, SIGUSR1),
      sigismember(&mask, SIGUSR2), sigismember(&mask, SIGTERM), sigismember(&mask, SIGKILL));
}

static void masks(void) {
  struct sigaction action = {.sa_handler = mask_seen};
  sigaddset(&action.sa_mask, SIGTERM);
  sigaddset(&action.sa_mask, SIGKILL);
  sigaction(SIGUSR2, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR2);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(SIGUSR2);
  mask_seen(0);
  sigaction(SIGUSR2, NULL, &action);
  say("KILL in the stored mask: %d", sigismember(&action.sa_mask, SIGKILL));
}

// A handler may change the mask that its return puts back.
static void change_mask(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGTERM);
  sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGSTOP);
}

static void changed_mask(void) {
  struct sigaction action = {.sa_sigaction = change_mask, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  say("after: TERM %d, STOP %d", sigismember(&mask, SIGTERM), sigismember(&mask, SIGSTOP));
  sigemptyset(&mask);
  sigprocmask(SIG_SETMASK, &mask, NULL);
}

// A handler may also change the registers.
static void change_registers(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_R12] = 4711;
}

static void registers(void) {
  struct sigaction action = {.sa_sigaction = change_registers, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  long result;
  long pid = getpid();
  __asm__ volatile(
      "mov $1, %%r12\n"
      "mov $62, %%eax\n"
      "mov %1, %%rdi\n"
      "mov $10, %%esi\n"
      "syscall\n"
      "mov %%r12, %0\n"
      : "=r"(result)
      : "r"(pid)
      : "rax", "rcx", "r11", "rdi", "rsi", "r12", "memory");
  say("r12 is %ld", result);
}

static void refusals(void) {
  struct sigaction action = {.sa_handler = count};
  SHOW(sigaction(SIGKILL, &action, NULL));
  SHOW(sigaction(SIGSTOP, &action, NULL));
  SHOW(sigaction(SIGKILL, NULL, &action));
  SHOW(sigaction(0, NULL, &action));
  SHOW(sigaction(65, NULL, &action));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, bad_pointer(), NULL, 8));
  SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, bad_pointer(), 8));
  sigset_t set;
  SHOW(syscall(SYS_rt_sigprocmask, 99, NULL, &set, 8));
  SHOW(syscall(SYS_rt_sigprocmask, 99, &set, NULL, 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad_pointer(), NULL, 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, bad_pointer(), 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 8));
  SHOW(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 16));
  SHOW(syscall(SYS_rt_sigsuspend, bad_pointer(), 8));
  SHOW(syscall(SYS_rt_sigsuspend, &set, 3));
}

static void suspended(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGUSR1, count);
  calls = 0;
  raise(SIGUSR1);
  sigset_t none;
  sigemptyset(&none);
  SHOW(sigsuspend(&none));
  sigprocmask(SIG_BLOCK, NULL, &set);
  say("calls %d, blocked again %d", calls, sigismember(&set, SIGUSR1));
  sigemptyset(&set);
  sigprocmask(SIG_SETMASK, &set, NULL);
}

static void defaults(int number) {
  pid_t child = fork();
  if (child == 0) {
    signal(number, SIG_DFL);
    raise(number);
    _exit(7);
  }
  reap(signal_name(number), child);
}

int main(void) {
  nodefer();
  resethand();
  masks();
  changed_mask();
  registers();
  refusals();
  suspended();
  int numbers[] = {SIGHUP,  SIGINT,  SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM,   SIGTERM, SIGSTKFLT,
                   SIGCHLD, SIGCONT, SIGURG,  SIGIO,   SIGPROF, SIGPWR,  SIGVTALRM, SIGWINCH};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    defaults(numbers[i]);
  }
  defaults(SIGRTMAX);
  return 0;
}
