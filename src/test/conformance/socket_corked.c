// Datagrams put together piece by piece (udp(7)), and streams that keep less than a packet back (tcp(7)): MSG_MORE and UDP_CORK, where the whole goes to, how large it gets, and
// what ends it. A datagram's data are read before anybody looks whether it has a receiver.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

static char large[70000];

static int bound(int family, struct sockaddr_storage *address, socklen_t *length) {
  int fd = socket(family, SOCK_DGRAM, 0);
  need(fd >= 0, "socket");
  memset(address, 0, sizeof *address);
  address->ss_family = (sa_family_t)family;
  if (family == AF_INET) {
    ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *length = sizeof(struct sockaddr_in);
  } else {
    ((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
    *length = sizeof(struct sockaddr_in6);
  }
  need(bind(fd, (struct sockaddr *)address, *length) == 0, "bind");
  getsockname(fd, (struct sockaddr *)address, length);
  return fd;
}

static void receive(int fd) {
  char text[64] = "";
  long length = recv(fd, text, sizeof text - 1, MSG_DONTWAIT | MSG_TRUNC);
  say("received %ld %s", length, length < 0 ? error_name(errno) : length > 60 ? "long" : text);
}

static void corked(int family) {
  struct sockaddr_storage to;
  struct sockaddr_storage elsewhere;
  socklen_t length;
  int receiver = bound(family, &to, &length);
  int other = bound(family, &elsewhere, &length);
  int fd = socket(family, SOCK_DGRAM, 0);
  say("-- family %d", family);
  SHOW(sendto(fd, "one ", 4, MSG_MORE, (struct sockaddr *)&to, length));
  receive(receiver);
  SHOW(sendto(fd, "two ", 4, MSG_MORE, (struct sockaddr *)&elsewhere, length));
  SHOW(send(fd, "three", 5, 0));
  receive(receiver);
  receive(other);
  SHOW(send(fd, "nowhere", 7, 0));
  SHOW(send(fd, "nowhere", 7, MSG_MORE));
  SHOW(connect(fd, (struct sockaddr *)&to, length));
  SHOW(send(fd, "", 0, MSG_MORE));
  receive(receiver);
  SHOW(send(fd, "", 0, 0));
  receive(receiver);
  int on = 1;
  int off = 0;
  SHOW(setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof on));
  SHOW(write(fd, "a", 1));
  SHOW(send(fd, "b", 1, 0));
  SHOW(connect(fd, (struct sockaddr *)&elsewhere, length));
  SHOW(send(fd, "c", 1, 0));
  receive(receiver);
  receive(other);
  SHOW(setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof on));
  SHOW(setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof off));
  receive(receiver);
  receive(other);
  SHOW(setsockopt(fd, IPPROTO_UDP, UDP_CORK, &off, sizeof off));
  receive(other);
  SHOW(send(fd, large, 60000, MSG_MORE));
  SHOW(send(fd, large, 5000, MSG_MORE));
  SHOW(send(fd, large, 5000, MSG_MORE));
  SHOW(send(fd, "after", 5, 0));
  receive(other);
  receive(other);
  SHOW(send(fd, "before", 6, MSG_MORE));
  SHOW(send(fd, (void *)8, 6, 0));
  SHOW(send(fd, " behind", 7, 0));
  receive(other);
  SHOW(send(fd, "closed", 6, MSG_MORE));
  close(fd);
  receive(other);
  fd = socket(family, SOCK_DGRAM, 0);
  int most = family == AF_INET ? 65507 : 65527;
  SHOW(sendto(fd, large, (size_t)most, 0, (struct sockaddr *)&to, length));
  receive(receiver);
  SHOW(sendto(fd, large, (size_t)most + 1, 0, (struct sockaddr *)&to, length));
  SHOW(sendto(fd, large, 65536, 0, (struct sockaddr *)&to, length));
  SHOW(sendto(fd, large, 65536, MSG_OOB, (struct sockaddr *)&to, length));
  SHOW(sendto(fd, large, 1, MSG_OOB, (struct sockaddr *)&to, length));
  SHOW(sendto(fd, "last", 4, MSG_MORE, (struct sockaddr *)&to, length));
  SHOW(shutdown(fd, SHUT_WR));
  receive(receiver);
  close(fd);
  close(receiver);
  SHOW(close(other));
}

// The errors of a corked datagram come when it leaves.
static void refused(void) {
  struct sockaddr_storage to;
  socklen_t length;
  int receiver = bound(AF_INET, &to, &length);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(connect(fd, (struct sockaddr *)&to, length));
  close(receiver);
  SHOW(send(fd, "a", 1, MSG_MORE));
  SHOW(send(fd, "b", 1, MSG_MORE));
  SHOW(send(fd, "c", 1, 0));
  SHOW(send(fd, "d", 1, MSG_MORE));
  SHOW(send(fd, "e", 1, MSG_MORE));
  close(fd);
}

