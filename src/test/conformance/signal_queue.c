// Pending signals: one of a kind for the old ones, queues for the real-time ones, and the order of delivery.
#include "check.h"

static int order[64];
static int values[64];
static volatile sig_atomic_t count;

static void record(int number, siginfo_t *info, void *context) {
  (void)context;
  order[count] = number;
  values[count] = info->si_code == SI_QUEUE ? info->si_value.sival_int : -1;
  count++;
}

static void name(int number, char *text, size_t size) {
  if (number >= SIGRTMIN) {
    snprintf(text, size, "RTMIN+%d", number - SIGRTMIN);
  } else {
    snprintf(text, size, "%s", signal_name(number));
  }
}

static void show_all(const char *what) {
  say("%s: %d", what, count);
  for (int i = 0; i < count; i++) {
    char text[32];
    name(order[i], text, sizeof text);
    say("  %s, value %d", text, values[i]);
  }
  count = 0;
}

static void block_all(sigset_t *old) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, old);
}

static void queue(int number, int value) {
  union sigval data = {.sival_int = value};
  need(sigqueue(getpid(), number, data) == 0, "sigqueue");
}

static void show_pending(void) {
  sigset_t set;
  sigpending(&set);
  char line[256] = "pending:";
  for (int i = 1; i <= SIGRTMAX; i++) {
    if (sigismember(&set, i) == 1) {
      char text[32];
      name(i, text, sizeof text);
      strcat(line, " ");
      strcat(line, text);
    }
  }
  say("%s", line);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = record, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  int used[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGCHLD, SIGCONT, SIGRTMIN, SIGRTMIN + 1, SIGRTMAX};
  for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
    sigaction(used[i], &action, NULL);
  }
  sigset_t old;
  block_all(&old);
  kill(getpid(), SIGUSR2);
  kill(getpid(), SIGUSR1);
  kill(getpid(), SIGUSR1);
  queue(SIGUSR2, 9);
  show_pending();
  sigprocmask(SIG_SETMASK, &old, NULL);
  show_all("old ones");
  block_all(&old);
  queue(SIGRTMAX, 1);
  queue(SIGRTMIN + 1, 2);
  queue(SIGRTMIN, 3);
  queue(SIGRTMIN + 1, 4);
  queue(SIGRTMIN, 5);
  kill(getpid(), SIGTERM);
  kill(getpid(), SIGRTMIN);
  show_pending();
  sigprocmask(SIG_SETMASK, &old, NULL);
  show_all("real-time");
  show_pending();
  block_all(&old);
  queue(SIGUSR1, 6);
  signal(SIGUSR1, SIG_IGN);
  show_pending();
  sigaction(SIGUSR1, &action, NULL);
  kill(getpid(), SIGCHLD);
  signal(SIGCHLD, SIG_DFL);
  show_pending();
  // A stop signal takes a pending SIGCONT away, and the other way round.
  kill(getpid(), SIGCONT);
  kill(getpid(), SIGTSTP);
  show_pending();
  kill(getpid(), SIGCONT);
  show_pending();
  sigprocmask(SIG_SETMASK, &old, NULL);
  show_all("after all");
  union sigval data = {.sival_int = 1};
  SHOW(sigqueue(getpid(), 0, data));
  SHOW(sigqueue(getpid(), 65, data));
  SHOW(sigqueue(1 << 29, SIGUSR1, data));
  siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_USER};
  SHOW(syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &info));
  info.si_code = SI_QUEUE;
  SHOW(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, bad_pointer()));
  info.si_code = 77;
  SHOW(syscall(SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info));
  show_all("to oneself anything goes");
  SHOW(sigpending(bad_pointer()));
  SHOW(syscall(SYS_rt_sigpending, &old, 4));
  SHOW(syscall(SYS_rt_sigpending, &old, 9));
  return 0;
}
