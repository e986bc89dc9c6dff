// Which ports of TCP a domain may bind and connect to (landlock(7)), and what is told of bad addresses before.
#include "landlock_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

union name {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
  struct sockaddr_un un;
};

static union name name_of(int family, int port) {
  union name name = {.any.sa_family = (sa_family_t)family};
  name.four.sin_port = htons((uint16_t)port);
  if (family == AF_INET) {
    name.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  } else if (family == AF_INET6) {
    name.six.sin6_addr = in6addr_loopback;
  }
  return name;
}

static int tcp(int family) { return socket(family, SOCK_STREAM, 0); }

// A port that is free, at least a moment ago.
static int free_port(void) {
  int fd = tcp(AF_INET);
  union name name = name_of(AF_INET, 0);
  socklen_t size = sizeof name;
  need(bind(fd, &name.any, sizeof name.four) == 0, "bind");
  getsockname(fd, &name.any, &size);
  close(fd);
  return ntohs(name.four.sin_port);
}

static int listener(int family, int *port) {
  int fd = tcp(family);
  union name name = name_of(family, 0);
  socklen_t size = sizeof name;
  need(bind(fd, &name.any, size) == 0 && listen(fd, 8) == 0, "a listener");
  getsockname(fd, &name.any, &size);
  *port = ntohs(name.four.sin_port);
  return fd;
}

static int bound, free_one, allowed, listening, listening6, listening_allowed;

