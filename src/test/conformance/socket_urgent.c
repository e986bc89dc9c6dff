// Urgent data of TCP: the mark, reading by itself and inline, signals, poll.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <asm/sockios.h>

static int sender;
static int receiver;

static void join(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  need(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  need(listen(listener, 1) == 0, "listen");
  SHOW(recv(listener, &length, 1, MSG_OOB));
  getsockname(listener, (struct sockaddr *)&address, &length);
  sender = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(sender, (struct sockaddr *)&address, sizeof address) == 0, "connect");
  receiver = accept(listener, NULL, NULL);
  need(receiver >= 0, "accept");
  close(listener);
}

static void part(void) {
  close(sender);
  close(receiver);
}

static void show_state(const char *when) {
  struct pollfd item = {.fd = receiver, .events = POLLIN | POLLPRI};
  poll(&item, 1, 0);
  int mark = -1;
  int available = -1;
  ioctl(receiver, SIOCATMARK, &mark);
  ioctl(receiver, FIONREAD, &available);
  say("%s: poll %#x mark %d available %d", when, (unsigned)item.revents, mark, available);
}

static void show_read(int flags) {
  char buffer[64] = "";
  long count = recv(receiver, buffer, sizeof buffer, flags | MSG_DONTWAIT);
  if (count < 0) {
    say("recv %#x: %s", (unsigned)flags, strerrorname_np(errno));
  } else {
    say("recv %#x: %.*s", (unsigned)flags, (int)count, buffer);
  }
}

static void alone(void) {
  join();
  show_read(MSG_OOB);
  SHOW(send(sender, "abc", 3, MSG_OOB));
  show_state("sent");
  show_read(MSG_PEEK);
  show_read(MSG_OOB | MSG_PEEK);
  show_read(0);
  show_state("at the mark");
  show_read(MSG_OOB);
  show_read(MSG_OOB);
  show_state("taken");
  show_read(0);
  show_state("passed");
  SHOW(send(sender, "d", 1, MSG_OOB));
  SHOW(send(sender, "ef", 2, 0));
  show_state("behind");
  show_read(MSG_PEEK);
  show_read(0);
  show_read(MSG_OOB);
  show_state("lost");
  SHOW(send(sender, "", 0, MSG_OOB));
  show_state("nothing");
  part();
}

static void several(void) {
  join();
  SHOW(send(sender, "ab", 2, MSG_OOB));
  SHOW(send(sender, "cd", 2, MSG_OOB));
  show_state("two");
  show_read(MSG_OOB);
  show_read(0);
  SHOW(send(sender, "ef", 2, MSG_OOB));
  show_state("at the old mark");
  show_read(0);
  show_read(MSG_OOB);
  show_read(0);
  SHOW(send(sender, "123", 3, 0));
  SHOW(send(sender, "4", 1, MSG_OOB));
  SHOW(send(sender, "567", 3, 0));
  char buffer[8] = "";
  SHOW(recv(receiver, buffer, 6, MSG_WAITALL));
  say("all %s", buffer);
  show_read(0);
  SHOW(shutdown(sender, SHUT_WR));
  show_read(0);
  show_read(MSG_OOB);
  part();
}

static void in_line(void) {
  join();
  int on = 1;
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on));
  SHOW(send(sender, "abc", 3, MSG_OOB));
  SHOW(send(sender, "de", 2, 0));
  show_state("in line");
  show_read(MSG_OOB);
  show_read(0);
  show_state("at the mark");
  show_read(0);
  show_state("passed");
  part();
}

static void message(void) {
  join();
  char buffer[4] = "";
  struct iovec vector = {buffer, sizeof buffer};
  struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
  SHOW(send(sender, "x", 1, MSG_OOB));
  SHOW(recvmsg(receiver, &header, MSG_OOB | MSG_PEEK));
  say("flags %#x %s", (unsigned)header.msg_flags, buffer);
  vector.iov_len = 0;
  SHOW(recvmsg(receiver, &header, MSG_OOB | MSG_PEEK));
  say("flags %#x", (unsigned)header.msg_flags);
  part();
}

static volatile sig_atomic_t urgent;
static volatile sig_atomic_t other;
static volatile int code;

static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  if (number == SIGURG) {
    urgent++;
  } else {
    other++;
  }
  code = info->si_code;
}

static void wait_for(volatile sig_atomic_t *count) {
  for (int i = 0; i < 2000 && *count == 0; i++) {
    sleep_ms(1);
  }
}

static void signals(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
  sigaction(SIGURG, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  join();
  SHOW(send(sender, "a", 1, MSG_OOB));
  say("nobody's: %d", (int)urgent);
  show_read(0);
  pid_t owner = getpid();
  SHOW(ioctl(receiver, SIOCSPGRP, &owner));
  CHECK(fcntl(receiver, F_GETOWN) == getpid());
  owner = 0;
  SHOW(ioctl(receiver, FIOGETOWN, &owner));
  CHECK(owner == getpid());
  SHOW(send(sender, "b", 1, MSG_OOB));
  wait_for(&urgent);
  say("urgent %d code %d", (int)urgent, code);
  SHOW(fcntl(receiver, F_SETSIG, SIGRTMIN));
  SHOW(send(sender, "c", 1, MSG_OOB));
  wait_for(&urgent);
  say("other %d", (int)other);
  part();
}

static void waits(void) {
  join();
  fd_set set;
  FD_ZERO(&set);
  FD_SET(receiver, &set);
  struct timeval none = {0};
  SHOW(select(receiver + 1, NULL, NULL, &set, &none));
  SHOW(send(sender, "a", 1, MSG_OOB));
  FD_SET(receiver, &set);
  SHOW(select(receiver + 1, NULL, NULL, &set, NULL));
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLPRI};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, receiver, &event));
  SHOW(epoll_wait(epoll, &event, 1, -1));
  say("events %#x", event.events);
  close(epoll);
  part();
}

int main(void) {
  alone();
  several();
  in_line();
  message();
  signals();
  waits();
  return 0;
}
