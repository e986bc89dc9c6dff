// kill, tkill, tgkill: whom one may signal, groups, zombies, and what the receiver is told.
#include "check.h"

static void told(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s: code %d, from me %d, uid %d", signal_name(number), info->si_code, info->si_pid == getpid(),
      (int)info->si_uid);
}

static pid_t sleeper(uid_t uid) {
  int ready[2];
  need(pipe(ready) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    if (uid != 0) {
      need(setresuid(uid, uid, uid) == 0, "setresuid");
    }
    need(write(ready[1], "x", 1) == 1, "write");
    for (;;) {
      pause();
    }
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  close(ready[0]);
  close(ready[1]);
  return child;
}

static pid_t other;
static pid_t own;

static void ordinary(void) {
  become_ordinary();
  SHOW(kill(other, 0));
  SHOW(kill(other, SIGTERM));
  SHOW(kill(other, SIGCONT));
  SHOW(kill(own, 0));
  SHOW(kill(own, SIGTERM));
  SHOW(kill(getppid(), 0));
  SHOW(syscall(SYS_tgkill, other, other, SIGTERM));
  SHOW(kill(1, SIGTERM) == -1);
}

// Same session: SIGCONT is allowed to everybody.
static void permission(void) {
  other = sleeper(1234);
  own = sleeper(65534);
  in_child("ordinary", ordinary);
  reap("own", own);
  SHOW(kill(other, SIGTERM));
  reap("other", other);
}

static void groups(void) {
  setpgid(0, 0);
  signal(SIGUSR1, SIG_IGN);
  pid_t one = fork();
  if (one == 0) {
    signal(SIGUSR1, SIG_DFL);
    for (;;) {
      pause();
    }
  }
  pid_t apart = fork();
  if (apart == 0) {
    setpgid(0, 0);
    for (;;) {
      pause();
    }
  }
  setpgid(apart, apart);
  await_sleep(one);
  await_sleep(apart);
  SHOW(kill(0, SIGUSR1));
  reap("one of the group", one);
  SHOW(waitpid(apart, NULL, WNOHANG));
  SHOW(kill(-apart, SIGKILL));
  reap("the one apart", apart);
  SHOW(kill(-apart, 0));
}

static void zombies(void) {
  pid_t child = fork();
  if (child == 0) {
    _exit(3);
  }
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
  SHOW(kill(child, 0));
  SHOW(kill(child, SIGKILL));
  SHOW(syscall(SYS_tgkill, child, child, 0));
  reap("zombie", child);
  SHOW(kill(child, 0));
}

static void wrong(void) {
  SHOW(kill(getpid(), -1));
  SHOW(kill(getpid(), 65));
  SHOW(kill(1 << 29, 0));
  SHOW(kill(-(1 << 29), 0));
  SHOW(syscall(SYS_tkill, 0, 0));
  SHOW(syscall(SYS_tkill, -1, 0));
  SHOW(syscall(SYS_tkill, 1 << 29, 0));
  SHOW(syscall(SYS_tgkill, getpid(), 1 << 29, 0));
  SHOW(syscall(SYS_tgkill, 0, getpid(), 0));
  SHOW(syscall(SYS_tgkill, 1 << 28, getpid(), 0));
  SHOW(syscall(SYS_tgkill, getpid(), getpid(), 65));
  SHOW(kill(INT32_MIN, 0));
}

static void by_pidfd(void) {
  pid_t child = sleeper(0);
  int fd = (int)syscall(SYS_pidfd_open, child, 0);
  CHECK(fd >= 0);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  SHOW(syscall(SYS_pidfd_send_signal, fd, 65, NULL, 0));
  SHOW(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  siginfo_t info;
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  say("status %s", signal_name(info.si_status));
  SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  SHOW(syscall(SYS_pidfd_open, child, 0));
  SHOW(syscall(SYS_pidfd_open, -1, 0));
  SHOW(syscall(SYS_pidfd_open, getpid(), 0x1));
  SHOW(syscall(SYS_pidfd_send_signal, STDOUT_FILENO, 0, NULL, 0));
  SHOW(syscall(SYS_pidfd_send_signal, 99, 0, NULL, 0));
}

int main(void) {
  struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  SHOW(kill(getpid(), SIGUSR1));
  SHOW(raise(SIGUSR1));
  SHOW(syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR1));
  permission();
  in_child("groups", groups);
  zombies();
  wrong();
  by_pidfd();
  return 0;
}
