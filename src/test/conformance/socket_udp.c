// UDP over loopback: boundaries, connected sockets, refusals, several messages at once, and what netlink tells of lo.
#include "check.h"
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int make_socket(struct sockaddr_in *address) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  need(fd >= 0, "socket");
  memset(address, 0, sizeof *address);
  address->sin_family = AF_INET;
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  need(bind(fd, (struct sockaddr *)address, sizeof *address) == 0, "bind");
  socklen_t length = sizeof *address;
  getsockname(fd, (struct sockaddr *)address, &length);
  return fd;
}

static void datagrams(void) {
  struct sockaddr_in one_address;
  struct sockaddr_in two_address;
  int one = make_socket(&one_address);
  int two = make_socket(&two_address);
  char buffer[64];
  SHOW(send(one, "x", 1, 0));
  SHOW(sendto(one, "hello", 5, 0, (struct sockaddr *)&two_address, sizeof two_address));
  SHOW(sendto(one, "", 0, 0, (struct sockaddr *)&two_address, sizeof two_address));
  SHOW(sendto(one, "cut here", 8, 0, (struct sockaddr *)&two_address, sizeof two_address));
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  SHOW(recvfrom(two, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &length));
  CHECK(from.sin_port == one_address.sin_port);
  SHOW(recv(two, buffer, sizeof buffer, 0));
  SHOW(recv(two, buffer, 3, MSG_TRUNC));
  SHOW(recv(two, buffer, sizeof buffer, MSG_DONTWAIT));
  static char large[70000];
  SHOW(sendto(one, large, sizeof large, 0, (struct sockaddr *)&two_address, sizeof two_address));
  SHOW(connect(one, (struct sockaddr *)&two_address, sizeof two_address));
  SHOW(send(one, "connected", 9, 0));
  SHOW(recv(two, buffer, sizeof buffer, 0));
  struct sockaddr_in third_address;
  int third = make_socket(&third_address);
  SHOW(sendto(third, "stranger", 8, 0, (struct sockaddr *)&one_address, sizeof one_address));
  SHOW(recv(one, buffer, sizeof buffer, MSG_DONTWAIT));
  close(two);
  SHOW(send(one, "nobody", 6, 0));
  sleep_ms(20);
  struct pollfd item = {.fd = one, .events = POLLIN | POLLOUT};
  poll(&item, 1, 100);
  say("poll %#x", (unsigned)item.revents);
  SHOW(send(one, "again", 5, 0));
  SHOW(send(one, "again", 5, 0));
  struct sockaddr nothing = {.sa_family = AF_UNSPEC};
  SHOW(connect(one, &nothing, sizeof nothing));
  SHOW(listen(one, 1));
  SHOW(accept(one, NULL, NULL));
  SHOW(shutdown(one, SHUT_RD));
  close(one);
  close(third);
}

// A connection may be dissolved; an address that nobody asked for goes with it (as getaddrinfo expects).
static void dissolved(void) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(9), .sin6_addr = in6addr_loopback};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr nothing = {.sa_family = AF_UNSPEC};
  struct sockaddr_in6 name;
  socklen_t length = sizeof name;
  char text[INET6_ADDRSTRLEN];
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  SHOW(connect(fd, (struct sockaddr *)&six, sizeof six));
  getsockname(fd, (struct sockaddr *)&name, &length);
  say("connected %s %d", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text), name.sin6_port != 0);
  SHOW(connect(fd, &nothing, sizeof nothing));
  SHOW(getpeername(fd, (struct sockaddr *)&name, &length));
  getsockname(fd, (struct sockaddr *)&name, &length);
  say("dissolved %s %d", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text), name.sin6_port != 0);
  SHOW(connect(fd, (struct sockaddr *)&four, sizeof four));
  getsockname(fd, (struct sockaddr *)&name, &length);
  say("again %s %d", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text), name.sin6_port != 0);
  close(fd);

  struct sockaddr_in bound;
  struct sockaddr_in peer;
  int one = make_socket(&bound);
  int two = make_socket(&peer);
  SHOW(connect(two, (struct sockaddr *)&bound, sizeof bound));
  SHOW(connect(two, &nothing, sizeof nothing));
  struct sockaddr_in after;
  length = sizeof after;
  getsockname(two, (struct sockaddr *)&after, &length);
  say("bound %s %d", inet_ntop(AF_INET, &after.sin_addr, text, sizeof text), after.sin_port != 0);
  int three = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(bind(three, (struct sockaddr *)&peer, sizeof peer));
  SHOW(connect(three, (struct sockaddr *)&bound, sizeof bound));
  SHOW(connect(three, &nothing, sizeof nothing));
  length = sizeof after;
  getsockname(three, (struct sockaddr *)&after, &length);
  CHECK(after.sin_port == peer.sin_port && after.sin_addr.s_addr == peer.sin_addr.s_addr);
  close(three);
  close(two);
  close(one);
}

