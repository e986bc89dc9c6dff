// Signals that tell of input and output: O_ASYNC, F_SETOWN, F_SETSIG on pipes, sockets and terminals.
#include "check.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t both;

// Waits for a signal, takes all that are there, and tells of the first.
static void taken_within(const char *what, int fd, struct timespec soon) {
  struct timespec none = {0, 0};
  siginfo_t info;
  int number = sigtimedwait(&both, &info, &soon);
  if (number < 0) {
    say("%s: none", what);
    return;
  }
  if (number == SIGIO) {
    say("%s: SIGIO code %d", what, info.si_code);
  } else {
    const char *which = info.si_fd == fd ? "same" : "other";
    say("%s: SIGRTMIN+1 code %d band %lx fd %s", what, info.si_code, (unsigned long)info.si_band, which);
  }
  while (sigtimedwait(&both, &info, &none) > 0) {
  }
}

static void taken(const char *what, int fd) {
  taken_within(what, fd, (struct timespec){5, 0});
}

// None is there, and after a while there still is none.
static void not_taken(const char *what, int fd) {
  taken_within(what, fd, (struct timespec){0, 20000000});
}

static void async(int fd, int signal) {
  SHOW(fcntl(fd, F_SETOWN, getpid()));
  SHOW(fcntl(fd, F_SETSIG, signal));
  SHOW(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC));
}

static void on_pipe(int signal) {
  int ends[2];
  char data[65536] = "x";
  SHOW(pipe(ends));
  async(ends[0], signal);
  async(ends[1], signal);
  SHOW(write(ends[1], data, 1));
  taken("pipe written", ends[0]);
  SHOW(read(ends[0], data, 1));
  SHOW(fcntl(ends[1], F_SETFL, O_NONBLOCK | O_ASYNC));
  fcntl(ends[0], F_SETFL, 0);
  while (write(ends[1], data, sizeof data) > 0) {
  }
  taken("pipe full", ends[1]);
  CHECK(read(ends[0], data, sizeof data) == sizeof data);
  taken("pipe read", ends[1]);
  close(ends[0]);
  taken("reader gone", ends[1]);
  close(ends[1]);
  SHOW(pipe(ends));
  async(ends[0], signal);
  close(ends[1]);
  taken("writer gone", ends[0]);
  SHOW(fcntl(ends[0], F_SETFL, 0));
  close(ends[0]);
}

static void on_socket(int type, int signal) {
  int pair[2];
  char data[16] = "x";
  SHOW(socketpair(AF_UNIX, type, 0, pair));
  async(pair[0], signal);
  SHOW(send(pair[1], data, 1, 0));
  taken("socket sent", pair[0]);
  SHOW(recv(pair[0], data, 1, 0));
  not_taken("socket received", pair[0]);
  int off = 0;
  SHOW(ioctl(pair[0], FIOASYNC, &off));
  SHOW(send(pair[1], data, 1, 0));
  not_taken("socket off", pair[0]);
  int on = 1;
  SHOW(ioctl(pair[0], FIOASYNC, &on));
  say("flag %x", fcntl(pair[0], F_GETFL) & O_ASYNC);
  SHOW(send(pair[1], data, 1, 0));
  taken("socket on", pair[0]);
  close(pair[0]);
  close(pair[1]);
}

static void on_terminal(int signal) {
  int master;
  int slave;
  SHOW(openpty(&master, &slave, NULL, NULL, NULL));
  async(slave, signal);
  SHOW(write(master, "ab", 2));
  not_taken("half a line", slave);
  SHOW(write(master, "c\n", 2));
  taken("a line", slave);
  close(master);
  close(slave);
}

static void others(void) {
  int event = eventfd(0, 0);
  SHOW(fcntl(event, F_SETFL, O_ASYNC));
  say("eventfd flag %x", fcntl(event, F_GETFL) & O_ASYNC);
  int on = 1;
  SHOW(ioctl(event, FIOASYNC, &on));
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  SHOW(ioctl(timer, FIOASYNC, &on));
  int watch = inotify_init();
  async(watch, 0);
  CHECK(inotify_add_watch(watch, ".", IN_CREATE) > 0);
  SHOW(close(open("made", O_RDWR | O_CREAT, 0600)));
  taken("inotify", watch);
  SHOW(unlink("made"));
  close(watch);
}

static void owners(void) {
  int ends[2];
  SHOW(pipe(ends));
  SHOW(fcntl(ends[0], F_SETFL, O_ASYNC));
  SHOW(write(ends[1], "x", 1));
  not_taken("no owner", ends[0]);
  struct f_owner_ex owner = {F_OWNER_TID, (int)syscall(SYS_gettid)};
  SHOW(fcntl(ends[0], F_SETOWN_EX, &owner));
  SHOW(write(ends[1], "x", 1));
  taken("thread", ends[0]);
  SHOW(fcntl(ends[0], F_SETOWN, -getpgrp()));
  SHOW(write(ends[1], "x", 1));
  taken("group", ends[0]);
  pid_t child = fork();
  if (child == 0) {
    int number;
    sigwait(&both, &number);
    _exit(number == SIGIO ? 7 : 8);
  }
  CHECK(fcntl(ends[0], F_SETOWN, child) == 0);
  SHOW(write(ends[1], "x", 1));
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  say("child %d", WEXITSTATUS(status));
  SHOW(write(ends[1], "x", 1));
  not_taken("owner gone", ends[0]);
}

int main(void) {
  setpgid(0, 0);
  sigemptyset(&both);
  sigaddset(&both, SIGIO);
  sigaddset(&both, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, &both, NULL);
  for (int k = 0; k < 2; k++) {
    int signal = k == 0 ? 0 : SIGRTMIN + 1;
    on_pipe(signal);
    on_socket(SOCK_STREAM, signal);
    on_socket(SOCK_DGRAM, signal);
    on_terminal(signal);
  }
  others();
  owners();
  return 0;
}
