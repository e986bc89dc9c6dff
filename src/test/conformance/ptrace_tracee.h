// What the programs for ptrace(2) share: tracees, their stops and their registers. The call itself is made
// bare, since libc's wrapper changes what PEEK returns.
#ifndef SKERRY_PTRACE_TRACEE_H
#define SKERRY_PTRACE_TRACEE_H

#include <linux/elf.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "check.h"

#define ptrace(request, pid, address, data) \
  syscall(SYS_ptrace, (long)(request), (long)(pid), (long)(address), (long)(data))

#define CALL_STOP (SIGTRAP | 0x80)

// Waits for the task's next report, of whatever kind.
UNUSED static int await(pid_t task) {
  int status = 0;
  need(waitpid(task, &status, __WALL) == task, "a report of the tracee");
  return status;
}

// A stop with its event, or an end.
UNUSED static void show_stop(const char *what, int status) {
  static const char *const events[] = {"none", "FORK", "VFORK", "CLONE", "EXEC", "VFORK_DONE", "EXIT",
                                       "SECCOMP"};
  int event = status >> 16;
  if (!WIFSTOPPED(status) || event == 0) {
    show_status(what, status);
  } else {
    say("%s: event %s with %s", what, event == PTRACE_EVENT_STOP ? "STOP" : events[event],
        signal_name(WSTOPSIG(status)));
  }
}

// A child that is traced, and stands in the stop that it asked for.
UNUSED static pid_t start(void (*body)(void)) {
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    need(ptrace(PTRACE_TRACEME, 0, 0, 0) == 0, "PTRACE_TRACEME");
    raise(SIGSTOP);
    body();
    _exit(5);
  }
  show_stop("first stop", await(child));
  return child;
}

UNUSED static struct user_regs_struct registers(pid_t child) {
  struct user_regs_struct now;
  memset(&now, 0, sizeof now);
  need(ptrace(PTRACE_GETREGS, child, 0, &now) == 0, "PTRACE_GETREGS");
  return now;
}

#endif
