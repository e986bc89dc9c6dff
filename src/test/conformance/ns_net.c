// Network namespaces: a loopback interface that is down, ports and names of their own, who may change what.
#include "mount_tree.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
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

int main(void) {
  run("fresh", fresh);
  run("apart", apart);
  run("rights", rights);
  return 0;
}
