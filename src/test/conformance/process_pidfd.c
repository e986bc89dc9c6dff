// Processes as files: signals through them and through /proc, waiting without blocking.
#include "check.h"
#include <poll.h>
#include <sys/pidfd.h>

static int pidfd_signal(int fd, int number, siginfo_t *info, unsigned flags) {
  return (int)syscall(SYS_pidfd_send_signal, fd, number, info, flags);
}

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s code %d, from itself %d", signal_name(number), info->si_code, info->si_pid == getpid());
}

static pid_t sleeper(void) {
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    setpgid(0, 0);
    for (;;) {
      pause();
    }
  }
  setpgid(child, child);
  return child;
}

static void signals(void) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  setpgid(0, 0);
  int self = pidfd_open(getpid(), 0);
  need(self >= 0, "pidfd_open");
  SHOW(pidfd_signal(self, SIGUSR1, NULL, 0));
  SHOW(pidfd_signal(self, SIGUSR1, NULL, 1));
  SHOW(pidfd_signal(self, SIGUSR1, NULL, 2));
  SHOW(pidfd_signal(self, 0, NULL, 4));
  SHOW(pidfd_signal(self, SIGUSR1, NULL, 3));
  SHOW(pidfd_signal(self, SIGUSR1, NULL, 1 << 20));
  SHOW(pidfd_signal(self, 99, NULL, 0));
  SHOW(pidfd_signal(99, SIGUSR1, NULL, 0));
  SHOW(pidfd_signal(self, SIGUSR1, bad_pointer(), 0));
  siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE};
  info.si_pid = getpid();
  SHOW(pidfd_signal(self, SIGUSR1, &info, 0));
  SHOW(pidfd_signal(self, SIGUSR2, &info, 0));
  int directory = open("/proc/self", O_DIRECTORY | O_CLOEXEC);
  SHOW(pidfd_signal(directory, SIGUSR1, NULL, 0));
  int other = open("/proc/self/fd", O_DIRECTORY | O_CLOEXEC);
  SHOW(pidfd_signal(other, SIGUSR1, NULL, 0));
  int zero = open("/dev/null", O_RDONLY | O_CLOEXEC);
  SHOW(pidfd_signal(zero, SIGUSR1, NULL, 0));
  pid_t child = sleeper();
  int fd = pidfd_open(child, 0);
  info.si_code = SI_USER;
  SHOW(pidfd_signal(fd, SIGUSR1, &info, 0));
  info.si_code = SI_TKILL;
  SHOW(pidfd_signal(fd, SIGUSR1, &info, 0));
  SHOW(pidfd_signal(fd, SIGTERM, NULL, 4));
  reap("child", child);
  SHOW(pidfd_signal(fd, SIGTERM, NULL, 0));
  SHOW(pidfd_signal(fd, 0, NULL, 4));
}

static void waiting(void) {
  pid_t child = sleeper();
  int fd = pidfd_open(child, O_NONBLOCK);
  need(fd >= 0, "pidfd_open");
  siginfo_t info = {.si_pid = 77};
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG));
  say("pid %d", info.si_pid);
  kill(child, SIGKILL);
  struct pollfd ready = {fd, POLLIN, 0};
  SHOW(poll(&ready, 1, -1));
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  say("pid %d status %d", info.si_pid == child, info.si_status);
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, (id_t)-1, &info, WEXITED));
  SHOW(waitid(P_PIDFD, 99, &info, WEXITED));
  SHOW(waitid(P_PIDFD, STDOUT_FILENO, &info, WEXITED));
}

int main(void) {
  signals();
  waiting();
  return 0;
}