static void unreadable(void) {
  struct sockaddr_in nobody = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(sendto(fd, (void *)-1, 1024, 0, (struct sockaddr *)&nobody, sizeof nobody));
  SHOW(sendto(fd, (void *)8, 1024, 0, (struct sockaddr *)&nobody, sizeof nobody));
  SHOW(sendto(fd, (void *)8, 0, 0, (struct sockaddr *)&nobody, sizeof nobody));
  char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + PAGE, PAGE);
  SHOW(sendto(fd, pages + PAGE - 10, 20, 0, (struct sockaddr *)&nobody, sizeof nobody));
  SHOW(sendto(fd, pages + PAGE - 10, 10, 0, (struct sockaddr *)&nobody, sizeof nobody));
  close(fd);
}

static void stream_pair(int pair[2]) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  need(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 1) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&name, &length);
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(pair[0], (struct sockaddr *)&name, sizeof name) == 0, "connect");
  pair[1] = accept(listener, NULL, NULL);
  close(listener);
}

enum way { BY_MORE, BY_CORK };

enum release { BY_SEND, BY_OPTION, BY_NODELAY, BY_SHUTDOWN, BY_CLOSE, BY_TIME, BY_URGENT };

// A stream keeps back less than a packet while more is to follow, but not for long: on a busy machine it may take several
// tries to see that.
static void kept_back(const char *name, enum way way, enum release release) {
  char text[64] = "";
  int on = 1;
  int off = 0;
  bool kept = false;
  for (int tries = 0; tries < 20 && !kept; tries++) {
    int pair[2];
    stream_pair(pair);
    if (way == BY_CORK) {
      need(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &on, sizeof on) == 0, "TCP_CORK");
    }
    need(send(pair[0], "kept", 4, way == BY_MORE ? MSG_MORE : 0) == 4, "send");
    kept = recv(pair[1], text, sizeof text, MSG_DONTWAIT) < 0;
    int sent = 4;
    switch (release) {
      case BY_SEND:
        need(send(pair[0], "sent", 4, 0) == 4, "send");
        sent = 8;
        break;
      case BY_OPTION:
        need(setsockopt(pair[0], IPPROTO_TCP, TCP_CORK, &off, sizeof off) == 0, "TCP_CORK");
        break;
      case BY_NODELAY:
        need(setsockopt(pair[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
        break;
      case BY_SHUTDOWN:
        need(shutdown(pair[0], SHUT_WR) == 0, "shutdown");
        break;
      case BY_CLOSE:
        close(pair[0]);
        pair[0] = -1;
        break;
      case BY_TIME:
        break;
      case BY_URGENT:
        need(send(pair[0], "!", 1, MSG_OOB) == 1, "send");
        break;
    }
    if (kept) {
      say("%s: kept back, then %zd of %d", name, recv(pair[1], text, (size_t)sent, MSG_WAITALL), sent);
    }
    close(pair[0]);
    close(pair[1]);
  }
  CHECK(kept);
}

// Whole packets do not wait.
static void packets(void) {
  int pair[2];
  stream_pair(pair);
  SHOW(send(pair[0], large, sizeof large, MSG_MORE));
  char *text = malloc(sizeof large);
  long got = recv(pair[1], text, 60000, MSG_WAITALL);
  say("%ld", got);
  SHOW(recv(pair[1], text, sizeof large - 60000, MSG_WAITALL));
  int none = 0;
  SHOW(setsockopt(pair[0], IPPROTO_TCP, TCP_WINDOW_CLAMP, &none, sizeof none));
  free(text);
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  corked(AF_INET);
  corked(AF_INET6);
  refused();
  unreadable();
  kept_back("more, sent", BY_MORE, BY_SEND);
  kept_back("more, pushed", BY_MORE, BY_NODELAY);
  kept_back("more, shut", BY_MORE, BY_SHUTDOWN);
  kept_back("more, closed", BY_MORE, BY_CLOSE);
  kept_back("more, late", BY_MORE, BY_TIME);
  kept_back("more, urgent", BY_MORE, BY_URGENT);
  kept_back("corked, let go", BY_CORK, BY_OPTION);
  kept_back("corked, pushed", BY_CORK, BY_NODELAY);
  kept_back("corked, closed", BY_CORK, BY_CLOSE);
  kept_back("corked, late", BY_CORK, BY_TIME);
  packets();
  return 0;
}
