// epoll within epoll: readiness through levels, loops, edges of sockets, exclusive waiters, masks.
#include "check.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static int add(int epoll, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void ready(const char *what, int epoll) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, 0);
  say("%s: %d", what, count);
  for (int i = 0; i < count; i++) {
    say("  %#x of %d", events[i].events, (int)events[i].data.u64);
  }
}

static void levels(void) {
  int inner = epoll_create1(0);
  int outer = epoll_create1(EPOLL_CLOEXEC);
  int counter = eventfd(0, EFD_NONBLOCK);
  SHOW(add(inner, counter, EPOLLIN, 1));
  SHOW(add(outer, inner, EPOLLIN, 2));
  ready("nothing", outer);
  uint64_t one = 1;
  need(write(counter, &one, 8) == 8, "write");
  ready("outer", outer);
  ready("outer again", outer);
  ready("inner", inner);
  need(read(counter, &one, 8) == 8, "read");
  ready("outer, emptied", outer);
  SHOW(add(inner, outer, EPOLLIN, 3));
  SHOW(add(inner, inner, EPOLLIN, 3));
  SHOW(add(outer, inner, EPOLLIN | EPOLLEXCLUSIVE, 3));
  SHOW(epoll_ctl(outer, EPOLL_CTL_DEL, inner, NULL));
  SHOW(add(outer, inner, EPOLLIN | EPOLLET, 4));
  one = 1;
  need(write(counter, &one, 8) == 8, "write");
  ready("edge", outer);
  ready("edge, told already", outer);
  need(write(counter, &one, 8) == 8, "write");
  ready("edge, once more", outer);
  close(counter);
  ready("closed", inner);
  close(inner);
  ready("inner closed", outer);
  close(outer);
  int chain[8];
  for (int i = 0; i < 8; i++) {
    chain[i] = epoll_create1(0);
    if (i > 0) {
      say("depth %d: %s", i, add(chain[i], chain[i - 1], EPOLLIN, i) == 0 ? "0" : error_name(errno));
    }
  }
}

static void edges(void) {
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0, "socketpair");
  int epoll = epoll_create1(0);
  SHOW(add(epoll, pair[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 1));
  ready("writable", epoll);
  ready("told", epoll);
  need(write(pair[1], "abc", 3) == 3, "write");
  ready("readable", epoll);
  char text[8];
  need(read(pair[0], text, 1) == 1, "read");
  ready("not all read", epoll);
  need(write(pair[1], "d", 1) == 1, "write");
  ready("more", epoll);
  SHOW(shutdown(pair[1], SHUT_WR));
  ready("half closed", epoll);
  close(pair[1]);
  ready("closed", epoll);
  struct epoll_event again = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = 2};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, pair[0], &again));
  ready("once", epoll);
  ready("disarmed", epoll);
  SHOW(epoll_ctl(epoll, EPOLL_CTL_MOD, pair[0], &again));
  ready("armed", epoll);
  close(pair[0]);
  int ends[2];
  need(pipe2(ends, O_NONBLOCK) == 0, "pipe2");
  SHOW(add(epoll, ends[0], EPOLLIN | EPOLLET, 3));
  SHOW(add(epoll, ends[1], EPOLLOUT | EPOLLET, 4));
  ready("pipe", epoll);
  need(write(ends[1], "x", 1) == 1, "write");
  need(write(ends[1], "y", 1) == 1, "write");
  ready("written twice", epoll);
  close(ends[1]);
  ready("writer gone", epoll);
  close(ends[0]);
  // A duplicate keeps the entry alive.
  need(pipe(ends) == 0, "pipe");
  int copy = dup(ends[0]);
  SHOW(add(epoll, ends[0], EPOLLIN, 5));
  need(write(ends[1], "x", 1) == 1, "write");
  close(ends[0]);
  ready("by its duplicate", epoll);
  SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL));
  close(copy);
  ready("gone", epoll);
}

static volatile sig_atomic_t caught;

static void on_signal(int signal) {
  caught = signal;
}

static void masks(void) {
  signal(SIGUSR1, on_signal);
  sigset_t blocked;
  sigset_t open_set;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigemptyset(&open_set);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  int epoll = epoll_create1(0);
  struct epoll_event event;
  raise(SIGUSR1);
  SHOW(epoll_pwait(epoll, &event, 1, 0, NULL));
  say("caught %d", (int)caught);
  SHOW(epoll_pwait(epoll, &event, 1, -1, &open_set));
  CHECK(caught == SIGUSR1);
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  say("blocked after %d", sigismember(&now, SIGUSR1));
  // What is ready wins over a signal that is pending.
  int counter = eventfd(1, 0);
  need(add(epoll, counter, EPOLLIN, 1) == 0, "epoll_ctl");
  caught = 0;
  raise(SIGUSR1);
  SHOW(epoll_pwait(epoll, &event, 1, -1, &open_set));
  say("caught %d", (int)caught);
  SHOW(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, &open_set, 4));
  SHOW(syscall(SYS_epoll_pwait, epoll, &event, 1, 0, bad_pointer(), 8));
  struct timespec none = {0, 0};
  struct timespec wrong = {0, -1};
  SHOW(syscall(SYS_epoll_pwait2, epoll, &event, 1, &none, NULL, 0));
  SHOW(syscall(SYS_epoll_pwait2, epoll, &event, 1, &wrong, NULL, 0));
  SHOW(syscall(SYS_epoll_pwait2, epoll, &event, 0, &none, NULL, 0));
  SHOW(syscall(SYS_epoll_pwait2, epoll, bad_pointer(), 1, &none, NULL, 0));
}

int main(void) {
  levels();
  edges();
  masks();
  return 0;
}
