// execve and execveat: every way to be refused.
#include "check.h"

extern char **environ;

static char *arguments[] = {"x", NULL};

static void make_program(const char *path, const char *text, size_t length, mode_t mode) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  need(fd >= 0, path);
  need(write(fd, text, length) == (ssize_t)length, path);
  fchmod(fd, mode);
  close(fd);
}

static void paths(void) {
  SHOW(execve("./missing", arguments, environ));
  SHOW(execve("", arguments, environ));
  SHOW(execve(".", arguments, environ));
  SHOW(execve("./missing/x", arguments, environ));
  make_program("plain", "text\n", 5, 0644);
  SHOW(execve("./plain", arguments, environ));
  SHOW(execve("./plain/x", arguments, environ));
  SHOW(symlink("loop", "loop"));
  SHOW(execve("./loop", arguments, environ));
  char *longest = malloc(5001);
  memset(longest, 'a', 5000);
  longest[5000] = 0;
  SHOW(execve(longest, arguments, environ));
  longest[300] = 0;
  SHOW(execve(longest, arguments, environ));
  free(longest);
}

static void formats(void) {
  make_program("empty", "", 0, 0755);
  SHOW(execve("./empty", arguments, environ));
  make_program("garbage", "garbage\n", 8, 0755);
  SHOW(execve("./garbage", arguments, environ));
  make_program("short-elf", "\177ELF\2\1\1", 7, 0755);
  SHOW(execve("./short-elf", arguments, environ));
  char header[64] = "\177ELF\2\1\1";
  header[16] = 2;
  header[18] = 40;
  make_program("arm-elf", header, sizeof header, 0755);
  SHOW(execve("./arm-elf", arguments, environ));
  make_program("bare", "#!\n", 3, 0755);
  SHOW(execve("./bare", arguments, environ));
  make_program("blank", "#!   \n", 6, 0755);
  SHOW(execve("./blank", arguments, environ));
  make_program("no-interpreter", "#!/no/such/thing\n", 17, 0755);
  SHOW(execve("./no-interpreter", arguments, environ));
  make_program("directory", "#!/\n", 4, 0755);
  SHOW(execve("./directory", arguments, environ));
  make_program("itself", "#!./itself\n", 11, 0755);
  SHOW(execve("./itself", arguments, environ));
  make_program("not-executable", "#!./plain\n", 10, 0755);
  SHOW(execve("./not-executable", arguments, environ));
}

static void sizes(void) {
  size_t length = 32 * PAGE;
  char *text = malloc(length + 1);
  memset(text, 'a', length);
  text[length] = 0;
  char *big[] = {"x", text, NULL};
  SHOW(execve("/proc/self/exe", big, environ));
  char *big_environment[] = {text, NULL};
  SHOW(execve("/proc/self/exe", arguments, big_environment));
  text[length - 2] = 0;
  static char *many[200];
  for (int i = 0; i < 199; i++) {
    many[i] = text;
  }
  SHOW(execve("/proc/self/exe", many, environ));
  free(text);
}

static void pointers(void) {
  SHOW(execve(bad_pointer(), arguments, environ));
  SHOW(execve("/proc/self/exe", bad_pointer(), environ));
  SHOW(execve("/proc/self/exe", arguments, bad_pointer()));
  char *holds_bad[] = {"x", bad_pointer(), NULL};
  SHOW(execve("/proc/self/exe", holds_bad, environ));
}

static void busy(void) {
  make_program("busy", "#!/bin/sh\n", 10, 0755);
  int fd = open("busy", O_WRONLY);
  SHOW(execve("./busy", arguments, environ));
  close(fd);
}

static void at(void) {
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  SHOW(syscall(SYS_execveat, directory, "missing", arguments, environ, 0));
  SHOW(syscall(SYS_execveat, 99, "missing", arguments, environ, 0));
  SHOW(syscall(SYS_execveat, directory, "", arguments, environ, 0));
  SHOW(syscall(SYS_execveat, directory, "", arguments, environ, AT_EMPTY_PATH));
  SHOW(syscall(SYS_execveat, directory, "garbage", arguments, environ, 0x1));
  SHOW(syscall(SYS_execveat, directory, "garbage", arguments, environ, 0));
  SHOW(symlink("garbage", "link"));
  SHOW(syscall(SYS_execveat, directory, "link", arguments, environ, AT_SYMLINK_NOFOLLOW));
  close(directory);
}

static void ordinary_user(void) {
  become_ordinary();
  make_program("mine", "garbage\n", 8, 0644);
  SHOW(execve("./mine", arguments, environ));
  SHOW(chmod("mine", 0755));
  SHOW(execve("./mine", arguments, environ));
  SHOW(mkdir("closed", 0));
  SHOW(execve("./closed/x", arguments, environ));
}

int main(int argc, char **argv) {
  (void)argc;
  if (strcmp(argv[0], "x") == 0) {
    say("executed");
    return 0;
  }
  need(chmod(".", 0777) == 0, "chmod");
  paths();
  formats();
  sizes();
  pointers();
  busy();
  at();
  in_child("ordinary", ordinary_user);
  return 0;
}
