// sigaltstack: where handlers run, what the call refuses, the overflow of the ordinary stack.
#include "check.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define SIZE 65536

static char *stack;
static volatile sig_atomic_t inside;
static sigjmp_buf back;

static bool on_it(const void *address) {
  return (const char *)address >= stack && (const char *)address < stack + SIZE;
}

static void where(int number) {
  (void)number;
  char here;
  stack_t now;
  sigaltstack(NULL, &now);
  say("on the alternate stack %d, flags %d", on_it(&here), now.ss_flags);
  stack_t other = {.ss_sp = stack, .ss_size = SIZE};
  int result = sigaltstack(&other, NULL);
  say("changing it: %s", result == 0 ? "0" : error_name(errno));
  if (inside++ == 0) {
    raise(SIGUSR2);
  }
}

static void refusals(void) {
  stack_t wrong = {.ss_sp = stack, .ss_size = 1000};
  SHOW(sigaltstack(&wrong, NULL));
  wrong = (stack_t){.ss_sp = stack, .ss_size = SIZE, .ss_flags = 77};
  SHOW(sigaltstack(&wrong, NULL));
  SHOW(sigaltstack(bad_pointer(), NULL));
  SHOW(sigaltstack(NULL, bad_pointer()));
  SHOW(sigaltstack(NULL, NULL));
}

static void overflowed(int number, siginfo_t *info, void *context) {
  (void)context;
  char here;
  say("overflow: %s, code %d, on the alternate stack %d", signal_name(number), info->si_code,
      on_it(&here));
  siglongjmp(back, 1);
}

__attribute__((noinline)) static int deep(int level) {
  volatile char data[4096];
  data[0] = (char)level;
  return level == 0 ? 0 : deep(level - 1) + data[0];
}

static void overflow(void) {
  struct rlimit limit = {1 << 20, 1 << 20};
  setrlimit(RLIMIT_STACK, &limit);
  struct sigaction action = {.sa_sigaction = overflowed, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  stack_t mine = {.ss_sp = stack, .ss_size = SIZE};
  need(sigaltstack(&mine, NULL) == 0, "sigaltstack");
  if (sigsetjmp(back, 1) == 0) {
    say("depth %d", deep(1 << 20));
  } else {
    say("came back");
  }
  stack_t now;
  sigaltstack(NULL, &now);
  say("flags %d", now.ss_flags);
}

static void overflow_without(void) {
  struct rlimit limit = {1 << 20, 1 << 20};
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_STACK, &limit);
  setrlimit(RLIMIT_CORE, &none);
  stack_t off = {.ss_flags = SS_DISABLE};
  sigaltstack(&off, NULL);
  struct sigaction action = {.sa_sigaction = overflowed, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  say("depth %d", deep(1 << 20));
}

// A return from no handler, with a frame where nothing can be read.
static void return_to_nowhere(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  __asm__ volatile("mov $0x1000, %%rsp; mov $15, %%eax; syscall" : : : "memory");
}

// The same with a frame that says that its floating-point state is where nothing can be read.
static void return_without_state(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  static unsigned long frame[512];
  frame[28] = 0x1000;
  __asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall" : : "r"(frame) : "memory");
}

static void in_fork(void) {
  stack_t now;
  sigaltstack(NULL, &now);
  say("the child's: same place %d, flags %d", now.ss_sp == stack, now.ss_flags);
}

int main(void) {
  stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  stack_t old;
  SHOW(sigaltstack(NULL, &old));
  say("at first: flags %d, size %zu", old.ss_flags, old.ss_size);
  refusals();
  stack_t mine = {.ss_sp = stack, .ss_size = SIZE};
  SHOW(sigaltstack(&mine, &old));
  SHOW(sigaltstack(NULL, &old));
  say("now: flags %d, size %zu, right place %d", old.ss_flags, old.ss_size, old.ss_sp == stack);
  struct sigaction action = {.sa_handler = where};
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR2, &action, NULL);
  inside = 1;
  raise(SIGUSR1);
  inside = 0;
  raise(SIGUSR2);
  in_child("child", in_fork);
  stack_t off = {.ss_flags = SS_DISABLE};
  SHOW(sigaltstack(&off, &old));
  say("before: flags %d", old.ss_flags);
  inside = 1;
  raise(SIGUSR2);
  in_child("overflow", overflow);
  in_child("overflow without", overflow_without);
  in_child("return to nowhere", return_to_nowhere);
  in_child("return without state", return_without_state);
  // SS_AUTODISARM: no alternate stack while a handler runs on it.
  mine.ss_flags = 1U << 31;
  SHOW(sigaltstack(&mine, NULL));
  inside = 1;
  raise(SIGUSR2);
  SHOW(sigaltstack(NULL, &old));
  say("size afterwards %zu", old.ss_size);
  return 0;
}
