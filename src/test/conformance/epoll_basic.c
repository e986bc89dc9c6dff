// epoll: level and edge, one-shot, exclusive, nesting, what closes, errors.
#include "check.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static int epoll;

static void show_events(const char *what) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, 0);
  if (count < 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  say("%s: %d", what, count);
  for (int i = 0; i < count; i++) {
    say("  %#x, data %lu", events[i].events, (unsigned long)events[i].data.u64);
  }
}

static int control(int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, operation, fd, &event);
}

static void level_and_edge(void) {
  int ends[2];
  need(pipe2(ends, O_NONBLOCK) == 0, "pipe");
  char text[8];
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 1));
  show_events("nothing");
  need(write(ends[1], "ab", 2) == 2, "write");
  show_events("level");
  show_events("level again");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLET, 2));
  show_events("edge");
  show_events("edge again");
  need(write(ends[1], "c", 1) == 1, "write");
  show_events("edge, more");
  need(read(ends[0], text, 1) == 1, "read");
  show_events("edge, some read");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 3));
  show_events("one-shot");
  show_events("one-shot again");
  need(write(ends[1], "d", 1) == 1, "write");
  show_events("one-shot, more");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN | EPOLLONESHOT, 4));
  show_events("rearmed");
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 5));
  SHOW(control(EPOLL_CTL_ADD, ends[1], EPOLLOUT | EPOLLET, 6));
  show_events("both");
  SHOW(control(EPOLL_CTL_DEL, ends[1], 0, 0));
  close(ends[1]);
  show_events("hang-up");
  int copy = dup(ends[0]);
  close(ends[0]);
  // The description lives on in the copy, and so does the entry.
  show_events("closed, but duplicated");
  close(copy);
  show_events("closed");
}

static void errors(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(epoll_create(0));
  SHOW(epoll_create1(1));
  SHOW(control(EPOLL_CTL_ADD, 99, EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_DEL, ends[0], 0, 0));
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN, 0));
  SHOW(control(77, ends[0], EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_ADD, epoll, EPOLLIN, 0));
  int file = open("file", O_RDWR | O_CREAT, 0644);
  SHOW(control(EPOLL_CTL_ADD, file, EPOLLIN, 0));
  int directory = open(".", O_RDONLY);
  SHOW(control(EPOLL_CTL_ADD, directory, EPOLLIN, 0));
  SHOW(epoll_ctl(ends[0], EPOLL_CTL_ADD, ends[1], &(struct epoll_event){0}));
  SHOW(epoll_ctl(99, EPOLL_CTL_ADD, ends[1], &(struct epoll_event){0}));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[1], bad_pointer()));
  SHOW(epoll_ctl(epoll, EPOLL_CTL_DEL, ends[0], NULL));
  struct epoll_event events[2];
  SHOW(epoll_wait(epoll, events, 0, 0));
  SHOW(syscall(SYS_epoll_wait, epoll, events, -1L, 0));
  SHOW(epoll_wait(ends[0], events, 1, 0));
  SHOW(epoll_wait(99, events, 1, 0));
  SHOW(control(EPOLL_CTL_ADD, ends[1], EPOLLOUT, 0));
  SHOW(epoll_wait(epoll, bad_pointer(), 1, 0));
  char text[8];
  SHOW(read(epoll, text, 8));
  SHOW(write(epoll, text, 8));
  SHOW(lseek(epoll, 0, SEEK_SET));
  SHOW(control(EPOLL_CTL_DEL, ends[1], 0, 0));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 0));
  SHOW(control(EPOLL_CTL_ADD, ends[0], EPOLLIN | EPOLLEXCLUSIVE, 0));
  SHOW(control(EPOLL_CTL_MOD, ends[0], EPOLLIN, 0));
  SHOW(control(EPOLL_CTL_DEL, ends[0], 0, 0));
  close(ends[0]);
  close(ends[1]);
}

static void nesting(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  int inner = epoll_create1(EPOLL_CLOEXEC);
  SHOW(fcntl(inner, F_GETFD));
  SHOW(epoll_ctl(inner, EPOLL_CTL_ADD, ends[0], &(struct epoll_event){.events = EPOLLIN}));
  SHOW(control(EPOLL_CTL_ADD, inner, EPOLLIN, 42));
  show_events("inner is quiet");
  struct pollfd poller = {epoll, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  need(write(ends[1], "x", 1) == 1, "write");
  show_events("inner is ready");
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  SHOW(epoll_ctl(inner, EPOLL_CTL_ADD, epoll, &(struct epoll_event){.events = EPOLLIN}));
  // Five deep is the most.
  int chain[6];
  chain[0] = inner;
  for (int i = 1; i < 6; i++) {
    chain[i] = epoll_create1(0);
    errno = 0;
    int result = epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &(struct epoll_event){.events = EPOLLIN});
    say("level %d: %s", i, result == 0 ? "0" : error_name(errno));
  }
  for (int i = 0; i < 6; i++) {
    close(chain[i]);
  }
  close(ends[0]);
  close(ends[1]);
}