static void many(void) {
  struct sockaddr_in one_address;
  struct sockaddr_in two_address;
  int one = make_socket(&one_address);
  int two = make_socket(&two_address);
  need(connect(one, (struct sockaddr *)&two_address, sizeof two_address) == 0, "connect");
  char texts[3][8] = {"a", "bb", "ccc"};
  struct iovec parts[3];
  struct mmsghdr messages[3];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < 3; i++) {
    parts[i] = (struct iovec){texts[i], (size_t)i + 1};
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  SHOW(sendmmsg(one, messages, 3, 0));
  say("lengths %u %u %u", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
  for (int i = 0; i < 3; i++) {
    parts[i].iov_len = 8;
    messages[i].msg_len = 0;
  }
  SHOW(recvmmsg(two, messages, 3, 0, NULL));
  say("lengths %u %u %u", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
  close(one);
  close(two);
}

// UDP-Lite has ports of its own, and says how much of a datagram its checksum covers.
static void lite(void) {
  enum { SOL_LITE = 136, SEND_COVERAGE = 10, RECEIVE_COVERAGE = 11 };
  struct sockaddr_in plain_address;
  int plain = make_socket(&plain_address);
  struct sockaddr_in address = plain_address;
  int one = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
  int two = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
  SHOW(bind(one, (struct sockaddr *)&address, sizeof address));
  SHOW(sendto(two, "lite", 4, 0, (struct sockaddr *)&address, sizeof address));
  char buffer[8] = "";
  SHOW(recv(plain, buffer, sizeof buffer, MSG_DONTWAIT));
  SHOW(recv(one, buffer, sizeof buffer, 0));
  int value = 0;
  socklen_t length = sizeof value;
  SHOW(getsockopt(one, SOL_SOCKET, SO_PROTOCOL, &value, &length));
  say("protocol %d", value);
  for (int wanted = 0; wanted < 30; wanted += 6) {
    SHOW(setsockopt(one, SOL_LITE, SEND_COVERAGE, &wanted, sizeof wanted));
    SHOW(setsockopt(one, SOL_LITE, RECEIVE_COVERAGE, &wanted, sizeof wanted));
    SHOW(getsockopt(one, IPPROTO_UDP, SEND_COVERAGE, &value, &length));
    say("covers %d", value);
    SHOW(getsockopt(one, SOL_LITE, RECEIVE_COVERAGE, &value, &length));
    say("covers %d", value);
  }
  for (int wanted = -1; wanted < 90000; wanted += 80001) {
    SHOW(setsockopt(one, SOL_LITE, SEND_COVERAGE, &wanted, sizeof wanted));
    SHOW(getsockopt(one, SOL_LITE, SEND_COVERAGE, &value, &length));
    say("covers %d", value);
  }
  SHOW(setsockopt(plain, SOL_LITE, SEND_COVERAGE, &value, sizeof value));
  SHOW(getsockopt(plain, SOL_LITE, SEND_COVERAGE, &value, &length));
  SHOW(connect(two, (struct sockaddr *)&address, sizeof address));
  close(one);
  SHOW(send(two, "nobody", 6, 0));
  sleep_ms(20);
  SHOW(send(two, "again", 5, 0));
  close(two);
  close(plain);
  int six = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE);
  CHECK(six >= 0);
  close(six);
}

static void interfaces(void) {
  struct ifaddrs *all = NULL;
  SHOW(getifaddrs(&all));
  for (struct ifaddrs *each = all; each != NULL; each = each->ifa_next) {
    if (strcmp(each->ifa_name, "lo") != 0 || each->ifa_addr == NULL) {
      continue;
    }
    char text[64] = "";
    if (each->ifa_addr->sa_family == AF_INET) {
      inet_ntop(AF_INET, &((struct sockaddr_in *)each->ifa_addr)->sin_addr, text, sizeof text);
      say("lo %s up %d loopback %d", text, (each->ifa_flags & IFF_UP) != 0,
          (each->ifa_flags & IFF_LOOPBACK) != 0);
    }
  }
  freeifaddrs(all);
  say("index %u", if_nametoindex("lo"));
  say("missing index %u", if_nametoindex("nothing0"));
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(ioctl(fd, SIOCGIFMTU, &request));
  say("mtu %d", request.ifr_mtu);
  SHOW(ioctl(fd, SIOCGIFADDR, &request));
  strcpy(request.ifr_name, "none");
  SHOW(ioctl(fd, SIOCGIFFLAGS, &request));
  close(fd);
}

// Sockets that are bound to addresses of the one kind and send to the other; types and addresses that do not fit.
static void mismatches(void) {
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(9)};
  struct sockaddr_in6 mapped = six;
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  static const int TYPES[] = {SOCK_DGRAM, SOCK_STREAM};
  for (int i = 0; i < 2; i++) {
    struct sockaddr_in6 own = six;
    own.sin6_port = 0;
    int fd = socket(AF_INET6, TYPES[i], 0);
    SHOW(bind(fd, (struct sockaddr *)&four, sizeof four));
    SHOW(bind(fd, (struct sockaddr *)&own, sizeof own));
    SHOW(connect(fd, (struct sockaddr *)&mapped, sizeof mapped));
    close(fd);
    own = mapped;
    own.sin6_port = 0;
    fd = socket(AF_INET6, TYPES[i], 0);
    SHOW(bind(fd, (struct sockaddr *)&own, sizeof own));
    SHOW(connect(fd, (struct sockaddr *)&six, sizeof six));
    if (TYPES[i] == SOCK_DGRAM) {
      SHOW(sendto(fd, "x", 1, 0, (struct sockaddr *)&six, sizeof six));
    }
    close(fd);
  }
  int ends[2];
  SHOW(socketpair(AF_INET, 0, 0, ends));
  SHOW(socket(AF_INET6, 0, 0));
  SHOW(socket(AF_UNIX, 0, 0));
  SHOW(socket(AF_INET, 11, 0));
}

int main(void) {
  datagrams();
  say("-- many");
  dissolved();
  many();
  say("-- interfaces");
  lite();
  interfaces();
  mismatches();
  return 0;
}
