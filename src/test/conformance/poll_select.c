// poll, ppoll, select, pselect: what is ready, what is told for what is closed, masks, timeouts, errors.
#include "check.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>

static int ends[2];

static void polls(void) {
  int file = open("file", O_RDWR | O_CREAT, 0644);
  int directory = open(".", O_RDONLY);
  struct pollfd set[6] = {{ends[0], POLLIN, 0},  {ends[1], POLLOUT, 0}, {-1, POLLIN, 77},
                          {file, POLLIN | POLLOUT, 0}, {99, POLLIN, 0}, {directory, POLLIN, 0}};
  SHOW(poll(set, 6, 0));
  for (int i = 0; i < 6; i++) {
    say("%d: %#x", i, set[i].revents);
  }
  need(write(ends[1], "x", 1) == 1, "write");
  set[0].events = POLLIN | POLLRDNORM | POLLPRI;
  SHOW(poll(set, 1, -1));
  say("readable: %#x", set[0].revents);
  set[0].events = 0;
  SHOW(poll(set, 1, 0));
  say("asked for nothing: %#x", set[0].revents);
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  SHOW(poll(NULL, 0, 10));
  SHOW(poll(bad_pointer(), 1, 0));
  SHOW(poll(bad_pointer(), 0, 0));
  struct timespec before = monotonic();
  set[0].events = POLLIN;
  SHOW(poll(set, 1, 20));
  CHECK(elapsed_ms(&before) >= 20);
  struct timespec wrong = {0, 1000000000};
  SHOW(ppoll(set, 1, &wrong, NULL));
  wrong = (struct timespec){-1, 0};
  SHOW(ppoll(set, 1, &wrong, NULL));
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  SHOW(syscall(SYS_poll, set, limit.rlim_cur + 1, 0));
  close(file);
  close(directory);
}

static volatile sig_atomic_t caught;

static void on_signal(int number) {
  (void)number;
  caught++;
}

static void masks(void) {
  signal(SIGUSR1, on_signal);
  sigset_t blocked;
  sigset_t none;
  sigemptyset(&none);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  raise(SIGUSR1);
  struct pollfd poller = {ends[0], POLLIN, 0};
  struct timespec second = {1, 0};
  SHOW(ppoll(&poller, 1, &second, &none));
  say("caught %d", caught);
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  say("blocked again %d", sigismember(&now, SIGUSR1));
  raise(SIGUSR1);
  SHOW(pselect(0, NULL, NULL, NULL, &second, &none));
  say("caught %d", caught);
  raise(SIGUSR1);
  // Something is ready: no signal is let in.
  struct pollfd writable = {ends[1], POLLOUT, 0};
  SHOW(ppoll(&writable, 1, &second, &none));
  say("caught %d", caught);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  say("caught %d", caught);
}

static void selects(void) {
  fd_set readers;
  fd_set writers;
  FD_ZERO(&readers);
  FD_ZERO(&writers);
  FD_SET(ends[0], &readers);
  FD_SET(ends[1], &writers);
  int most = ends[1] + 1;
  struct timeval timeout = {0, 0};
  SHOW(select(most, &readers, &writers, NULL, &timeout));
  say("%d %d", !!FD_ISSET(ends[0], &readers), !!FD_ISSET(ends[1], &writers));
  need(write(ends[1], "x", 1) == 1, "write");
  FD_SET(ends[0], &readers);
  SHOW(select(most, &readers, &writers, NULL, NULL));
  say("%d %d", !!FD_ISSET(ends[0], &readers), !!FD_ISSET(ends[1], &writers));
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  FD_ZERO(&readers);
  FD_SET(ends[0], &readers);
  timeout = (struct timeval){0, 20000};
  SHOW(select(most, &readers, NULL, NULL, &timeout));
  say("left %ld", (long)timeout.tv_usec);
  FD_ZERO(&readers);
  FD_SET(99, &readers);
  SHOW(select(100, &readers, NULL, NULL, &timeout));
  SHOW(select(99, &readers, NULL, NULL, &timeout));
  SHOW(select(-1, NULL, NULL, NULL, &timeout));
  timeout = (struct timeval){-1, 0};
  SHOW(select(0, NULL, NULL, NULL, &timeout));
  SHOW(syscall(SYS_select, 0, NULL, NULL, NULL, bad_pointer()));
  SHOW(syscall(SYS_select, 10, bad_pointer(), NULL, NULL, &(struct timeval){0, 0}));
}

static void woken(void) {
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    need(write(ends[1], "x", 1) == 1, "write");
    _exit(0);
  }
  struct pollfd poller = {ends[0], POLLIN, 0};
  SHOW(poll(&poller, 1, 5000));
  say("revents %#x", poller.revents);
  reap("writer", child);
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  child = fork();
  if (child == 0) {
    close(ends[1]);
    sleep_ms(20);
    _exit(0);
  }
  close(ends[1]);
  SHOW(poll(&poller, 1, 5000));
  say("revents %#x", poller.revents);
  reap("last writer", child);
}

int main(void) {
  need(pipe(ends) == 0, "pipe");
  polls();
  masks();
  selects();
  woken();
  return 0;
}
