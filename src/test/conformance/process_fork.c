// fork: exit codes, copied memory, shared offsets, what a child does not inherit.
#include "check.h"
#include <sys/resource.h>

static int copied = 1;

static void exit_with(int code) {
  pid_t child = fork();
  if (child == 0) {
    _exit(code);
  }
  char what[32];
  snprintf(what, sizeof what, "_exit(%d)", code);
  reap(what, child);
}

static void change_memory(void) {
  copied = 2;
  say("child: copied is %d", copied);
}

static void offsets(void) {
  make_file("offset", "abcdef");
  int fd = open("offset", O_RDONLY);
  pid_t child = fork();
  if (child == 0) {
    char text[3] = "";
    SHOW(read(fd, text, 2));
    say("child read %s", text);
    SHOW(close(fd));
    _exit(0);
  }
  reap("reader", child);
  char text[3] = "";
  SHOW(read(fd, text, 2));
  say("parent read %s", text);
  close(fd);
}

static void pending_is_not_inherited(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  alarm(100);
  pid_t child = fork();
  if (child == 0) {
    sigset_t pending;
    sigpending(&pending);
    say("pending in the child: %d", sigismember(&pending, SIGUSR1));
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    say("blocked in the child: %d", sigismember(&mask, SIGUSR1));
    say("alarm in the child: %u", alarm(0));
    _exit(0);
  }
  reap("child", child);
  say("alarm in the parent is set: %d", alarm(0) > 0);
}

static void family(void) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    CHECK(getppid() == parent);
    CHECK(getpid() != parent);
    CHECK(getpgrp() == getpgid(parent));
    CHECK(getsid(0) == getsid(parent));
    _exit(0);
  }
  reap("child", child);
  SHOW(kill(child, 0));
}

static void usage(void) {
  struct rusage used;
  memset(&used, 0xff, sizeof used);
  pid_t child = fork();
  if (child == 0) {
    _exit(7);
  }
  int status;
  CHECK(wait4(child, &status, 0, &used) == child);
  show_status("wait4", status);
  CHECK(used.ru_utime.tv_sec >= 0 && used.ru_utime.tv_usec < 1000000);
  SHOW(getrusage(RUSAGE_CHILDREN, &used));
  SHOW(getrusage(RUSAGE_SELF, &used));
  SHOW(getrusage(77, &used));
  SHOW(getrusage(RUSAGE_SELF, bad_pointer()));
}

int main(void) {
  exit_with(0);
  exit_with(3);
  exit_with(255);
  exit_with(256);
  exit_with(-1);
  exit_with(0x1234);
  in_child("change", change_memory);
  say("parent: copied is %d", copied);
  offsets();
  pending_is_not_inherited();
  family();
  usage();
  SHOW(wait(NULL));
  int children = 0;
  for (int i = 0; i < 20; i++) {
    if (fork() == 0) {
      _exit(i);
    }
  }
  int sum = 0;
  int status;
  while (wait(&status) > 0) {
    children++;
    sum += WEXITSTATUS(status);
  }
  say("%d children, sum of codes %d", children, sum);
  return 0;
}
