// vfork: shared memory, the parent stands still until the child execs or exits.
#include "check.h"

static volatile int shared;
static char *self;

static void exits(void) {
  shared = 1;
  pid_t child = vfork();
  if (child == 0) {
    shared = 2;
    _exit(5);
  }
  say("after _exit: shared is %d", shared);
  reap("child", child);
}

static void execs(void) {
  shared = 1;
  char *arguments[] = {self, "child", NULL};
  int gate[2];
  need(pipe2(gate, O_CLOEXEC) == 0, "pipe");
  pid_t child = vfork();
  if (child == 0) {
    shared = 3;
    dup2(gate[0], STDIN_FILENO);
    execv(self, arguments);
    _exit(127);
  }
  say("after exec: shared is %d", shared);
  close(gate[1]);
  close(gate[0]);
  reap("child", child);
}

static void exec_fails(void) {
  pid_t child = vfork();
  if (child == 0) {
    char *arguments[] = {"nothing", NULL};
    execv("./nothing-here", arguments);
    shared = errno;
    _exit(126);
  }
  say("the child's error: %s", error_name(shared));
  reap("child", child);
}

static void waits_for_a_slow_child(void) {
  shared = 0;
  pid_t child = vfork();
  if (child == 0) {
    sleep_ms(50);
    shared = 42;
    _exit(0);
  }
  say("after the slow child: %d", shared);
  reap("slow child", child);
}

static void descriptors_are_copies(void) {
  int fd = open(".", O_RDONLY);
  pid_t child = vfork();
  if (child == 0) {
    close(fd);
    _exit(0);
  }
  reap("closer", child);
  SHOW(fcntl(fd, F_GETFD));
  close(fd);
}

static void killed(void) {
  pid_t child = vfork();
  if (child == 0) {
    kill(getpid(), SIGKILL);
    _exit(0);
  }
  reap("killed", child);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    // The parent goes on at the same moment, and closes the other end when it has spoken.
    char byte;
    need(read(STDIN_FILENO, &byte, 1) == 0, "the parent's word");
    say("executed with %s", argv[1]);
    return 9;
  }
  self = argv[0];
  exits();
  execs();
  exec_fails();
  waits_for_a_slow_child();
  descriptors_are_copies();
  killed();
  for (int i = 0; i < 30; i++) {
    pid_t child = vfork();
    if (child == 0) {
      _exit(i);
    }
    int status;
    need(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == i, "the right child");
  }
  say("thirty in a row");
  return 0;
}
