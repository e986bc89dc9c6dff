// Network namespaces: a loopback interface that is down, ports and names of their own, who may change what.
#include "mount_tree.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in place(const char *address, int port) {
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &in.sin_addr);
  return in;
}

static int bound(int type, const char *address, int port) {
  int fd = socket(AF_INET, type, 0);
  struct sockaddr_in in = place(address, port);
  say("bind %s:%d: %s", address, port, bind(fd, (void *)&in, sizeof in) == 0 ? "done" : error_name(errno));
  return fd;
}

static void connected(int type, const char *address, int port) {
  int fd = socket(AF_INET, type, 0);
  struct sockaddr_in in = place(address, port);
  say("connect %s:%d: %s", address, port, connect(fd, (void *)&in, sizeof in) == 0 ? "done" : error_name(errno));
  close(fd);
}

static int flags(int change) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = {.ifr_name = "lo"};
  SHOW(ioctl(fd, SIOCGIFFLAGS, &request));
  int before = request.ifr_flags;
  if (change >= 0) {
    request.ifr_flags = change;
    SHOW(ioctl(fd, SIOCSIFFLAGS, &request));
  }
  SHOW(ioctl(fd, SIOCGIFADDR, &request));
  close(fd);
  return before;
}

static int named(const char *name) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  strcpy(un.sun_path + 1, name);
  say("name %s: %s", name,
      bind(fd, (void *)&un, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)) == 0 ? "done" : error_name(errno));
  listen(fd, 1);
  return fd;
}

static void reach(const char *name) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  strcpy(un.sun_path + 1, name);
  say("reach %s: %s", name,
      connect(fd, (void *)&un, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)) == 0 ? "done" : error_name(errno));
}

static void fresh(void) {
  SHOW(unshare(CLONE_NEWNET));
  say("flags %x", flags(-1));
  bound(SOCK_STREAM, "127.0.0.1", 4000);
  bound(SOCK_STREAM, "0.0.0.0", 4000);
  connected(SOCK_STREAM, "127.0.0.1", 4000);
  connected(SOCK_DGRAM, "127.0.0.1", 4000);
  connected(SOCK_STREAM, "10.1.2.3", 4000);
  say("flags %x", flags(IFF_UP));
  say("flags %x", flags(-1));
  int fd = bound(SOCK_STREAM, "127.0.0.1", 4001);
  listen(fd, 1);
  connected(SOCK_STREAM, "127.0.0.1", 4001);
  connected(SOCK_STREAM, "127.0.0.1", 4002);
  connected(SOCK_STREAM, "10.1.2.3", 4000);
}

static void apart(void) {
  SHOW(unshare(CLONE_NEWNET));
  flags(IFF_UP);
  int port = bound(SOCK_STREAM, "127.0.0.1", 4003);
  listen(port, 1);
  named("skerry-name");
  int outer = open("/proc/self/ns/net", O_RDONLY);
  SHOW(unshare(CLONE_NEWNET));
  flags(IFF_UP);
  connected(SOCK_STREAM, "127.0.0.1", 4003);
  reach("skerry-name");
  bound(SOCK_STREAM, "127.0.0.1", 4003);
  named("skerry-name");
  // A socket stays in the namespace in which it was made.
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(setns(outer, CLONE_NEWNET));
  connected(SOCK_STREAM, "127.0.0.1", 4003);
  reach("skerry-name");
  struct sockaddr_in in = place("127.0.0.1", 4003);
  SHOW(connect(fd, (void *)&in, sizeof in));
}

static void rights(void) {
  SHOW(setresuid(1000, 1000, 1000));
  SHOW(unshare(CLONE_NEWNET));
  bound(SOCK_STREAM, "0.0.0.0", 80);
  SHOW(unshare(CLONE_NEWUSER));
  bound(SOCK_STREAM, "0.0.0.0", 80);
  flags(IFF_UP);
  SHOW(unshare(CLONE_NEWNET));
  bound(SOCK_STREAM, "0.0.0.0", 80);
  flags(IFF_UP);
  bound(SOCK_STREAM, "127.0.0.1", 81);
}

// The largest packet of the interface can be set, and shows in what is sent over it.
static void sizes(void) {
  need(unshare(CLONE_NEWNET) == 0, "unshare");
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int wanted[] = {1500, -1, 0, 70000, 1500};
  for (int i = 0; i < 5; i++) {
    request.ifr_mtu = wanted[i];
    SHOW(ioctl(fd, SIOCSIFMTU, &request));
    SHOW(ioctl(fd, SIOCGIFMTU, &request));
    say("mtu %d", request.ifr_mtu);
  }
  request.ifr_flags = IFF_UP;
  SHOW(ioctl(fd, SIOCSIFFLAGS, &request));
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  need(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 1) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&name, &length);
  int stream = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(stream, (struct sockaddr *)&name, sizeof name) == 0, "connect");
  int receiver = socket(AF_INET, SOCK_DGRAM, 0);
  need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  need(connect(fd, (struct sockaddr *)&name, sizeof name) == 0, "connect");
  int value = -1;
  length = sizeof value;
  SHOW(getsockopt(stream, IPPROTO_TCP, TCP_MAXSEG, &value, &length));
  say("segment %d", value);
  SHOW(getsockopt(stream, IPPROTO_IP, IP_MTU, &value, &length));
  say("mtu %d", value);
  SHOW(getsockopt(fd, IPPROTO_IP, IP_MTU, &value, &length));
  say("mtu %d", value);
  char data[2000] = "";
  value = IP_PMTUDISC_DO;
  SHOW(send(fd, data, 1473, 0));
  SHOW(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, sizeof value));
  SHOW(send(fd, data, 1472, 0));
  SHOW(send(fd, data, 1473, 0));
  close(fd);
  close(receiver);
  close(stream);
  close(listener);
}

int main(void) {
  run("fresh", fresh);
  run("apart", apart);
  run("rights", rights);
  run("sizes", sizes);
  return 0;
}
