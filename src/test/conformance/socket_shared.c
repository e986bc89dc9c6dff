// Who of several sockets that share a port gets a datagram (udp(7), socket(7)): who is connected to the sender, or else who
// came last; and what is too short for an address.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int shared(struct sockaddr_in *name) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int on = 1;
  need(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  need(bind(fd, (struct sockaddr *)name, sizeof *name) == 0, "bind");
  socklen_t length = sizeof *name;
  getsockname(fd, (struct sockaddr *)name, &length);
  return fd;
}

static void show_receivers(int fds[], int count) {
  char text[16];
  for (int i = 0; i < count; i++) {
    if (recv(fds[i], text, sizeof text, MSG_DONTWAIT) > 0) {
      say("received by %d", i);
    }
  }
}

static void last_comes_first(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fds[5];
  int count = 0;
  for (; count < 4; count++) {
    fds[count] = shared(&name);
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    need(sendto(sender, "x", 1, 0, (struct sockaddr *)&name, sizeof name) == 1, "sendto");
    show_receivers(fds, count + 1);
    close(sender);
  }
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof own;
  int known = socket(AF_INET, SOCK_DGRAM, 0);
  need(bind(known, (struct sockaddr *)&own, sizeof own) == 0, "bind");
  getsockname(known, (struct sockaddr *)&own, &length);
  SHOW(connect(fds[1], (struct sockaddr *)&own, sizeof own));
  SHOW(sendto(known, "x", 1, 0, (struct sockaddr *)&name, sizeof name));
  show_receivers(fds, count);
  int other = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(sendto(other, "x", 1, 0, (struct sockaddr *)&name, sizeof name));
  show_receivers(fds, count);
  SHOW(connect(fds[3], (struct sockaddr *)&own, sizeof own));
  SHOW(sendto(other, "x", 1, 0, (struct sockaddr *)&name, sizeof name));
  show_receivers(fds, count);
  for (int i = 0; i < count; i++) {
    close(fds[i]);
  }
  close(known);
  close(other);
}

static void lengths(int family) {
  char name[28] = {1, 99};
  int fd = socket(family, SOCK_DGRAM, 0);
  for (socklen_t length = 0; length <= sizeof name; length += 4) {
    say("length %u", length);
    SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)name, length));
    SHOW(connect(fd, (struct sockaddr *)name, length));
    if (family == AF_INET || length < 24) {
      SHOW(bind(fd, (struct sockaddr *)name, length));
    }
  }
  close(fd);
}

// To the receiver a datagram for a group has come to the interface's own address.
static void group(void) {
  struct sockaddr_in name = {.sin_family = AF_INET};
  socklen_t length = sizeof name;
  int fd = shared(&name);
  getsockname(fd, (struct sockaddr *)&name, &length);
  struct ip_mreqn member = {.imr_ifindex = 1};
  inet_pton(AF_INET, "239.9.8.7", &member.imr_multiaddr);
  int on = 1;
  SHOW(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &member, sizeof member));
  name.sin_addr = member.imr_multiaddr;
  SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, sizeof name));
  char text[4];
  char control[64];
  struct iovec piece = {text, sizeof text};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  SHOW(recvmsg(fd, &message, 0));
  struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  char to[32];
  inet_ntop(AF_INET, &info->ipi_addr, to, sizeof to);
  say("interface %d, for %s", info->ipi_ifindex, to);
  CHECK(info->ipi_spec_dst.s_addr != info->ipi_addr.s_addr);
  close(fd);
}

// A connection over IPv6 does not keep a socket from sending over IPv4.
static void either(void) {
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = in6addr_loopback};
  socklen_t length = sizeof four;
  int receiver = shared(&four);
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  SHOW(connect(fd, (struct sockaddr *)&six, sizeof six));
  SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&four, sizeof four));
  struct sockaddr_in from;
  length = sizeof from;
  char text[4];
  SHOW(recvfrom(receiver, text, sizeof text, MSG_DONTWAIT, (struct sockaddr *)&from, &length));
  CHECK(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  close(fd);
  fd = socket(AF_INET6, SOCK_DGRAM, 0);
  six.sin6_port = 0;
  SHOW(bind(fd, (struct sockaddr *)&six, sizeof six));
  SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&four, sizeof four));
  close(fd);
  close(receiver);
}

int main(void) {
  either();
  group();
  last_comes_first();
  lengths(AF_INET);
  lengths(AF_INET6);
  return 0;
}
