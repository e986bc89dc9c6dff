// SA_ flags together, signalfd's details, masks of waits: what a handler sees and what is left after it.
#include "check.h"
#include <poll.h>
#include <sys/select.h>
#include <sys/signalfd.h>

static volatile sig_atomic_t depth;
static volatile sig_atomic_t deepest;
static volatile sig_atomic_t masked;
static volatile sig_atomic_t again;

static void nested(int signal) {
  depth++;
  if (depth > deepest) {
    deepest = depth;
  }
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  masked = sigismember(&now, signal) | sigismember(&now, SIGUSR2) << 1;
  if (again) {
    again = 0;
    raise(signal);
  }
  depth--;
}

static void flags(const char *what, int value, bool also) {
  struct sigaction action = {.sa_handler = nested, .sa_flags = value};
  if (also) {
    sigaddset(&action.sa_mask, SIGUSR2);
  }
  deepest = 0;
  again = 1;
  need(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction");
  raise(SIGUSR1);
  struct sigaction left;
  sigaction(SIGUSR1, NULL, &left);
  say("%s: depth %d, masked %d, handler %s, flags %#x", what, (int)deepest, (int)masked,
      left.sa_handler == SIG_DFL ? "default" : "kept", (unsigned)left.sa_flags & ~0x04000000U);
}

static void actions(void) {
  flags("plain", 0, false);
  flags("with a mask", 0, true);
  flags("SA_NODEFER", SA_NODEFER, false);
  flags("SA_RESTART", SA_RESTART, true);
  struct sigaction once = {.sa_handler = nested, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
  sigaction(SIGUSR1, &once, NULL);
  raise(SIGUSR1);
  struct sigaction left;
  sigaction(SIGUSR1, NULL, &left);
  say("after SA_RESETHAND: %s, flags %#x", left.sa_handler == SIG_DFL ? "default" : "kept",
      (unsigned)left.sa_flags & ~0x04000000U);
  struct sigaction odd = {.sa_handler = SIG_IGN, .sa_flags = 0x00000800 | 0x400};
  SHOW(sigaction(SIGUSR1, &odd, NULL));
  sigaction(SIGUSR1, NULL, &left);
  say("unknown flags: %#x", (unsigned)left.sa_flags & ~0x04000000U);
  sigfillset(&odd.sa_mask);
  sigaction(SIGUSR1, &odd, NULL);
  sigaction(SIGUSR1, NULL, &left);
  say("mask has KILL %d, STOP %d, USR2 %d", sigismember(&left.sa_mask, SIGKILL),
      sigismember(&left.sa_mask, SIGSTOP), sigismember(&left.sa_mask, SIGUSR2));
}

static void one(int fd) {
  struct signalfd_siginfo info[3];
  ssize_t length = read(fd, info, sizeof info);
  if (length < 0) {
    say("signalfd: %s", error_name(errno));
    return;
  }
  for (int i = 0; i < (int)(length / (ssize_t)sizeof info[0]); i++) {
    say("signalfd: %s, code %d, own pid %d, value %d", signal_name((int)info[i].ssi_signo),
        info[i].ssi_code, info[i].ssi_pid == (uint32_t)getpid(), info[i].ssi_int);
  }
}

static void files(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGUSR1, SIG_DFL);
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD));
  one(fd);
  raise(SIGUSR1);
  raise(SIGUSR1);
  union sigval value = {.sival_int = 7};
  sigqueue(getpid(), SIGRTMIN, value);
  value.sival_int = 8;
  sigqueue(getpid(), SIGRTMIN, value);
  struct pollfd ready = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&ready, 1, 0));
  say("events %#x", (unsigned)ready.revents);
  char small[100];
  SHOW(read(fd, small, sizeof small));
  one(fd);
  one(fd);
  SHOW(signalfd(fd, &set, 0));
  sigdelset(&set, SIGUSR1);
  SHOW(signalfd(fd, &set, 0) == fd ? 0 : -1);
  raise(SIGUSR1);
  one(fd);
  SHOW(signalfd(STDOUT_FILENO, &set, 0));
  SHOW(signalfd(99, &set, 0));
  SHOW(signalfd(-1, &set, 1));
  SHOW(syscall(SYS_signalfd4, -1, &set, 4, 0));
  SHOW(syscall(SYS_signalfd4, -1, bad_pointer(), 8, 0));
  SHOW(write(fd, small, 1));
  struct timespec none = {0, 0};
  siginfo_t info;
  sigaddset(&set, SIGUSR1);
  SHOW(sigtimedwait(&set, &info, &none));
  SHOW(sigtimedwait(&set, &info, &none));
  close(fd);
}

static volatile sig_atomic_t count;

static void counted(int signal) {
  (void)signal;
  count++;
}

static void waits(void) {
  sigset_t blocked;
  sigset_t open_set;
  sigemptyset(&open_set);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  signal(SIGUSR2, counted);
  struct timespec long_time = {5, 0};
  struct timespec none = {0, 0};
  raise(SIGUSR2);
  SHOW(ppoll(NULL, 0, &none, &open_set));
  say("count %d", (int)count);
  raise(SIGUSR2);
  SHOW(ppoll(NULL, 0, &long_time, &open_set));
  say("count %d", (int)count);
  raise(SIGUSR2);
  SHOW(pselect(0, NULL, NULL, NULL, &long_time, &open_set));
  say("count %d", (int)count);
  int ends[2];
  need(pipe(ends) == 0 && write(ends[1], "x", 1) == 1, "pipe");
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  raise(SIGUSR2);
  SHOW(pselect(ends[0] + 1, &set, NULL, NULL, &long_time, &open_set));
  say("count %d", (int)count);
  sigset_t pending;
  sigpending(&pending);
  say("pending %d", sigismember(&pending, SIGUSR2));
  SHOW(sigsuspend(&open_set));
  say("count %d", (int)count);
  SHOW(syscall(SYS_rt_sigsuspend, &open_set, 4));
  SHOW(syscall(SYS_rt_sigsuspend, bad_pointer(), 8));
  SHOW(syscall(SYS_ppoll, NULL, 0, &none, &open_set, 4));
}

int main(void) {
  actions();
  files();
  waits();
  return 0;
}
