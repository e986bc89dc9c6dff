// Sockets that wait: full datagram queues, full streams, time-outs, waiting for connections, waking by close.
#include "check.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static void full_datagrams(void) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair");
  char byte = 0;
  long sent = 0;
  while (send(ends[0], &byte, 1, MSG_DONTWAIT) == 1) {
    sent++;
  }
  say("full: %s", error_name(errno));
  CHECK(sent > 5);
  struct pollfd item = {.fd = ends[0], .events = POLLOUT};
  SHOW(poll(&item, 1, 0));
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event));
  SHOW(epoll_wait(epoll, &event, 1, 0));
  pid_t child = fork();
  if (child == 0) {
    _exit(write(ends[0], "last", 4) == 4 ? 7 : 1);
  }
  sleep_ms(20);
  while (recv(ends[1], &byte, 1, MSG_DONTWAIT) == 1 && sent > 0) {
    sent--;
  }
  reap("the writer went on", child);
  SHOW(epoll_wait(epoll, &event, 1, 1000));
  close(epoll);
  close(ends[0]);
  close(ends[1]);
}

static void full_stream(void) {
  int ends[2];
  static char data[1 << 20];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    _exit(write(ends[0], data, sizeof data) == sizeof data ? 7 : 1);
  }
  close(ends[0]);
  long total = 0;
  ssize_t n;
  while ((n = read(ends[1], data, 60000)) > 0) {
    total += n;
  }
  say("read %ld, then %zd", total, n);
  reap("the writer", child);
  close(ends[1]);
}

static void time_outs(void) {
  int ends[2];
  char byte;
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  struct timeval wait = {0, 30000};
  SHOW(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait));
  SHOW(setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait));
  struct timespec start = monotonic();
  SHOW(read(ends[0], &byte, 1));
  CHECK(elapsed_ms(&start) >= 25);
  SHOW(recv(ends[0], &byte, 1, 0));
  static char data[1 << 20];
  ssize_t n = write(ends[0], data, sizeof data);
  CHECK(n > 0 && n < (ssize_t)sizeof data);
  SHOW(write(ends[0], data, 1));
  close(ends[0]);
  close(ends[1]);
}

static void connections(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "waiting"};
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  need(bind(server, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  need(listen(server, 0) == 0, "listen");
  int first = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(first, (struct sockaddr *)&address, sizeof address));
  int second = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(second, (struct sockaddr *)&address, sizeof address));
  pid_t child = fork();
  if (child == 0) {
    int waiting = socket(AF_UNIX, SOCK_STREAM, 0);
    _exit(connect(waiting, (struct sockaddr *)&address, sizeof address) == 0 ? 7 : 1);
  }
  sleep_ms(20);
  int end = accept(server, NULL, NULL);
  CHECK(end >= 0);
  reap("who waited", child);
  child = fork();
  if (child == 0) {
    char byte;
    close(first);
    close(second);
    _exit(read(end, &byte, 1) == 0 ? 7 : 1);
  }
  close(end);
  sleep_ms(20);
  close(first);
  reap("the reader saw the end", child);
  close(second);
  close(server);
}

// A full queue of messages: who fills it waits, is not writable, and goes on once it is read.
static void full(int type) {
  int ends[2];
  need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
  char data[4096] = "";
  int sent = 0;
  while (send(ends[0], data, sizeof data, MSG_DONTWAIT) == (ssize_t)sizeof data) {
    sent++;
  }
  say("then %s", error_name(errno));
  struct pollfd ready = {.fd = ends[0], .events = POLLOUT};
  SHOW(poll(&ready, 1, 0));
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    need(send(ends[0], data, sizeof data, 0) == (ssize_t)sizeof data, "send");
    _exit(0);
  }
  await_sleep(child);
  while (sent-- > 0) {
    need(recv(ends[1], data, sizeof data, 0) == (ssize_t)sizeof data, "recv");
  }
  reap("writer", child);
  SHOW(recv(ends[1], data, sizeof data, MSG_DONTWAIT));
  SHOW(poll(&ready, 1, 0));
}

int main(void) {
  full_datagrams();
  full_stream();
  time_outs();
  connections();
  full(SOCK_DGRAM);
  full(SOCK_SEQPACKET);
  return 0;
}
