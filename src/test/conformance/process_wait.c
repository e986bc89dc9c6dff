// wait4 and waitid: options, selections, errors, siginfo.
#include "check.h"
#include <limits.h>
#include <sys/resource.h>

static pid_t child_that(int code) {
  pid_t child = fork();
  if (child == 0) {
    _exit(code);
  }
  return child;
}

static pid_t stuck_child(void) {
  pid_t child = fork();
  if (child == 0) {
    for (;;) {
      pause();
    }
  }
  return child;
}

static void show_info(const char *what, const siginfo_t *info, pid_t child) {
  say("%s: signo %s, code %d, status %d, right pid %d, right uid %d", what,
      signal_name(info->si_signo), info->si_code, info->si_status, info->si_pid == child,
      info->si_uid == getuid());
}

static void errors(void) {
  siginfo_t info;
  SHOW(waitpid(-1, NULL, 0));
  SHOW(waitpid(-1, NULL, WNOHANG));
  SHOW(waitpid(1 << 30, NULL, 0));
  SHOW(waitpid(-(1 << 30), NULL, 0));
  SHOW(waitpid(INT_MIN, NULL, 0));
  SHOW(waitpid(-1, NULL, 0x10000));
  SHOW(waitid(P_ALL, 0, &info, 0));
  SHOW(waitid(P_ALL, 0, &info, WEXITED | 0x10000));
  SHOW(waitid(99, 0, &info, WEXITED));
  SHOW(waitid(P_PID, 0, &info, WEXITED));
  SHOW(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
  SHOW(waitid(P_PIDFD, 99, &info, WEXITED));
}

static void bad_pointer_still_reaps(void) {
  child_that(4);
  SHOW(waitpid(-1, bad_pointer(), 0) == -1 ? errno == EFAULT : 0);
  SHOW(waitpid(-1, NULL, 0));
}

static void hang(void) {
  pid_t child = stuck_child();
  siginfo_t info;
  memset(&info, 0x7f, sizeof info);
  SHOW(waitpid(child, NULL, WNOHANG));
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOHANG));
  say("pid and signo of nothing: %d %d", info.si_pid, info.si_signo);
  kill(child, SIGTERM);
  SHOW(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  show_info("first look", &info, child);
  SHOW(waitid(P_PID, child, &info, WEXITED));
  show_info("second look", &info, child);
  SHOW(waitid(P_PID, child, &info, WEXITED));
}

static void groups(void) {
  pid_t first = fork();
  if (first == 0) {
    setpgid(0, 0);
    _exit(1);
  }
  setpgid(first, first);
  pid_t second = child_that(2);
  int status;
  CHECK(waitpid(-first, &status, 0) == first);
  show_status("by its group", status);
  CHECK(waitpid(0, &status, 0) == second);
  show_status("by my group", status);
  pid_t third = child_that(3);
  siginfo_t info;
  SHOW(waitid(P_PGID, getpgrp(), &info, WEXITED));
  show_info("waitid by group", &info, third);
}

static void stops(void) {
  pid_t child = stuck_child();
  int status;
  siginfo_t info;
  kill(child, SIGSTOP);
  CHECK(waitpid(child, &status, WUNTRACED) == child);
  show_status("WUNTRACED", status);
  SHOW(waitpid(child, &status, WUNTRACED | WNOHANG));
  kill(child, SIGCONT);
  CHECK(waitpid(child, &status, WCONTINUED) == child);
  show_status("WCONTINUED", status);
  // An orphaned group would not stop by it; whether ours is one depends on who runs this.
  setpgid(child, child);
  kill(child, SIGTSTP);
  SHOW(waitid(P_ALL, 0, &info, WSTOPPED | WNOWAIT));
  show_info("stopped", &info, child);
  SHOW(waitid(P_ALL, 0, &info, WSTOPPED));
  kill(child, SIGCONT);
  SHOW(waitid(P_ALL, 0, &info, WCONTINUED));
  show_info("continued", &info, child);
  kill(child, SIGSTOP);
  waitpid(child, &status, WUNTRACED);
  kill(child, SIGKILL);
  CHECK(waitpid(child, &status, 0) == child);
  show_status("killed while stopped", status);
}

int main(void) {
  errors();
  bad_pointer_still_reaps();
  hang();
  groups();
  stops();
  pid_t child = child_that(6);
  siginfo_t info;
  struct rusage used;
  SHOW(syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, &used));
  show_info("with usage", &info, child);
  child = child_that(8);
  SHOW(waitid(P_ALL, 0, NULL, WEXITED));
  child = child_that(8);
  SHOW(waitpid(child, NULL, __WALL) == child);
  child_that(1);
  SHOW(waitpid(-1, NULL, __WCLONE));
  SHOW(waitpid(-1, NULL, __WNOTHREAD) > 0);
  return 0;
}
