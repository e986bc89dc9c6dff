// What the new program sees: argv of scripts, argv[0], environment, close-on-exec, fexecve.
#include "check.h"
#include <limits.h>

extern char **environ;

static char self[PATH_MAX];

static void make_script(const char *path, const char *rest) {
  char text[PATH_MAX + 64];
  snprintf(text, sizeof text, "#!%s%s", self, rest);
  make_file(path, text);
  need(chmod(path, 0755) == 0, "chmod");
}

static int show_arguments(int argc, char **argv) {
  say("%d arguments", argc);
  for (int i = 0; i < argc; i++) {
    say("argv[%d] = \"%s\"", i, strcmp(argv[i], self) == 0 ? "SELF" : argv[i]);
  }
  for (char **entry = environ; *entry != NULL; entry++) {
    say("environment \"%s\"", *entry);
  }
  for (int fd = 3; fd < 10; fd++) {
    if (fcntl(fd, F_GETFD) >= 0) {
      say("descriptor %d is open", fd);
    }
  }
  return 5;
}

static void run(const char *what, const char *path, char **arguments, char **environment) {
  pid_t child = fork();
  if (child == 0) {
    execve(path, arguments, environment);
    say("%s: %s", what, error_name(errno));
    _exit(1);
  }
  reap(what, child);
}

static void from_descriptor(void) {
  int fd = open(self, O_RDONLY | O_CLOEXEC);
  char *arguments[] = {"by descriptor", "x", NULL};
  char *environment[] = {NULL};
  pid_t child = fork();
  if (child == 0) {
    SHOW(syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH));
    _exit(1);
  }
  reap("execveat of a program", child);
  close(fd);
  fd = open("script", O_RDONLY | O_CLOEXEC);
  child = fork();
  if (child == 0) {
    SHOW(syscall(SYS_execveat, fd, "", arguments, environment, AT_EMPTY_PATH));
    _exit(1);
  }
  reap("execveat of a script, close-on-exec", child);
  close(fd);
}

int main(int argc, char **argv) {
  ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
  need(length > 0, "/proc/self/exe");
  self[length] = 0;
  if (getenv("START") == NULL) {
    return show_arguments(argc, argv);
  }
  char *arguments[] = {"zero", "one", "", "three words here", NULL};
  char *environment[] = {"A=1", "EMPTY=", "NOSIGN", "A=2", NULL};
  char *no_arguments[] = {NULL};
  run("plain", self, arguments, environment);
  run("no argv", self, no_arguments, environment);
  run("null argv", self, NULL, environment);
  run("null environment", self, arguments, NULL);
  make_script("script", "\n");
  run("script", "./script", arguments, environment);
  make_script("option", " -x  y \n");
  run("one option", "./option", arguments, environment);
  make_script("no-newline", "");
  run("no newline", "./no-newline", arguments, environment);
  make_script("tabs", "\t \t-t\t\n");
  run("tabs", "./tabs", arguments, environment);
  make_file("nested", "#!./script first\n");
  chmod("nested", 0755);
  run("nested", "./nested", arguments, environment);
  int kept = open(".", O_RDONLY);
  int closed = open(".", O_RDONLY | O_CLOEXEC);
  say("opened %d and %d", kept, closed);
  fcntl(dup(kept), F_SETFD, FD_CLOEXEC);
  run("descriptors", self, arguments, environment);
  close(kept);
  close(closed);
  from_descriptor();
  return 0;
}
