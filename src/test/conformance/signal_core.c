// Signals whose default is a core dump: the status says so when the limit allows one, and else not.
#include "check.h"
#include <sys/prctl.h>
#include <sys/resource.h>

static void die_of(int number) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    raise(number);
    _exit(7);
  }
  int status = 0;
  need(waitpid(child, &status, 0) == child, "child");
  show_status(signal_name(number), status);
  say("core %d", !!WCOREDUMP(status));
}

static void told(void) {
  pid_t child = fork();
  if (child == 0) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    abort();
  }
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED) == 0, "waitid");
  say("killed %d, status %s", info.si_code == CLD_KILLED, signal_name(info.si_status));
}

int main(void) {
  int numbers[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    die_of(numbers[i]);
  }
  told();
  SHOW(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
  SHOW(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0));
  return 0;
}
