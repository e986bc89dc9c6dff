// sigtimedwait, sigwaitinfo, signalfd: taking signals without a handler.
#include "check.h"
#include <poll.h>
#include <sys/signalfd.h>

static void show_info(const char *what, int result, const siginfo_t *info) {
  if (result < 0) {
    say("%s: %s", what, error_name(errno));
  } else {
    say("%s: %s, code %d, value %d, mine %d", what, signal_name(result), info->si_code,
        info->si_code == SI_QUEUE ? info->si_value.sival_int : 0,
        info->si_code == SI_USER || info->si_code == SI_QUEUE ? info->si_pid == getpid() : -1);
  }
}

static volatile sig_atomic_t caught;

static void on_signal(int number) {
  (void)number;
  caught++;
}

static sigset_t set_of(int a, int b) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, a);
  sigaddset(&set, b);
  return set;
}

static void timed(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  siginfo_t info;
  struct timespec zero = {0, 0};
  struct timespec shortly = {0, 20000000};
  int result = sigtimedwait(&set, &info, &zero);
  show_info("nothing", result, &info);
  struct timespec before = monotonic();
  result = sigtimedwait(&set, &info, &shortly);
  show_info("nothing for 20 ms", result, &info);
  CHECK(elapsed_ms(&before) >= 19);
  union sigval value = {.sival_int = 42};
  sigqueue(getpid(), SIGUSR2, value);
  kill(getpid(), SIGUSR1);
  result = sigtimedwait(&set, &info, &zero);
  show_info("first", result, &info);
  result = sigtimedwait(&set, &info, &zero);
  show_info("second", result, &info);
  kill(getpid(), SIGUSR1);
  SHOW(sigwaitinfo(&set, NULL));
  struct timespec wrong = {0, 1000000000};
  result = sigtimedwait(&set, &info, &wrong);
  show_info("wrong time", result, &info);
  wrong = (struct timespec){-1, 0};
  result = sigtimedwait(&set, &info, &wrong);
  show_info("negative time", result, &info);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, NULL, &zero, 4));
  SHOW(syscall(SYS_rt_sigtimedwait, bad_pointer(), NULL, &zero, 8));
  kill(getpid(), SIGUSR1);
  SHOW(syscall(SYS_rt_sigtimedwait, &set, bad_pointer(), &zero, 8));
}

// What is ignored and was not held off is lost, though it is waited for.
static void ignored(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2);
  sigset_t first = set_of(SIGUSR1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  sigprocmask(SIG_UNBLOCK, &first, NULL);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGUSR2, SIG_IGN);
  pid_t waiting = getpid();
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    await_sleep(waiting);
    kill(waiting, SIGUSR1);
    kill(waiting, SIGUSR2);
    _exit(0);
  }
  siginfo_t info;
  int result = sigwaitinfo(&set, &info);
  show_info("ignored", result, &info);
  reap("sender", child);
}

static void waited_for(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    kill(parent, SIGUSR2);
    _exit(0);
  }
  siginfo_t info;
  CHECK(sigwaitinfo(&set, &info) == SIGUSR2);
  CHECK(info.si_pid == child);
  reap("sender", child);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGALRM, &action, NULL);
  // Again and again: the first may come before the wait has begun.
  ualarm(20000, 20000);
  struct timespec long_time = {10, 0};
  int result = sigtimedwait(&set, &info, &long_time);
  ualarm(0, 0);
  show_info("interrupted", result, &info);
  CHECK(caught > 0);
}

static void read_one(int fd) {
  struct signalfd_siginfo info;
  ssize_t count = read(fd, &info, sizeof info);
  if (count < 0) {
    say("read: %s", error_name(errno));
  } else {
    say("read %zd: %s, code %d, mine %d, int %d", count, signal_name((int)info.ssi_signo), info.ssi_code,
        info.ssi_pid == (uint32_t)getpid(), info.ssi_int);
  }
}

static void descriptors(void) {
  sigset_t set = set_of(SIGUSR1, SIGUSR2);
  int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD));
  read_one(fd);
  struct pollfd poller = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&poller, 1, 0));
  union sigval value = {.sival_int = 7};
  sigqueue(getpid(), SIGUSR1, value);
  kill(getpid(), SIGUSR2);
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  char small[16];
  SHOW(read(fd, small, sizeof small));
  struct signalfd_siginfo both[4];
  SHOW(read(fd, both, sizeof both));
  say("%s %s", signal_name((int)both[0].ssi_signo), signal_name((int)both[1].ssi_signo));
  read_one(fd);
  sigset_t only = set_of(SIGUSR2, SIGUSR2);
  SHOW(signalfd(fd, &only, 0) == fd);
  kill(getpid(), SIGUSR1);
  read_one(fd);
  kill(getpid(), SIGUSR2);
  read_one(fd);
  struct timespec zero = {0, 0};
  siginfo_t info;
  CHECK(sigtimedwait(&set, &info, &zero) == SIGUSR1);
  SHOW(write(fd, small, 8));
  SHOW(signalfd(-1, &set, 0x1));
  SHOW(signalfd(99, &set, 0));
  SHOW(signalfd(STDOUT_FILENO, &set, 0));
  SHOW(syscall(SYS_signalfd4, -1, &set, 4, 0));
  SHOW(syscall(SYS_signalfd4, -1, bad_pointer(), 8, 0));
  int blocking = signalfd(-1, &set, 0);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    kill(parent, SIGUSR1);
    _exit(0);
  }
  struct signalfd_siginfo one;
  SHOW(read(blocking, &one, sizeof one));
  CHECK(one.ssi_pid == (uint32_t)child);
  reap("sender", child);
}

int main(void) {
  in_child("who ignores", ignored);
  timed();
  waited_for();
  descriptors();
  return 0;
}
