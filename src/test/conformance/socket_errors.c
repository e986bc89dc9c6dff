// What ICMP brings back: ECONNREFUSED and the queue of errors (IP_RECVERR, IPV6_RECVERR, MSG_ERRQUEUE).
#include "check.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_in closed4;
static struct sockaddr_in6 closed6;

// An address that nobody has: a port that was bound for a moment.
static void find_closed(void) {
  int fd = socket(AF_INET6, SOCK_DGRAM, 0);
  closed6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in6 any = {.sin6_family = AF_INET6};
  need(bind(fd, (struct sockaddr *)&any, sizeof any) == 0, "bind");
  socklen_t length = sizeof any;
  getsockname(fd, (struct sockaddr *)&any, &length);
  closed6.sin6_port = any.sin6_port;
  closed4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = any.sin6_port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  close(fd);
}

static void show_address(const char *what, const struct sockaddr *address, socklen_t length) {
  char host[64] = "";
  if (length == 0 || address->sa_family == AF_UNSPEC) {
    say("%s: none, %d bytes", what, (int)length);
  } else if (address->sa_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)address;
    inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
    say("%s: %s, port %s, %d bytes", what, host,
        four->sin_port == closed4.sin_port ? "as sent" : four->sin_port == 0 ? "0" : "ANOTHER", (int)length);
  } else {
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;
    inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
    say("%s: %s, port %s, scope %u, %d bytes", what, host,
        six->sin6_port == closed6.sin6_port ? "as sent" : six->sin6_port == 0 ? "0" : "ANOTHER", six->sin6_scope_id, (int)length);
  }
}

static void show_events(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT | POLLPRI};
  int count = poll(&one, 1, 0);
  say("poll: %d, events %#x", count, one.revents);
}

static void show_error_of(int fd) {
  int error = -1;
  socklen_t length = sizeof error;
  need(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0, "SO_ERROR");
  say("SO_ERROR: %s", error == 0 ? "0" : error_name(error));
}

static void take(int fd, size_t room, size_t control_room) {
  char data[64] = "";
  char control[256];
  struct sockaddr_storage name;
  memset(&name, 0, sizeof name);
  struct iovec piece = {data, room};
  struct msghdr message = {&name, sizeof name, &piece, 1, control, control_room, 0};
  ssize_t count = recvmsg(fd, &message, MSG_ERRQUEUE);
  if (count < 0) {
    say("MSG_ERRQUEUE: %s", error_name(errno));
    return;
  }
  say("MSG_ERRQUEUE: %zd bytes \"%.*s\", flags %#x", count, (int)count, data, message.msg_flags);
  show_address("sent to", (struct sockaddr *)&name, message.msg_namelen);
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
    struct sock_extended_err error;
    memcpy(&error, CMSG_DATA(each), sizeof error);
    say("level %d type %d, %zu bytes: %s, origin %d, type %d, code %d, pad %d, info %u, data %u", each->cmsg_level,
        each->cmsg_type, (size_t)each->cmsg_len, error_name((int)error.ee_errno), error.ee_origin, error.ee_type,
        error.ee_code, error.ee_pad, error.ee_info, error.ee_data);
    struct sockaddr_storage offender;
    size_t rest = each->cmsg_len - CMSG_LEN(sizeof error);
    memcpy(&offender, CMSG_DATA(each) + sizeof error, rest);
    show_address("offender", (struct sockaddr *)&offender, (socklen_t)rest);
  }
}

static void without(void) {
  say("without IP_RECVERR");
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  SHOW(sendto(fd, "lost", 4, 0, (struct sockaddr *)&closed4, sizeof closed4));
  show_events(fd);
  show_error_of(fd);
  take(fd, 64, 256);
  SHOW(connect(fd, (struct sockaddr *)&closed4, sizeof closed4));
  SHOW(send(fd, "one", 3, 0));
  show_events(fd);
  char byte;
  SHOW(recv(fd, &byte, 1, 0));
  SHOW(recv(fd, &byte, 1, 0));
  SHOW(send(fd, "two", 3, 0));
  SHOW(send(fd, "three", 5, 0));
  SHOW(send(fd, "four", 4, 0));
  show_error_of(fd);
  show_error_of(fd);
  close(fd);
}

static void with(int domain, int level, int option, const struct sockaddr *to, socklen_t length) {
  say("domain %d, level %d", domain, level);
  int fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int on = 1;
  SHOW(setsockopt(fd, level, option, &on, sizeof on));
  SHOW(sendto(fd, "first one", 9, 0, to, length));
  show_events(fd);
  take(fd, 64, 256);
  show_events(fd);
  take(fd, 64, 256);
  show_error_of(fd);
  SHOW(sendto(fd, "a", 1, 0, to, length));
  SHOW(sendto(fd, "b", 1, 0, to, length));
  char byte;
  SHOW(recv(fd, &byte, 1, 0));
  SHOW(sendto(fd, "longer", 6, 0, to, length));
  show_events(fd);
  take(fd, 64, 256);
  show_error_of(fd);
  show_events(fd);
  take(fd, 3, 256);
  take(fd, 64, 20);
  take(fd, 64, 0);
  SHOW(connect(fd, to, length));
  SHOW(send(fd, "connected", 9, 0));
  show_error_of(fd);
  take(fd, 64, 256);
  SHOW(send(fd, "", 0, 0));
  take(fd, 64, 256);
  close(fd);
}

// Whose memory is free again: the loopback interface always copies.
static void zero_copy(int type) {
  int fd = socket(AF_INET, type, 0);
  int receiver = socket(AF_INET, type, 0);
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  getsockname(receiver, (struct sockaddr *)&name, &length);
  if (type == SOCK_STREAM) {
    need(listen(receiver, 1) == 0, "listen");
  }
  need(connect(fd, (struct sockaddr *)&name, sizeof name) == 0, "connect");
  int peer = type == SOCK_STREAM ? accept(receiver, NULL, NULL) : receiver;
  int on = 1;
  char data[5000] = "";
  SHOW(send(fd, data, sizeof data, MSG_ZEROCOPY));
  need(recv(peer, data, sizeof data, type == SOCK_STREAM ? MSG_WAITALL : 0) == sizeof data, "recv");
  take(fd, 64, 256);
  SHOW(setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof on));
  for (int i = 0; i < 3; i++) {
    SHOW(send(fd, data, sizeof data, i == 1 ? 0 : MSG_ZEROCOPY));
    need(recv(peer, data, sizeof data, type == SOCK_STREAM ? MSG_WAITALL : 0) == sizeof data, "recv");
  }
  struct pollfd one = {.fd = fd, .events = 0};
  say("poll: %d, events %#x", poll(&one, 1, 1000), one.revents);
  sleep_ms(100);
  take(fd, 64, 256);
  take(fd, 64, 256);
  show_error_of(fd);
  close(fd);
  close(peer);
  close(receiver);
}

static void elsewhere(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  take(fd, 64, 256);
  close(fd);
  int on = 1;
  int value = -1;
  socklen_t length = sizeof value;
  fd = socket(AF_INET6, SOCK_DGRAM, 0);
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
  SHOW(getsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &value, &length));
  say("%d", value);
  close(fd);
}

int main(void) {
  find_closed();
  without();
  with(AF_INET, IPPROTO_IP, IP_RECVERR, (struct sockaddr *)&closed4, sizeof closed4);
  with(AF_INET6, IPPROTO_IPV6, IPV6_RECVERR, (struct sockaddr *)&closed6, sizeof closed6);
  zero_copy(SOCK_DGRAM);
  zero_copy(SOCK_STREAM);
  elsewhere();
  return 0;
}
