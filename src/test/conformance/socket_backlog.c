// Connecting without waiting: full backlogs of AF_UNIX, states of TCP as poll sees them, shut-down sides.
#include "check.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static void polled(const char *what, int fd) {
  struct pollfd ready = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
  int result = poll(&ready, 1, 0);
  say("%s: poll %d, %#x", what, result, (unsigned)ready.revents);
}

static int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  return getsockopt(fd, level, name, &value, &length) == 0 ? value : -errno;
}

static void unix_backlog(int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  unlink("socket");
  int server = socket(AF_UNIX, type, 0);
  need(bind(server, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  int early = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
  SHOW(connect(early, (struct sockaddr *)&address, sizeof address));
  polled("not connected", early);
  SHOW(listen(server, 0));
  polled("listening", server);
  say("accepting %d", option(server, SOL_SOCKET, SO_ACCEPTCONN));
  int clients[4];
  for (int i = 0; i < 4; i++) {
    clients[i] = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
    SHOW(connect(clients[i], (struct sockaddr *)&address, sizeof address));
  }
  polled("waiting to be accepted", server);
  polled("connected", clients[0]);
  SHOW(write(clients[0], "hi", 2));
  int end = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  CHECK(end >= 0);
  say("flags %d, %#x", fcntl(end, F_GETFD), (unsigned)fcntl(end, F_GETFL));
  SHOW(connect(clients[3], (struct sockaddr *)&address, sizeof address));
  SHOW(connect(clients[0], (struct sockaddr *)&address, sizeof address));
  polled("accepted", end);
  SHOW(shutdown(clients[0], SHUT_RD));
  SHOW(send(end, "x", 1, MSG_NOSIGNAL));
  polled("the other side reads no more", end);
  polled("reads no more", clients[0]);
  SHOW(shutdown(clients[0], SHUT_RDWR));
  polled("shut down", clients[0]);
  polled("the other side shut down", end);
  SHOW(shutdown(clients[0], 7));
  SHOW(shutdown(early, SHUT_RD));
  close(server);
  char text[4];
  SHOW(recv(clients[1], text, sizeof text, 0));
  polled("never accepted", clients[1]);
  SHOW(connect(early, (struct sockaddr *)&address, sizeof address));
  for (int i = 0; i < 4; i++) {
    close(clients[i]);
  }
  close(end);
  close(early);
}

static void tcp(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  polled("fresh", server);
  SHOW(accept(server, NULL, NULL));
  need(bind(server, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  polled("bound", server);
  need(listen(server, 8) == 0, "listen");
  need(getsockname(server, (struct sockaddr *)&address, &length) == 0, "getsockname");
  polled("listening", server);
  SHOW(accept(server, NULL, NULL));
  SHOW(shutdown(socket(AF_INET, SOCK_STREAM, 0), SHUT_WR));
  int client = socket(AF_INET, SOCK_STREAM, 0);
  SHOW(connect(client, (struct sockaddr *)&address, sizeof address));
  polled("connected", client);
  polled("to be accepted", server);
  int end = accept(server, NULL, NULL);
  CHECK(end >= 0);
  say("inherits nonblocking %d", fcntl(end, F_GETFL) & O_NONBLOCK);
  int one = 1;
  SHOW(setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  say("nodelay %d, keepalive %d, type %d, domain %d, protocol %d", option(client, IPPROTO_TCP, TCP_NODELAY),
      option(client, SOL_SOCKET, SO_KEEPALIVE), option(client, SOL_SOCKET, SO_TYPE),
      option(client, SOL_SOCKET, SO_DOMAIN), option(client, SOL_SOCKET, SO_PROTOCOL));
  SHOW(setsockopt(client, IPPROTO_TCP, 12345, &one, sizeof one));
  SHOW(setsockopt(client, SOL_SOCKET, SO_TYPE, &one, sizeof one));
  SHOW(setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &one, 1));
  SHOW(setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, bad_pointer(), sizeof one));
  SHOW(send(client, "data", 4, 0));
  int waiting = 0;
  struct pollfd in = {end, POLLIN, 0};
  SHOW(poll(&in, 1, 1000));
  SHOW(ioctl(end, FIONREAD, &waiting));
  say("waiting %d", waiting);
  SHOW(shutdown(end, SHUT_RD));
  polled("reads no more", end);
  char text[8];
  SHOW(recv(end, text, sizeof text, 0));
  SHOW(recv(end, text, sizeof text, 0));
  SHOW(shutdown(client, SHUT_WR));
  polled("writes no more", client);
  SHOW(shutdown(client, SHUT_WR));
  SHOW(close(end));
  sleep_ms(20);
  polled("closed by both", client);
  SHOW(recv(client, text, sizeof text, 0));
  SHOW(shutdown(client, SHUT_RDWR));
  SHOW(listen(server, -1));
  SHOW(listen(client, 1));
  SHOW(connect(server, (struct sockaddr *)&address, sizeof address));
  SHOW(connect(client, bad_pointer(), sizeof address));
  SHOW(accept(STDOUT_FILENO, NULL, NULL));
  SHOW(accept4(server, NULL, NULL, 0x1));
  SHOW(getpeername(server, (struct sockaddr *)&address, &length));
}

int main(void) {
  say("--- streams");
  unix_backlog(SOCK_STREAM);
  say("--- packets");
  unix_backlog(SOCK_SEQPACKET);
  say("--- tcp");
  tcp();
  return 0;
}
