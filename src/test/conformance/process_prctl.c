// prctl and its like: names, death signals, timer slack, personality.
#include "check.h"
#include <asm/prctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>

static void names(void) {
  char name[16] = "";
  SHOW(prctl(PR_SET_NAME, "a name that is too long", 0, 0, 0));
  SHOW(prctl(PR_GET_NAME, name, 0, 0, 0));
  say("%s", name);
  show_file("/proc/self/comm");
  SHOW(prctl(PR_SET_NAME, bad_pointer(), 0, 0, 0));
  SHOW(prctl(PR_GET_NAME, bad_pointer(), 0, 0, 0));
  int fd = open("/proc/self/comm", O_WRONLY);
  SHOW(write(fd, "written\n", 8));
  SHOW(prctl(PR_GET_NAME, name, 0, 0, 0));
  say("%s", name);
  pid_t child = fork();
  if (child == 0) {
    show_file("/proc/self/comm");
    _exit(0);
  }
  reap("child", child);
}

static void signals(void) {
  int number = -1;
  SHOW(prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0));
  say("%d", number);
  SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
  SHOW(prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0));
  say("%d", number);
  SHOW(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0));
  SHOW(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0));
}

static void slack_of_child(void) {
  SHOW(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_TIMERSLACK, 7, 0, 0, 0));
  SHOW(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
  SHOW(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
}

static void no_counter(void) {
  int state = 0;
  SHOW(prctl(PR_GET_TSC, &state, 0, 0, 0));
  say("tsc %d", state);
  SHOW(prctl(PR_SET_TSC, 7, 0, 0, 0));
  SHOW(prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0));
  SHOW(prctl(PR_GET_TSC, &state, 0, 0, 0));
  say("tsc %d", state);
  __builtin_ia32_rdtsc();
  say("still there");
}

// What the processor may guess is the processor's affair; that a thread can ask and choose is not.
static void speculation(void) {
  for (int kind = 0; kind < 5; kind++) {
    say("%d: %d", kind, prctl(PR_GET_SPECULATION_CTRL, kind, 0, 0, 0));
  }
  SHOW(prctl(PR_GET_SPECULATION_CTRL, -1, 0, 0, 0));
  SHOW(prctl(PR_GET_SPECULATION_CTRL, 0, 1, 0, 0));
  SHOW(prctl(PR_SET_SPECULATION_CTRL, 0, 2, 1, 0));
  SHOW(prctl(PR_SET_SPECULATION_CTRL, 1, 2, 0, 0));
  SHOW(prctl(PR_SET_SPECULATION_CTRL, 0, 32, 0, 0));
  SHOW(prctl(PR_SET_SPECULATION_CTRL, 4, 2, 0, 0));
  say("%d", prctl(PR_GET_SPECULATION_CTRL, 1, 0, 0, 0));
}

static void rest(void) {
  speculation();
  SHOW(prctl(PR_SET_TIMING, PR_TIMING_STATISTICAL, 0, 0, 0));
  SHOW(prctl(PR_SET_TIMING, PR_TIMING_TIMESTAMP, 0, 0, 0));
  SHOW(prctl(PR_SET_THP_DISABLE, 0, 1, 0, 0));
  SHOW(prctl(PR_GET_THP_DISABLE, 1, 1, 0, 0));
  SHOW(prctl(PR_GET_TSC, bad_pointer(), 0, 0, 0));
  in_child("no counter", no_counter);
  SHOW(prctl(PR_SET_TIMERSLACK, 12345, 0, 0, 0));
  SHOW(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
  in_child("slack of a child", slack_of_child);
  SHOW(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0));
  SHOW(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0));
  SHOW(prctl(4711, 0, 0, 0, 0));
  SHOW(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0);
  SHOW(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  SHOW(personality(0xffffffff));
  SHOW(personality(ADDR_NO_RANDOMIZE));
  SHOW(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
  SHOW(personality(PER_LINUX) == ADDR_NO_RANDOMIZE);
  unsigned long base = 1;
  SHOW(syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
  say("gs %lu", base);
  SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x1000));
  SHOW(syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
  say("gs %#lx", base);
  SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63));
  SHOW(syscall(SYS_arch_prctl, 0x9999, 0));
  SHOW(syscall(SYS_arch_prctl, ARCH_GET_FS, bad_pointer()));
}

int main(void) {
  names();
  signals();
  rest();
  return 0;
}
