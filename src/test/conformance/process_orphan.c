// Orphans go to the nearest subreaper; a parent's death signal; zombies of an ignored SIGCHLD vanish.
#include "check.h"
#include <sys/prctl.h>

static void reparented(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t reaper = getpid();
  pid_t child = fork();
  if (child == 0) {
    pid_t middle = getpid();
    if (fork() == 0) {
      close(ends[1]);
      char byte;
      if (read(ends[0], &byte, 1) != 0) {
        _exit(1);
      }
      while (getppid() == middle) {
        sleep_ms(1);
      }
      CHECK(getppid() == reaper);
      _exit(33);
    }
    _exit(11);
  }
  reap("the middle one", child);
  close(ends[1]);
  close(ends[0]);
  int status;
  CHECK(wait(&status) > 0);
  show_status("the adopted one", status);
}

static void not_inherited(void) {
  int set = -1;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &set, 0, 0, 0));
  say("in the child: %d", set);
}

static volatile sig_atomic_t got;

static void handler(int number) { got = number; }

static void death_signal(void) {
  int ends[2];
  int spoken[2];
  need(pipe(ends) == 0 && pipe(spoken) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      signal(SIGUSR1, handler);
      SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0));
      int number = 0;
      SHOW(prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0));
      say("death signal %s", signal_name(number));
      close(ends[0]);
      if (write(ends[1], "x", 1) != 1) {
        _exit(1);
      }
      while (got == 0) {
        sleep_ms(1);
      }
      // After the word of the parent's parent.
      char byte;
      if (read(spoken[0], &byte, 1) != 1) {
        _exit(1);
      }
      say("told by %s", signal_name(got));
      _exit(0);
    }
    char byte;
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1) {
      _exit(1);
    }
    _exit(12);
  }
  close(ends[0]);
  close(ends[1]);
  reap("the parent", child);
  need(write(spoken[1], "x", 1) == 1, "write");
  CHECK(wait(NULL) > 0);
  SHOW(prctl(PR_SET_PDEATHSIG, 99, 0, 0, 0));
}

static void ignored_children(void) {
  signal(SIGCHLD, SIG_IGN);
  pid_t child = fork();
  if (child == 0) {
    _exit(3);
  }
  SHOW(waitpid(child, NULL, 0));
  while (kill(child, 0) == 0) {
    sleep_ms(1);
  }
  SHOW(kill(child, 0));
  signal(SIGCHLD, SIG_DFL);
  struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &action, NULL);
  child = fork();
  if (child == 0) {
    _exit(4);
  }
  SHOW(wait(NULL));
  signal(SIGCHLD, SIG_DFL);
}

int main(void) {
  int set = -1;
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &set, 0, 0, 0));
  say("set: %d", set);
  in_child("inheritance", not_inherited);
  reparented();
  death_signal();
  ignored_children();
  return 0;
}
