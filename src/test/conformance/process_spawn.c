// link: -pie
// posix_spawn: errors come back as its result; file actions and attributes take effect.
#include "check.h"
#include <spawn.h>

#define GATE 8

static char *self;

static int child_main(int argc, char **argv) {
  // The parent goes on at the same moment, and closes the other end when it has spoken.
  char byte;
  need(read(GATE, &byte, 1) == 0, "the parent's word");
  for (int i = 1; i < argc; i++) {
    say("argument %s", argv[i]);
  }
  const char *value = getenv("SPAWNED");
  say("SPAWNED is %s", value == NULL ? "not set" : value);
  sigset_t mask;
  sigprocmask(SIG_BLOCK, NULL, &mask);
  say("USR1 blocked: %d", sigismember(&mask, SIGUSR1));
  struct sigaction action;
  sigaction(SIGUSR2, NULL, &action);
  say("USR2 is default: %d", action.sa_handler == SIG_DFL);
  CHECK(getpgrp() == getpid());
  char text[8] = "";
  ssize_t length = read(STDIN_FILENO, text, sizeof text - 1);
  say("stdin: %zd bytes \"%s\"", length, text);
  SHOW(fcntl(9, F_GETFD));
  return 21;
}

static void run(const char *what, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
  char *arguments[] = {self, "child", "two", NULL};
  char *environment[] = {"SPAWNED=yes", NULL};
  int gate[2];
  need(pipe2(gate, O_CLOEXEC) == 0 && dup2(gate[0], GATE) == GATE, "pipe");
  pid_t child = -1;
  int error = posix_spawn(&child, self, actions, attributes, arguments, environment);
  show_error(what, error);
  close(gate[1]);
  close(gate[0]);
  close(GATE);
  if (error == 0) {
    reap(what, child);
  }
}

static void errors(void) {
  char *arguments[] = {"x", NULL};
  char *environment[] = {NULL};
  pid_t child;
  SHOW_ERROR(posix_spawn(&child, "./missing", NULL, NULL, arguments, environment));
  SHOW_ERROR(posix_spawn(&child, ".", NULL, NULL, arguments, environment));
  make_file("plain", "nothing executable\n");
  SHOW_ERROR(posix_spawn(&child, "./plain", NULL, NULL, arguments, environment));
  chmod("plain", 0755);
  SHOW_ERROR(posix_spawn(&child, "./plain", NULL, NULL, arguments, environment));
  SHOW_ERROR(posix_spawnp(&child, "no-such-program-anywhere", NULL, NULL, arguments, environment));
  SHOW(waitpid(-1, NULL, WNOHANG));
}

static void with_actions(void) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclose(&actions, 9);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  posix_spawnattr_setsigmask(&attributes, &mask);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGUSR2);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  run("with actions", &actions, &attributes);
  posix_spawn_file_actions_addopen(&actions, 0, "no-input", O_RDONLY, 0);
  run("with a missing input", &actions, &attributes);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "child") == 0) {
    return child_main(argc, argv);
  }
  self = argv[0];
  signal(SIGUSR2, SIG_IGN);
  make_file("input", "abc");
  int devnull = open("/dev/null", O_RDONLY);
  dup2(devnull, 0);
  dup2(devnull, 9);
  close(devnull);
  errors();
  run("plain", NULL, NULL);
  with_actions();
  return 0;
}
