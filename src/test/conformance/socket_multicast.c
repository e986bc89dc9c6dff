// Multicast over the loopback interface: membership, its errors, and who receives what.
#include "check.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PORT 5353

static const struct in_addr loopback = {0x0100007f};

static struct sockaddr_in address(const char *host, int port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, host, &name.sin_addr);
  return name;
}

static int change(int fd, int option, const char *group, struct in_addr interface) {
  struct ip_mreq request = {.imr_interface = interface};
  inet_pton(AF_INET, group, &request.imr_multiaddr);
  return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request);
}

static int receiver(const char *host) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int on = 1;
  need(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
  struct sockaddr_in name = address(host, PORT);
  if (bind(fd, (struct sockaddr *)&name, sizeof name) < 0) {
    say("bind to %s: %s", host, error_name(errno));
  }
  return fd;
}

static void taken(const char *what, int fd) {
  char text[32];
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  ssize_t count = recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&from, &length);
  if (count < 0) {
    say("%s: %s", what, error_name(errno));
  } else {
    char host[32];
    inet_ntop(AF_INET, &from.sin_addr, host, sizeof host);
    say("%s: \"%.*s\" from %s", what, (int)count, text, host);
  }
}

static void membership(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct in_addr any = {0};
  struct in_addr other = {htonl(0x0a000001)};
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "239.1.2.4", any));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "239.1.2.4", other));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "10.1.2.4", loopback));
  SHOW(change(fd, IP_DROP_MEMBERSHIP, "239.1.2.4", loopback));
  SHOW(change(fd, IP_DROP_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(change(fd, IP_DROP_MEMBERSHIP, "239.1.2.3", loopback));
  struct ip_mreqn indexed = {.imr_ifindex = 1};
  inet_pton(AF_INET, "239.1.2.5", &indexed.imr_multiaddr);
  SHOW(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &indexed, sizeof indexed));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &indexed, sizeof indexed));
  indexed.imr_ifindex = 77;
  SHOW(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &indexed, sizeof indexed));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &indexed, 4));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &indexed, 4));
  int joined = 0;
  for (int i = 0; i < 30; i++) {
    char group[32];
    snprintf(group, sizeof group, "239.9.9.%d", i + 1);
    if (change(fd, IP_ADD_MEMBERSHIP, group, loopback) == 0) {
      joined++;
    } else if (i < 29) {
      say("after %d: %s", joined, error_name(errno));
      break;
    }
  }
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(change(fd, IP_ADD_MEMBERSHIP, "239.1.2.3", loopback));
  close(fd);
  SHOW(setsockopt(0, IPPROTO_IP, IP_ADD_MEMBERSHIP, &indexed, sizeof indexed));
}

static void delivery(void) {
  int member = receiver("0.0.0.0");
  int stranger = receiver("0.0.0.0");
  int strict = receiver("0.0.0.0");
  int own = receiver("239.1.2.3");
  int plain = receiver("127.0.0.1");
  int off = 0;
  SHOW(setsockopt(strict, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off));
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in group = address("239.1.2.3", PORT);
  SHOW(sendto(sender, "no way", 6, 0, (struct sockaddr *)&group, sizeof group));
  SHOW(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback));
  struct in_addr interface = {0};
  socklen_t length = sizeof interface;
  SHOW(getsockopt(sender, IPPROTO_IP, IP_MULTICAST_IF, &interface, &length));
  say("interface %#x", ntohl(interface.s_addr));
  SHOW(sendto(sender, "nobody", 6, 0, (struct sockaddr *)&group, sizeof group));
  taken("nobody is a member, stranger", stranger);
  SHOW(change(member, IP_ADD_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(sendto(sender, "hello", 5, 0, (struct sockaddr *)&group, sizeof group));
  taken("member", member);
  taken("member again", member);
  taken("stranger", stranger);
  taken("strict", strict);
  taken("bound to the group", own);
  taken("bound to the host", plain);
  struct sockaddr_in other = address("239.1.2.99", PORT);
  SHOW(sendto(sender, "other", 5, 0, (struct sockaddr *)&other, sizeof other));
  taken("member of another group", member);
  SHOW(setsockopt(sender, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof off));
  SHOW(sendto(sender, "no loop", 7, 0, (struct sockaddr *)&group, sizeof group));
  taken("member without loop", member);
  taken("stranger without loop", stranger);
  taken("own without loop", own);
  SHOW(connect(sender, (struct sockaddr *)&group, sizeof group));
  SHOW(send(sender, "connected", 9, 0));
  taken("member", member);
  SHOW(change(member, IP_DROP_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(send(sender, "gone", 4, 0));
  taken("member no more", member);
  close(member);
  SHOW(change(strict, IP_ADD_MEMBERSHIP, "239.1.2.3", loopback));
  SHOW(send(sender, "strict", 6, 0));
  taken("strict", strict);
  close(strict);
  SHOW(send(sender, "closed", 6, 0));
  taken("stranger", stranger);
  taken("stranger", stranger);
  taken("stranger", stranger);
  int bound = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in name = address("127.0.0.1", 0);
  need(bind(bound, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  SHOW(sendto(bound, "from a bound one", 16, 0, (struct sockaddr *)&group, sizeof group));
  close(bound);
  close(own);
  close(plain);
  close(stranger);
  close(sender);
}

int main(void) {
  need(unshare(CLONE_NEWNET) == 0, "unshare");
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  need(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
  close(fd);
  membership();
  delivery();
  return 0;
}
