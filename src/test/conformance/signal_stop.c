// Stopping and going on: what stops, who is told, SIGCONT's handler, orphaned groups, SA_NOCLDSTOP.
#include "check.h"

static volatile sig_atomic_t continued;
static volatile sig_atomic_t children;
static volatile int child_code;

static void on_continue(int number) {
  (void)number;
  continued++;
}

static void on_child(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  child_code = info->si_code;
  children++;
}

static const char *child_code_name(void) {
  switch (child_code) {
    case CLD_EXITED: return "CLD_EXITED";
    case CLD_KILLED: return "CLD_KILLED";
    case CLD_STOPPED: return "CLD_STOPPED";
    case CLD_CONTINUED: return "CLD_CONTINUED";
    default: return "none";
  }
}

static pid_t make_child(void) {
  int ready[2];
  need(pipe(ready) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    signal(SIGCHLD, SIG_DFL);
    signal(SIGCONT, on_continue);
    need(write(ready[1], "x", 1) == 1, "write");
    while (continued == 0) {
      sleep_ms(1);
    }
    _exit(continued);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  close(ready[0]);
  close(ready[1]);
  return child;
}

static void wait_for(const char *what, pid_t child, int options) {
  int status = 0;
  pid_t result;
  do {
    result = waitpid(child, &status, options);
  } while (result < 0 && errno == EINTR);
  need(result == child, what);
  show_status(what, status);
}

static void told(const char *what) {
  say("%s: told %d times, %s", what, children, child_code_name());
  children = 0;
  child_code = 0;
}

static void life(int flags) {
  struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | flags};
  sigaction(SIGCHLD, &action, NULL);
  pid_t child = make_child();
  kill(child, SIGSTOP);
  wait_for("stopped", child, WUNTRACED);
  told("stopped");
  // A second stop signal changes nothing, other signals wait.
  kill(child, SIGSTOP);
  kill(child, SIGTSTP);
  sleep_ms(10);
  SHOW(waitpid(child, NULL, WUNTRACED | WNOHANG));
  kill(child, SIGCONT);
  wait_for("ended", child, 0);
  // The words of going on and of ending may have become one.
  CHECK(children >= 1);
  children = 0;
  child_code = 0;
}

static void by_terminal_signals(void) {
  signal(SIGCHLD, SIG_DFL);
  // In its own group, with a parent in the same session: not orphaned.
  for (int i = 0; i < 3; i++) {
    int number = (int[]){SIGTSTP, SIGTTIN, SIGTTOU}[i];
    pid_t child = make_child();
    setpgid(child, child);
    kill(child, number);
    wait_for(signal_name(number), child, WUNTRACED);
    kill(child, SIGKILL);
    wait_for("killed", child, 0);
  }
}

static void orphaned(void) {
  setsid();
  signal(SIGTSTP, SIG_DFL);
  SHOW(raise(SIGTSTP));
  say("an orphaned group does not stop by SIGTSTP");
}

static void blocked_continue(void) {
  pid_t child = fork();
  if (child == 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCONT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGSTOP);
    sigset_t pending;
    sigpending(&pending);
    _exit(sigismember(&pending, SIGCONT) ? 40 : 41);
  }
  wait_for("stopped itself", child, WUNTRACED);
  kill(child, SIGCONT);
  wait_for("continues though SIGCONT is blocked", child, 0);
}

static void pending_while_stopped(void) {
  pid_t child = make_child();
  kill(child, SIGSTOP);
  wait_for("stopped", child, WUNTRACED);
  kill(child, SIGTERM);
  sleep_ms(10);
  SHOW(waitpid(child, NULL, WNOHANG));
  kill(child, SIGCONT);
  int status;
  need(waitpid(child, &status, 0) == child, "waitpid");
  show_status("then", status);
}

int main(void) {
  life(0);
  life(SA_NOCLDSTOP);
  by_terminal_signals();
  in_child("orphaned", orphaned);
  blocked_continue();
  pending_while_stopped();
  return 0;
}
