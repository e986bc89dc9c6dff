// What survives execve and what does not.
#include "check.h"
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static void handler(int number) { (void)number; }

static const char *disposition(int number) {
  struct sigaction action;
  sigaction(number, NULL, &action);
  return action.sa_handler == SIG_DFL ? "default" : action.sa_handler == SIG_IGN ? "ignored" : "handled";
}

static int after(const char *pid) {
  CHECK(getpid() == atoi(pid));
  say("USR1 %s, USR2 %s, INT %s", disposition(SIGUSR1), disposition(SIGUSR2), disposition(SIGINT));
  sigset_t set;
  sigprocmask(SIG_BLOCK, NULL, &set);
  say("TERM blocked %d, HUP blocked %d", sigismember(&set, SIGTERM), sigismember(&set, SIGHUP));
  sigpending(&set);
  say("TERM pending %d", sigismember(&set, SIGTERM));
  say("umask %03o", umask(0));
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  say("RLIMIT_NOFILE %ld", (long)limit.rlim_cur);
  stack_t stack;
  sigaltstack(NULL, &stack);
  say("alternate stack flags %d", stack.ss_flags);
  struct itimerval timer;
  getitimer(ITIMER_REAL, &timer);
  say("real timer runs: %d", timer.it_value.tv_sec > 0);
  say("alarm is set: %d", alarm(0) > 0);
  SHOW(fcntl(20, F_GETFL) & O_ACCMODE);
  SHOW(lseek(20, 0, SEEK_CUR));
  SHOW(fcntl(21, F_GETFD));
  SHOW(access("marker", F_OK));
  say("nice %d", getpriority(PRIO_PROCESS, 0));
  say("keep caps %d, dumpable %d, no new privileges %d", prctl(PR_GET_KEEPCAPS),
      prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  int number = -1;
  prctl(PR_GET_PDEATHSIG, &number);
  say("death signal %d", number);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 1) {
    return after(argv[1]);
  }
  signal(SIGUSR1, SIG_IGN);
  signal(SIGUSR2, handler);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGTERM);
  umask(027);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 77;
  setrlimit(RLIMIT_NOFILE, &limit);
  stack_t stack = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
  sigaltstack(&stack, NULL);
  alarm(1000);
  make_file("marker", "0123456789");
  int fd = open("marker", O_RDWR);
  lseek(fd, 7, SEEK_SET);
  dup2(fd, 20);
  dup3(fd, 21, O_CLOEXEC);
  close(fd);
  setpriority(PRIO_PROCESS, 0, 3);
  prctl(PR_SET_KEEPCAPS, 1);
  prctl(PR_SET_PDEATHSIG, SIGHUP);
  prctl(PR_SET_NAME, "renamed");
  char pid[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  char *arguments[] = {argv[0], pid, NULL};
  execv(argv[0], arguments);
  say("execv: %s", error_name(errno));
  return 1;
}
