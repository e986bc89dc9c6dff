// TCP over loopback: bind rules, connect with and without waiting, half-close, reset, options, IPv6 and mapped addresses.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

static struct sockaddr_in on_loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int port_of(int fd) {
  struct sockaddr_in own;
  socklen_t length = sizeof own;
  need(getsockname(fd, (struct sockaddr *)&own, &length) == 0, "getsockname");
  return ntohs(own.sin_port);
}

static void show_poll(const char *what, int fd) {
  struct pollfd item = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  poll(&item, 1, 200);
  say("%s: poll %#x", what, (unsigned)item.revents);
}

static int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(fd, level, name, &value, &length);
  return value;
}

static int make_server(int *port) {
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = on_loopback(0);
  need(bind(server, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  need(listen(server, 8) == 0, "listen");
  *port = port_of(server);
  return server;
}

static void basics(void) {
  char buffer[64];
  int port;
  int server = make_server(&port);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  show_poll("fresh", client);
  SHOW(send(client, "x", 1, MSG_NOSIGNAL));
  SHOW(recv(client, buffer, 1, 0));
  struct sockaddr_in address = on_loopback(port);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  struct sockaddr_in peer;
  socklen_t length = sizeof peer;
  int end = accept(server, (struct sockaddr *)&peer, &length);
  need(end >= 0, "accept");
  CHECK(ntohs(peer.sin_port) == port_of(client));
  CHECK(peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
  CHECK(port_of(end) == port);
  SHOW(send(client, "question", 8, 0));
  SHOW(recv(end, buffer, sizeof buffer, 0));
  SHOW(shutdown(client, SHUT_WR));
  show_poll("half closed, the other side", end);
  SHOW(recv(end, buffer, sizeof buffer, 0));
  SHOW(send(end, "answer", 6, 0));
  SHOW(recv(client, buffer, sizeof buffer, 0));
  SHOW(send(client, "x", 1, MSG_NOSIGNAL));
  close(end);
  sleep_ms(20);
  show_poll("both closed", client);
  SHOW(recv(client, buffer, sizeof buffer, 0));
  close(client);

  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  end = accept(server, NULL, NULL);
  SHOW(send(client, "unread", 6, 0));
  sleep_ms(20);
  close(end);
  sleep_ms(20);
  show_poll("reset", client);
  SHOW(recv(client, buffer, sizeof buffer, 0));
  SHOW(recv(client, buffer, sizeof buffer, 0));
  close(client);

  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  end = accept(server, NULL, NULL);
  close(end);
  sleep_ms(20);
  SHOW(send(client, "first", 5, MSG_NOSIGNAL));
  sleep_ms(20);
  SHOW(send(client, "second", 6, MSG_NOSIGNAL));
  close(client);
  close(server);
}

static void without_waiting(void) {
  int port;
  int server = make_server(&port);
  struct sockaddr_in address = on_loopback(port);
  int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  show_poll("connected", client);
  say("error %d", option(client, SOL_SOCKET, SO_ERROR));
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  close(client);
  close(server);
  client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  show_poll("refused", client);
  say("error %s", error_name(option(client, SOL_SOCKET, SO_ERROR)));
  say("error %d", option(client, SOL_SOCKET, SO_ERROR));
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  close(client);
}

static void binding(void) {
  int port;
  int server = make_server(&port);
  int other = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = on_loopback(port);
  int one = 1;
  SHOW(bind(other, (struct sockaddr *)&address, sizeof address));
  SHOW(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  SHOW(bind(other, (struct sockaddr *)&address, sizeof address));
  address.sin_addr.s_addr = htonl(0x7f000002);
  SHOW(bind(other, (struct sockaddr *)&address, sizeof address));
  SHOW(bind(other, (struct sockaddr *)&address, sizeof address));
  address.sin_addr.s_addr = htonl(0x08080808);
  int third = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(bind(third, (struct sockaddr *)&address, sizeof address));
  SHOW(bind(third, (struct sockaddr *)&address, 8));
  address.sin_family = AF_INET6;
  SHOW(bind(third, (struct sockaddr *)&address, sizeof address));
  close(third);
  close(other);
  close(server);
  int shared[2];
  for (int i = 0; i < 2; i++) {
    shared[i] = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(setsockopt(shared[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof one));
    address = on_loopback(i == 0 ? 0 : port_of(shared[0]));
    SHOW(bind(shared[i], (struct sockaddr *)&address, sizeof address));
    SHOW(listen(shared[i], 4));
  }
  close(shared[0]);
  close(shared[1]);
}

static void six(void) {
  int server = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
  SHOW(bind(server, (struct sockaddr *)&address, sizeof address));
  SHOW(listen(server, 4));
  socklen_t length = sizeof address;
  getsockname(server, (struct sockaddr *)&address, &length);
  int port = ntohs(address.sin6_port);
  struct sockaddr_in four = on_loopback(port);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&four, sizeof four));
  struct sockaddr_in6 peer;
  length = sizeof peer;
  int end = accept(server, (struct sockaddr *)&peer, &length);
  char text[64];
  say("peer %s, %u bytes", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text), length);
  close(end);
  close(client);
  address.sin6_addr = (struct in6_addr)IN6ADDR_LOOPBACK_INIT;
  client = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  length = sizeof peer;
  getpeername(client, (struct sockaddr *)&peer, &length);
  say("peer %s", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text));
  close(client);
  close(server);
  int one = 1;
  server = socket(AF_INET6, SOCK_STREAM, 0);
  SHOW(setsockopt(server, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one));
  address.sin6_addr = (struct in6_addr)IN6ADDR_ANY_INIT;
  address.sin6_port = 0;
  SHOW(bind(server, (struct sockaddr *)&address, sizeof address));
  SHOW(listen(server, 4));
  length = sizeof address;
  getsockname(server, (struct sockaddr *)&address, &length);
  four = on_loopback(ntohs(address.sin6_port));
  client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&four, sizeof four));
  close(client);
  close(server);
}

