// What every conformance program uses to print its results: values, errno names and effects, and never
// anything that differs from run to run. Lines go out by one write each, so that forks share the order.
#ifndef SKERRY_CHECK_H
#define SKERRY_CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))
#define PAGE 4096L

// Prints the call as it is written, and its result or the name of its error.
#define SHOW(call) (errno = 0, show(#call, (long)(call)))

// The same for calls that return the error number itself.
#define SHOW_ERROR(call) show_error(#call, (call))

// Prints a condition as it is written, and whether it holds.
#define CHECK(condition) say("%s: %s", #condition, (condition) ? "yes" : "NO")

UNUSED __attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  char line[1024];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line - 1, format, list);
  va_end(list);
  if (length > (int)sizeof line - 2) {
    length = sizeof line - 2;
  }
  line[length] = '\n';
  if (write(STDOUT_FILENO, line, (size_t)length + 1) < 0) {
    _exit(99);
  }
}

UNUSED static const char *error_name(int number) {
  const char *name = strerrorname_np(number);
  return name == NULL ? "an unknown error" : name;
}

UNUSED static long show(const char *what, long result) {
  int saved = errno;
  if (result == -1 && saved != 0) {
    say("%s: %s", what, error_name(saved));
  } else {
    say("%s: %ld", what, result);
  }
  errno = saved;
  return result;
}

UNUSED static int show_error(const char *what, int number) {
  say("%s: %s", what, number == 0 ? "0" : error_name(number));
  return number;
}

UNUSED static const char *signal_name(int number) {
  static char text[16];
  const char *name = sigabbrev_np(number);
  if (name == NULL) {
    snprintf(text, sizeof text, "%d", number);
    return text;
  }
  return name;
}

UNUSED static void show_status(const char *what, int status) {
  if (WIFEXITED(status)) {
    say("%s: exited %d", what, WEXITSTATUS(status));
  } else if (WIFSIGNALED(status)) {
    say("%s: killed by %s", what, signal_name(WTERMSIG(status)));
  } else if (WIFSTOPPED(status)) {
    say("%s: stopped by %s", what, signal_name(WSTOPSIG(status)));
  } else if (WIFCONTINUED(status)) {
    say("%s: continued", what);
  } else {
    say("%s: status %#x", what, (unsigned)status);
  }
}

// Ends the program when the ground that a check stands on is missing.
UNUSED static void need(bool holds, const char *what) {
  if (!holds) {
    say("needed %s: %s", what, error_name(errno));
    exit(98);
  }
}

UNUSED static void reap(const char *what, pid_t child) {
  int status = 0;
  need(waitpid(child, &status, 0) == child, "a child");
  show_status(what, status);
}

// Runs a function in a child and prints how that ends.
UNUSED static void in_child(const char *what, void (*body)(void)) {
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    body();
    _exit(0);
  }
  reap(what, child);
}

// The same, for a child that may not write to a file: what it prints goes through a pipe.
UNUSED static void in_child_piped(const char *what, void (*body)(void)) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    body();
    _exit(0);
  }
  close(ends[1]);
  char text[PAGE];
  for (ssize_t length; (length = read(ends[0], text, sizeof text)) > 0;) {
    need(write(STDOUT_FILENO, text, (size_t)length) == length, "write");
  }
  close(ends[0]);
  reap(what, child);
}

UNUSED static void sleep_ms(long milliseconds) {
  struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&rest, &rest) < 0 && errno == EINTR) {
  }
}

// Waits until the task with this stat file sleeps.
UNUSED static void await_sleep_in(const char *path) {
  for (int tries = 0; tries < 5000; tries++) {
    char text[512] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    need(fd >= 0, path);
    need(read(fd, text, sizeof text - 1) > 0, path);
    close(fd);
    const char *state = strrchr(text, ')');
    if (state != NULL && state[2] == 'S') {
      return;
    }
    sleep_ms(2);
  }
  say("%s: never slept", path);
}

// Waits until the process sleeps, in the call that its parent has left it to.
UNUSED static void await_sleep(pid_t process) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  await_sleep_in(path);
}

// The same for a thread of this process.
UNUSED static void await_thread_sleep(pid_t thread) {
  char path[48];
  snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
  await_sleep_in(path);
}

UNUSED static long elapsed_ms(const struct timespec *since) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

UNUSED static struct timespec monotonic(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now;
}

// An address in the first page, where nothing is ever mapped; volatile, so that the compiler believes it.
UNUSED static void *bad_pointer(void) {
  static volatile uintptr_t address = 16;
  return (void *)address;
}

UNUSED static void make_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  need(fd >= 0, path);
  need(write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
  close(fd);
}

UNUSED static void show_file(const char *path) {
  char text[512];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    say("%s: %s", path, error_name(errno));
    return;
  }
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length < 0) {
    say("%s: %s", path, error_name(errno));
    return;
  }
  text[length] = 0;
  say("%s holds \"%s\"", path, text);
}

// Lets root become an ordinary user, so that permission checks are seen.
UNUSED static void become_ordinary(void) {
  if (geteuid() == 0) {
    need(setresgid(65534, 65534, 65534) == 0, "setresgid");
    need(setresuid(65534, 65534, 65534) == 0, "setresuid");
  }
}

#endif