static long bind_to(int family, int port, socklen_t size) {
  union name name = name_of(family, port);
  int fd = tcp(family);
  long result = bind(fd, &name.any, size);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static long connect_to(int family, int port, socklen_t size) {
  union name name = name_of(family, port);
  int fd = tcp(family);
  long result = connect(fd, &name.any, size);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static void battery(void) {
  const socklen_t four = sizeof(struct sockaddr_in), six = sizeof(struct sockaddr_in6);
  SHOW(bind_to(AF_INET, free_one, four));
  SHOW(bind_to(AF_INET, allowed, four));
  SHOW(bind_to(AF_INET, bound, four));
  SHOW(bind_to(AF_INET, 0, four));
  SHOW(bind_to(AF_INET6, free_one, six));
  SHOW(bind_to(AF_INET6, allowed, six));
  SHOW(bind_to(AF_INET, free_one, 1));
  SHOW(bind_to(AF_INET, free_one, 2));
  SHOW(bind_to(AF_INET, free_one, four - 1));
  SHOW(bind_to(AF_INET, free_one, 200));
  SHOW(bind_to(AF_INET6, free_one, 23));
  SHOW(bind_to(AF_INET6, free_one, 24));
  SHOW(connect_to(AF_INET, listening, four));
  SHOW(connect_to(AF_INET, listening_allowed, four));
  SHOW(connect_to(AF_INET, free_one, four));
  SHOW(connect_to(AF_INET, allowed, four));
  SHOW(connect_to(AF_INET6, listening6, six));
  SHOW(connect_to(AF_INET, listening, four - 1));
  SHOW(connect_to(AF_INET, listening, 0));
  // A family that is not the socket's.
  union name name = name_of(AF_INET6, free_one);
  SHOW(bind(tcp(AF_INET), &name.any, six));
  SHOW(connect(tcp(AF_INET), &name.any, six));
  name = name_of(AF_INET, free_one);
  SHOW(bind(tcp(AF_INET6), &name.any, four));
  name = name_of(AF_UNIX, 0);
  SHOW(bind(tcp(AF_INET), &name.any, six));
  SHOW(connect(tcp(AF_INET), &name.any, six));
  // AF_UNSPEC
  name = name_of(AF_UNSPEC, free_one);
  SHOW(bind(tcp(AF_INET), &name.any, four));
  SHOW(bind(tcp(AF_INET), &name.any, 8));
  SHOW(bind(tcp(AF_INET6), &name.any, four));
  SHOW(bind(tcp(AF_INET6), &name.any, six));
  SHOW(connect(tcp(AF_INET), &name.any, four));
  SHOW(connect(tcp(AF_INET), &name.any, 8));
  SHOW(connect(tcp(AF_INET6), &name.any, four));
  name.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SHOW(bind(tcp(AF_INET), &name.any, four));
  name.four.sin_port = htons((uint16_t)allowed);
  SHOW(bind(tcp(AF_INET), &name.any, four));
  name.four.sin_addr.s_addr = 0;
  SHOW(bind(tcp(AF_INET), &name.any, four));
  // What is no TCP.
  name = name_of(AF_INET, free_one);
  SHOW(bind(socket(AF_INET, SOCK_DGRAM, 0), &name.any, four));
  SHOW(connect(socket(AF_INET, SOCK_DGRAM, 0), &name.any, four));
  SHOW(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
  // A port that nobody names.
  SHOW(listen(tcp(AF_INET), 1));
}

static void free_domain(void) { battery(); }

static void restricted(void) {
  int rules = ruleset_of(0, BIND_TCP | CONNECT_TCP, 0);
  allow_port(rules, allowed, BIND_TCP | CONNECT_TCP);
  allow_port(rules, listening_allowed, CONNECT_TCP);
  enforce(rules);
  battery();
}

static void only_bind(void) {
  enforce(ruleset_of(0, BIND_TCP, 0));
  battery();
}

static void only_connect(void) {
  enforce(ruleset_of(0, CONNECT_TCP, 0));
  battery();
}

static void zero(void) {
  int rules = ruleset_of(0, BIND_TCP | CONNECT_TCP, 0);
  allow_port(rules, 0, BIND_TCP | CONNECT_TCP);
  enforce(rules);
  battery();
}

static void layers(void) {
  int rules = ruleset_of(0, BIND_TCP | CONNECT_TCP, 0);
  allow_port(rules, allowed, BIND_TCP);
  allow_port(rules, allowed, CONNECT_TCP);
  allow_port(rules, free_one, BIND_TCP);
  enforce(rules);
  SHOW(bind_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
  SHOW(bind_to(AF_INET, free_one, sizeof(struct sockaddr_in)));
  rules = ruleset_of(0, BIND_TCP, 0);
  allow_port(rules, allowed, BIND_TCP);
  enforce(rules);
  SHOW(bind_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
  SHOW(bind_to(AF_INET, free_one, sizeof(struct sockaddr_in)));
  SHOW(connect_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
  enforce(ruleset_of(READ_FILE, 0, 0));
  SHOW(bind_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
  enforce(ruleset_of(0, CONNECT_TCP, 0));
  SHOW(bind_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
  SHOW(connect_to(AF_INET, allowed, sizeof(struct sockaddr_in)));
}

// What is connected stays so; a socket from outside is bound by who uses it.
static void inherited(void) {
  int fd = tcp(AF_INET), other = tcp(AF_INET);
  union name name = name_of(AF_INET, listening);
  SHOW(connect(fd, &name.any, sizeof name.four));
  enforce(ruleset_of(0, BIND_TCP | CONNECT_TCP, 0));
  SHOW(send(fd, "x", 1, 0));
  SHOW(connect(other, &name.any, sizeof name.four));
  name = name_of(AF_INET, 0);
  SHOW(bind(other, &name.any, sizeof name.four));
}

int main(void) {
  listener(AF_INET, &listening);
  listener(AF_INET6, &listening6);
  listener(AF_INET, &listening_allowed);
  listener(AF_INET, &bound);
  free_one = free_port();
  allowed = free_port();
  while (allowed == free_one) {
    allowed = free_port();
  }
  in_child("free", free_domain);
  in_child("restricted", restricted);
  in_child("only bind", only_bind);
  in_child("only connect", only_connect);
  in_child("port 0", zero);
  in_child("layers", layers);
  in_child("inherited", inherited);
  return 0;
}