static void options(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  say("type %d, domain %d, protocol %d", option(fd, SOL_SOCKET, SO_TYPE),
      option(fd, SOL_SOCKET, SO_DOMAIN), option(fd, SOL_SOCKET, SO_PROTOCOL));
  say("nodelay %d, keepalive %d", option(fd, IPPROTO_TCP, TCP_NODELAY),
      option(fd, SOL_SOCKET, SO_KEEPALIVE));
  SHOW(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  say("nodelay %d", option(fd, IPPROTO_TCP, TCP_NODELAY));
  SHOW(setsockopt(fd, IPPROTO_TCP, 12345, &one, sizeof one));
  SHOW(setsockopt(fd, 12345, 1, &one, sizeof one));
  int small = 4096;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
  say("receive buffer %d", option(fd, SOL_SOCKET, SO_RCVBUF));
  struct timeval wait = {0, 30000};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait));
  int port;
  int server = make_server(&port);
  struct sockaddr_in address = on_loopback(port);
  SHOW(connect(fd, (struct sockaddr *)&address, sizeof address));
  char byte;
  SHOW(recv(fd, &byte, 1, 0));
  SHOW(send(fd, "", 0, 0));
  struct linger now = {1, 0};
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
  int end = accept(server, NULL, NULL);
  close(fd);
  sleep_ms(20);
  SHOW(recv(end, &byte, 1, 0));
  close(end);
  close(server);
}

static int state(int fd) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  need(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0, "TCP_INFO");
  return info.tcpi_state;
}

static void pair_of(int ends[2]) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  need(bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 1) == 0, "listen");
  need(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(ends[0], (struct sockaddr *)&address, length) == 0, "connect");
  ends[1] = accept(listener, NULL, NULL);
  need(ends[1] >= 0, "accept");
  close(listener);
}

// What is thrown away by MSG_TRUNC, and the states that shutting down leads to.
static void discarded(void) {
  int ends[2];
  pair_of(ends);
  say("states %d, %d", state(ends[0]), state(ends[1]));
  SHOW(write(ends[0], "abcdefgh", 8));
  char text[9] = "........";
  SHOW(recv(ends[1], text, 4, MSG_TRUNC | MSG_PEEK));
  SHOW(recv(ends[1], text, 4, MSG_TRUNC));
  say("%s", text);
  SHOW(recv(ends[1], NULL, 2, MSG_TRUNC));
  SHOW(recv(ends[1], text, 8, 0));
  say("%s", text);
  SHOW(recv(ends[1], text, 8, MSG_TRUNC | MSG_DONTWAIT));
  SHOW(shutdown(ends[1], SHUT_WR));
  sleep_ms(50);
  say("states %d, %d", state(ends[0]), state(ends[1]));
  SHOW(shutdown(ends[0], SHUT_WR));
  sleep_ms(50);
  say("states %d, %d", state(ends[0]), state(ends[1]));
  SHOW(shutdown(ends[1], SHUT_WR));
  SHOW(shutdown(ends[0], SHUT_RD));
  SHOW(getpeername(ends[0], (struct sockaddr *)text, &(socklen_t){8}));
}

int main(void) {
  basics();
  say("-- without waiting");
  without_waiting();
  say("-- binding");
  binding();
  say("-- IPv6");
  six();
  say("-- bytes thrown away, and the end");
  discarded();
  say("-- options");
  options();
  return 0;
}
