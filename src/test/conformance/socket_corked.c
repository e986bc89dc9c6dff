// Datagrams put together piece by piece (udp(7)): MSG_MORE and UDP_CORK, where the whole goes to, how large it gets, and
// what ends it. A datagram's data are read before anybody looks whether it has a receiver.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
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

int main(void) {
  corked(AF_INET);
  corked(AF_INET6);
  refused();
  unreadable();
  return 0;
}
