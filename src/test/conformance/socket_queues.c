// How much waits in sockets of AF_UNIX that keep messages apart: the sender pays for it, by its SO_SNDBUF, until it is read.
#include "check.h"
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static char data[300000];

static int fill(int fd, size_t size) {
  int count = 0;
  while (send(fd, data, size, MSG_DONTWAIT) >= 0) {
    count++;
  }
  say("filled: %s", error_name(errno));
  return count;
}

static void show_poll(int fd) {
  struct pollfd poller = {fd, POLLOUT, 0};
  int ready = poll(&poller, 1, 0);
  say("poll %d: %#x", ready, poller.revents);
}

static void counts(int type) {
  size_t sizes[] = {0, 1, 100, 200, 600, 1000, 1700, 3700, 3800, 7900, 16000, 20000, 33000, 60000, 212960};
  say("-- type %d", type);
  for (int i = 0; i < 15; i++) {
    int pair[2];
    need(socketpair(AF_UNIX, type, 0, pair) == 0, "socketpair");
    say("%d of %zu bytes", fill(pair[0], sizes[i]), sizes[i]);
    close(pair[0]);
    close(pair[1]);
  }
  int pair[2];
  need(socketpair(AF_UNIX, type, 0, pair) == 0, "socketpair");
  SHOW(send(pair[0], data, 212961, 0));
  SHOW(send(pair[0], data, 212960, 0));
  SHOW(recv(pair[1], data, 1, MSG_TRUNC));
  close(pair[0]);
  close(pair[1]);
}

static void larger(int type) {
  int pair[2];
  need(socketpair(AF_UNIX, type, 0, pair) == 0, "socketpair");
  say("%d", fill(pair[0], 50000));
  show_poll(pair[0]);
  int size = 212992;
  SHOW(setsockopt(pair[1], SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
  SHOW(send(pair[0], data, 50000, MSG_DONTWAIT));
  SHOW(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  show_poll(pair[0]);
  SHOW(send(pair[0], data, 50000, MSG_DONTWAIT));
  for (int i = 0; i < 5; i++) {
    SHOW(recv(pair[1], data, 1, MSG_DONTWAIT));
    show_poll(pair[0]);
  }
  size = 1000;
  SHOW(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  SHOW(send(pair[0], data, 5000, MSG_DONTWAIT));
  close(pair[0]);
  close(pair[1]);
}

// Each of two senders has room of its own; what they sent is paid back when the receiver is gone.
static void senders(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0queues"};
  socklen_t length = sizeof(sa_family_t) + 7;
  int receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
  int one = socket(AF_UNIX, SOCK_DGRAM, 0);
  int two = socket(AF_UNIX, SOCK_DGRAM, 0);
  need(bind(receiver, (struct sockaddr *)&name, length) == 0, "bind");
  need(connect(one, (struct sockaddr *)&name, length) == 0, "connect");
  need(connect(two, (struct sockaddr *)&name, length) == 0, "connect");
  say("%d", fill(one, 100000));
  show_poll(one);
  show_poll(two);
  say("%d", fill(two, 100000));
  int value = 0;
  SHOW(ioctl(one, SIOCOUTQ, &value));
  say("unread %d", value);
  SHOW(recv(receiver, data, 1, MSG_PEEK));
  show_poll(one);
  close(receiver);
  SHOW(ioctl(one, SIOCOUTQ, &value));
  say("unread %d", value);
  show_poll(one);
  SHOW(send(one, data, 1, MSG_DONTWAIT));
  close(one);
  close(two);
}

// Who waits for room goes on when there is.
static void waiting(void) {
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
  int count = fill(pair[0], 20000);
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < count; i++) {
      need(recv(pair[1], data, sizeof data, 0) == 20000, "recv");
    }
    SHOW(recv(pair[1], data, sizeof data, 0));
    _exit(0);
  }
  need(send(pair[0], data, 3, 0) == 3, "send");
  reap("reader", child);
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  counts(SOCK_DGRAM);
  counts(SOCK_SEQPACKET);
  larger(SOCK_DGRAM);
  larger(SOCK_SEQPACKET);
  senders();
  waiting();
  return 0;
}
