// How deep epolls watch epolls, from below and from above, and how many ways lead from a file through them.
#include "check.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>

#define WIDE 32

static int watch(int epoll, int file) {
  struct epoll_event wanted = {.events = EPOLLIN, .data.fd = file};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, file, &wanted);
}

static void from_below(void) {
  int file = eventfd(0, EFD_CLOEXEC);
  for (int i = 0; i < 8; i++) {
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    SHOW(watch(epoll, file));
    file = epoll;
  }
}

static void from_above(void) {
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < 8; i++) {
    int next = epoll_create1(EPOLL_CLOEXEC);
    SHOW(watch(epoll, next));
    epoll = next;
  }
  SHOW(watch(epoll, eventfd(0, EFD_CLOEXEC)));
}

static void in_the_middle(void) {
  int e[6];
  for (int i = 0; i < 6; i++) {
    e[i] = epoll_create1(EPOLL_CLOEXEC);
  }
  SHOW(watch(e[0], e[1]));
  SHOW(watch(e[1], e[2]));
  SHOW(watch(e[3], e[4]));
  SHOW(watch(e[4], e[5]));
  SHOW(watch(e[2], e[3]));
  SHOW(watch(e[2], e[4]));
  SHOW(watch(e[5], e[0]));
  SHOW(watch(e[4], e[3]));
}

static void ways(void) {
  int file = eventfd(0, EFD_CLOEXEC);
  int levels[4][WIDE];
  for (int level = 0; level < 4; level++) {
    int taken = 0;
    int first_error = 0;
    for (int i = 0; i < WIDE; i++) {
      levels[level][i] = epoll_create1(EPOLL_CLOEXEC);
      for (int k = 0; k < (level == 0 ? 1 : WIDE); k++) {
        if (watch(levels[level][i], level == 0 ? file : levels[level - 1][k]) == 0) {
          taken++;
        } else if (first_error == 0) {
          first_error = errno;
        }
      }
    }
    say("level %d: %d taken, %s", level, taken, first_error == 0 ? "no error" : error_name(first_error));
  }
  uint64_t one = 1;
  need(write(file, &one, sizeof one) == sizeof one, "write");
  struct epoll_event events[2];
  SHOW(epoll_wait(levels[0][0], events, 2, 0));
  SHOW(watch(levels[0][0], eventfd(0, EFD_CLOEXEC)));
  // Any number of epolls may watch it, as long as none of them is watched.
  int many = 0;
  int other = eventfd(0, EFD_CLOEXEC);
  for (int i = 0; i < 700; i++) {
    many += watch(epoll_create1(EPOLL_CLOEXEC), other) == 0;
  }
  say("%d watch another", many);
}

int main(void) {
  from_below();
  from_above();
  in_the_middle();
  ways();
  return 0;
}
