// Which blocked calls go on after a handler with SA_RESTART, and which never do: signal(7).
#include "check.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <linux/futex.h>

static volatile sig_atomic_t caught;
static int told[2];

static void on_signal(int number) {
  (void)number;
  caught++;
  need(write(told[1], "x", 1) == 1, "write");
}

static int ends[2];
static pid_t stuck;

// Open for writing until the sender has ended, when the handler has run.
static int gate[2];

static void await_gate(void) {
  char byte;
  need(read(gate[0], &byte, 1) == 0, "the sender's end");
}

static void do_read(void) {
  char byte;
  SHOW(read(ends[0], &byte, 1));
}

static void do_wait(void) {
  SHOW(waitpid(stuck, NULL, 0) == stuck ? 0 : -1);
}

static void do_pause(void) {
  SHOW(pause());
}

static void do_poll(void) {
  struct pollfd poller = {ends[0], POLLIN, 0};
  SHOW(poll(&poller, 1, 10000));
}

static void do_select(void) {
  struct timeval timeout = {10, 0};
  SHOW(select(0, NULL, NULL, NULL, &timeout));
}

static void do_epoll(void) {
  int fd = epoll_create1(0);
  struct epoll_event event;
  SHOW(epoll_wait(fd, &event, 1, 10000));
  close(fd);
}

static void do_nanosleep(void) {
  struct timespec rest = {10, 0};
  struct timespec left = {0, 0};
  SHOW(nanosleep(&rest, &left));
  say("  time left %d", left.tv_sec > 0);
}

static void do_clock_nanosleep(void) {
  struct timespec until = monotonic();
  until.tv_sec += 10;
  SHOW_ERROR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL));
}

static void do_eventfd(void) {
  int fd = eventfd(0, 0);
  uint64_t value;
  pid_t child = fork();
  if (child == 0) {
    await_gate();
    value = 5;
    need(write(fd, &value, 8) == 8, "write");
    _exit(0);
  }
  SHOW(read(fd, &value, 8));
  while (waitpid(child, NULL, 0) < 0) {
  }
  close(fd);
}

static void do_futex(void) {
  int word = 0;
  struct timespec timeout = {10, 0};
  SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &timeout));
}

static void do_flock(void) {
  int one = open("lock", O_RDWR | O_CREAT, 0644);
  need(flock(one, LOCK_EX) == 0, "flock");
  pid_t child = fork();
  if (child == 0) {
    await_gate();
    flock(one, LOCK_UN);
    _exit(0);
  }
  int two = open("lock", O_RDWR);
  SHOW(flock(two, LOCK_EX));
  while (waitpid(child, NULL, 0) < 0) {
  }
  close(one);
  close(two);
}

static void try(const char *what, void (*call)(void), int flags) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
  need(pipe(ends) == 0 && pipe(gate) == 0 && pipe(told) == 0, "pipe");
  stuck = fork();
  if (stuck == 0) {
    close(gate[1]);
    await_gate();
    _exit(0);
  }
  pid_t parent = getpid();
  pid_t sender = fork();
  if (sender == 0) {
    await_sleep(parent);
    kill(parent, SIGUSR1);
    // By then the call has been interrupted, whether it begins again or not.
    char byte;
    need(read(told[0], &byte, 1) == 1, "read");
    need(write(ends[1], "x", 1) == 1, "write");
    _exit(0);
  }
  close(gate[1]);
  caught = 0;
  say("%s%s", what, flags == 0 ? "" : ", SA_RESTART");
  call();
  say("  caught %d", caught);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {
  }
  close(ends[0]);
  close(ends[1]);
  close(gate[0]);
  close(told[0]);
  close(told[1]);
}

int main(void) {
  static const struct {
    const char *name;
    void (*call)(void);
  } calls[] = {{"read", do_read},         {"wait", do_wait},       {"pause", do_pause},
               {"poll", do_poll},         {"select", do_select},   {"epoll_wait", do_epoll},
               {"nanosleep", do_nanosleep}, {"clock_nanosleep", do_clock_nanosleep},
               {"eventfd", do_eventfd},   {"futex", do_futex},     {"flock", do_flock}};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    try(calls[i].name, calls[i].call, 0);
    try(calls[i].name, calls[i].call, SA_RESTART);
  }
  return 0;
}