static void waiting(void) {
  int event = eventfd(0, 0);
  SHOW(control(EPOLL_CTL_ADD, event, EPOLLIN, 9));
  struct timespec before = monotonic();
  struct epoll_event got;
  SHOW(epoll_wait(epoll, &got, 1, 20));
  CHECK(elapsed_ms(&before) >= 20);
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    uint64_t one = 1;
    need(write(event, &one, 8) == 8, "write");
    _exit(0);
  }
  SHOW(epoll_wait(epoll, &got, 1, -1));
  say("data %lu", (unsigned long)got.data.u64);
  reap("writer", child);
  struct timespec wrong = {0, 1000000000};
  SHOW(syscall(SYS_epoll_pwait2, epoll, &got, 1, &wrong, NULL, 8));
  SHOW(syscall(SYS_epoll_pwait2, epoll, &got, 1, &(struct timespec){0, 0}, NULL, 8));
  close(event);
}

// Those that wait in vain do not starve the rest: each ready one comes in turn.
static void fairness(void) {
  int fds[3];
  for (int i = 0; i < 3; i++) {
    fds[i] = eventfd(1, 0);
    need(control(EPOLL_CTL_ADD, fds[i], EPOLLIN, (uint64_t)i) == 0, "add");
  }
  int seen = 0;
  for (int i = 0; i < 3; i++) {
    struct epoll_event got;
    need(epoll_wait(epoll, &got, 1, 0) == 1, "wait");
    seen |= 1 << got.data.u64;
  }
  say("seen %#x", seen);
}

// Whoever asks for nothing is told of errors and of the end all the same, until it is disarmed.
static void nothing_asked(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  int set = epoll_create1(0);
  struct epoll_event event = {.events = 0, .data.u64 = 7};
  SHOW(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_wait(set, &event, 1, 0));
  close(ends[1]);
  SHOW(epoll_wait(set, &event, 1, 0));
  say("events %#x, data %d", event.events, (int)event.data.u64);
  event.events = EPOLLONESHOT;
  SHOW(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  SHOW(epoll_wait(set, &event, 1, 0));
  SHOW(epoll_wait(set, &event, 1, 0));
  close(set);
  close(ends[0]);
}

// A descriptor that names a place has no events.
static void places(void) {
  int place = open(".", O_PATH);
  SHOW(control(EPOLL_CTL_ADD, place, EPOLLIN, 0));
  SHOW(epoll_ctl(place, EPOLL_CTL_ADD, epoll, &(struct epoll_event){0}));
  struct epoll_event got;
  SHOW(epoll_wait(place, &got, 1, 0));
  struct pollfd one = {place, POLLIN, 0};
  SHOW(poll(&one, 1, 0));
  say("revents %#x", one.revents);
  close(place);
}

#define WAITERS 5

// Of many epolls that watch one file exclusively, an event goes to one with somebody who waits.
static void exclusive(void) {
  int ends[2];
  int reports[2];
  need(pipe(ends) == 0 && pipe(reports) == 0, "pipes");
  struct epoll_event event = {.events = EPOLLIN | EPOLLET | EPOLLEXCLUSIVE};
  int idle = epoll_create1(0);
  need(epoll_ctl(idle, EPOLL_CTL_ADD, ends[0], &event) == 0, "idle");
  pid_t children[WAITERS];
  for (int i = 0; i < WAITERS; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      int own = epoll_create1(0);
      need(epoll_ctl(own, EPOLL_CTL_ADD, ends[0], &event) == 0, "add");
      struct epoll_event got;
      char index = (char)i;
      need(epoll_wait(own, &got, 1, -1) == 1, "wait");
      need(write(reports[1], &index, 1) == 1, "report");
      _exit(0);
    }
    await_sleep(children[i]);
  }
  char text[2];
  for (int i = 0; i < 2; i++) {
    need(write(ends[1], "x", 1) == 1, "write");
    need(read(reports[0], text, 1) == 1, "a report");
    say("event %d goes to %d", i, text[0]);
    reap("its waiter", children[i]);
    need(read(ends[0], text, 1) == 1, "read");
  }
  need(write(ends[1], "x", 1) == 1 && write(ends[1], "y", 1) == 1, "writes");
  need(read(reports[0], text, 1) == 1 && read(reports[0], text + 1, 1) == 1, "two reports");
  say("two events go to %d and %d", text[0] < text[1] ? text[0] : text[1], text[0] < text[1] ? text[1] : text[0]);
  reap("the third", children[2]);
  reap("the fourth", children[3]);
  kill(children[4], SIGKILL);
  reap("the last", children[4]);
  struct epoll_event got;
  SHOW(epoll_wait(idle, &got, 1, 0));
  close(idle);
}

int main(void) {
  epoll = epoll_create1(0);
  places();
  exclusive();
  level_and_edge();
  errors();
  nesting();
  waiting();
  fairness();
  nothing_asked();
  return 0;
}
