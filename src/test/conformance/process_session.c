// Sessions and process groups: setsid, setpgid, getsid, getpgid and their errors.
#include "check.h"

static char *self;

static void leaders(void) {
  CHECK(setsid() == getpid());
  SHOW(setsid());
  CHECK(getsid(0) == getpid());
  CHECK(getpgrp() == getpid());
  SHOW(setpgid(0, 0));
  SHOW(setpgid(0, getppid()));
}

static void groups(void) {
  SHOW(setpgid(-1, 0));
  SHOW(setpgid(0, -1));
  SHOW(setpgid(1 << 30, 0));
  SHOW(setpgid(getppid(), 0));
  SHOW(setpgid(0, 1 << 30));
  SHOW(setpgid(0, 0));
  CHECK(getpgrp() == getpid());
  SHOW(setpgid(0, getppid()) == 0 || errno == EPERM);
  SHOW(getpgid(1 << 30));
  SHOW(getsid(1 << 30));
  SHOW(getpgid(-1));
}

static void after_exec(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], 8);
    char *arguments[] = {self, "wait", NULL};
    execv(self, arguments);
    _exit(127);
  }
  close(ends[1]);
  char byte;
  need(read(ends[0], &byte, 1) == 1, "the child's word");
  SHOW(setpgid(child, child));
  kill(child, SIGKILL);
  reap("child", child);
  SHOW(setpgid(child, child));
}

static void other_session(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    setsid();
    need(write(ends[1], "x", 1) == 1, "write");
    for (;;) {
      pause();
    }
  }
  char byte;
  need(read(ends[0], &byte, 1) == 1, "the child's word");
  SHOW(setpgid(child, getpgrp()));
  CHECK(getsid(child) == child);
  CHECK(getpgid(child) == child);
  SHOW(setpgid(0, child));
  kill(child, SIGKILL);
  reap("session", child);
}

static void signal_to_a_group(void) {
  pid_t leader = 0;
  for (int i = 0; i < 3; i++) {
    pid_t child = fork();
    if (child == 0) {
      for (;;) {
        pause();
      }
    }
    leader = leader == 0 ? child : leader;
    need(setpgid(child, leader) == 0, "setpgid");
  }
  SHOW(kill(-leader, SIGTERM));
  int status;
  int count = 0;
  while (waitpid(-leader, &status, 0) > 0) {
    show_status("member", status);
    count++;
  }
  say("%d members", count);
  SHOW(kill(-leader, SIGTERM));
}

int main(int argc, char **argv) {
  if (argc > 1) {
    need(write(8, "x", 1) == 1, "write");
    for (;;) {
      pause();
    }
  }
  self = argv[0];
  in_child("leaders", leaders);
  in_child("groups", groups);
  after_exec();
  other_session();
  signal_to_a_group();
  return 0;
}
