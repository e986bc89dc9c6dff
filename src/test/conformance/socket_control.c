// Control messages of datagrams over IP, truncated ones of AF_UNIX, times of arrival, recvmmsg(2) with its time-outs,
// what becomes of a UDP socket that connects, disconnects and shuts down, and whose credentials SO_PEERCRED tells.
#include "check.h"
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/sockios.h>

static int bound(int domain, void *address, socklen_t *length) {
  int fd = socket(domain, SOCK_DGRAM, 0);
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  *length = domain == AF_INET ? sizeof four : sizeof six;
  memcpy(address, domain == AF_INET ? (void *)&four : (void *)&six, *length);
  need(bind(fd, address, *length) == 0 && getsockname(fd, address, length) == 0, "bind");
  return fd;
}

static void on(int fd, int level, int option) {
  need(setsockopt(fd, level, option, &(int){1}, sizeof(int)) == 0, "an option");
}

static void take(int fd, size_t room) {
  char text[50] = "";
  char control[300];
  memset(control, 0, sizeof control);
  struct iovec piece = {text, sizeof text - 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
  if (length < 0) {
    say("nothing: %s", error_name(errno));
    return;
  }
  say("\"%s\", %zu control bytes, flags %#x", text, message.msg_controllen, message.msg_flags);
  for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL; head = CMSG_NXTHDR(&message, head)) {
    char line[200] = "";
    bool time = head->cmsg_level == SOL_SOCKET && head->cmsg_type != SCM_RIGHTS && head->cmsg_type != SCM_CREDENTIALS;
    bool who = head->cmsg_level == SOL_SOCKET && (head->cmsg_type == SCM_RIGHTS || head->cmsg_type == SCM_CREDENTIALS);
    for (size_t i = 0; !time && !who && CMSG_LEN(i) < head->cmsg_len; i++) {
      snprintf(line + strlen(line), sizeof line - strlen(line), "%02x", CMSG_DATA(head)[i]);
    }
    say("  level %d, type %d, length %zu %s", head->cmsg_level, head->cmsg_type, head->cmsg_len, line);
    if (time) {
      CHECK(*(long *)CMSG_DATA(head) > 1000000000);
    }
  }
}

static void give(int fd, void *to, socklen_t length, int level, int type, const void *data, size_t size) {
  char control[100];
  memset(control, 0, sizeof control);
  struct iovec piece = {"data", 4};
  struct msghdr message = {.msg_name = to,
                           .msg_namelen = length,
                           .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = CMSG_SPACE(size)};
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(size), .cmsg_level = level, .cmsg_type = type};
  memcpy(CMSG_DATA(head), data, size);
  ssize_t result = sendmsg(fd, &message, 0);
  say("level %d, type %d, %zu bytes, %d: %s", level, type, size, size >= 4 ? *(int *)data : *(char *)data,
      result < 0 ? error_name(errno) : "sent");
}

static void headers(int domain) {
  struct sockaddr_storage to;
  socklen_t length;
  int reader = bound(domain, &to, &length);
  int writer = socket(domain, SOCK_DGRAM, 0);
  int level = domain == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
  int pktinfo = domain == AF_INET ? IP_PKTINFO : IPV6_PKTINFO;
  int hops = domain == AF_INET ? IP_TTL : IPV6_HOPLIMIT;
  int service = domain == AF_INET ? IP_TOS : IPV6_TCLASS;
  on(reader, level, domain == AF_INET ? IP_PKTINFO : IPV6_RECVPKTINFO);
  SHOW(sendto(writer, "a", 1, 0, (void *)&to, length));
  take(reader, 300);
  on(reader, level, domain == AF_INET ? IP_RECVTTL : IPV6_RECVHOPLIMIT);
  on(reader, level, domain == AF_INET ? IP_RECVTOS : IPV6_RECVTCLASS);
  SHOW(sendto(writer, "b", 1, 0, (void *)&to, length));
  take(reader, 300);
  SHOW(setsockopt(writer, level, domain == AF_INET ? IP_TTL : IPV6_UNICAST_HOPS, &(int){7}, sizeof(int)));
  SHOW(setsockopt(writer, level, service, &(int){0x20}, sizeof(int)));
  SHOW(sendto(writer, "c", 1, 0, (void *)&to, length));
  take(reader, 300);
  SHOW(sendto(writer, "d", 1, 0, (void *)&to, length));
  take(reader, 40);
  SHOW(sendto(writer, "e", 1, 0, (void *)&to, length));
  take(reader, 12);
  static const int VALUES[] = {1, 0, -1, 255, 256};
  for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    give(writer, &to, length, level, hops, &VALUES[i], sizeof(int));
    take(reader, 300);
    give(writer, &to, length, level, service, &VALUES[i], sizeof(int));
    take(reader, 300);
  }
  give(writer, &to, length, level, hops, &VALUES[0], 1);
  give(writer, &to, length, level, service, &VALUES[0], 1);
  take(reader, 300);
  give(writer, &to, length, level, pktinfo, &VALUES[0], 4);
  give(writer, &to, length, level, 99, &VALUES[0], 4);
  give(writer, &to, length, SOL_SOCKET, 99, &VALUES[0], 4);
  give(writer, &to, length, 99, 99, &VALUES[0], 4);
  take(reader, 300);
}

static void times(void) {
  struct sockaddr_in to;
  socklen_t length;
  int reader = bound(AF_INET, &to, &length);
  int writer = socket(AF_INET, SOCK_DGRAM, 0);
  struct timeval stamp;
  SHOW(ioctl(reader, SIOCGSTAMP, &stamp));
  on(reader, SOL_SOCKET, SO_TIMESTAMP);
  SHOW(sendto(writer, "a", 1, 0, (void *)&to, length));
  take(reader, 300);
  SHOW(ioctl(reader, SIOCGSTAMP, &stamp));
  on(reader, SOL_SOCKET, SO_TIMESTAMPNS);
  SHOW(sendto(writer, "b", 1, 0, (void *)&to, length));
  take(reader, 300);
  SHOW(setsockopt(reader, SOL_SOCKET, SO_TIMESTAMPNS, &(int){0}, sizeof(int)));
  SHOW(sendto(writer, "c", 1, 0, (void *)&to, length));
  take(reader, 300);
  SHOW(ioctl(reader, SIOCGSTAMP, &stamp));
  CHECK(stamp.tv_sec > 1000000000);
}

static void cut(void) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair");
  on(ends[1], SOL_SOCKET, SO_PASSCRED);
  static const size_t ROOMS[] = {300, 28, 24, 20, 17, 16, 12, 0};
  for (size_t i = 0; i < sizeof ROOMS / sizeof *ROOMS; i++) {
    need(write(ends[0], "x", 1) == 1, "write");
    take(ends[1], ROOMS[i]);
  }
  static const size_t FILE_ROOMS[] = {300, 52, 51, 32, 30};
  for (size_t i = 0; i < sizeof FILE_ROOMS / sizeof *FILE_ROOMS; i++) {
    give(ends[0], NULL, 0, SOL_SOCKET, SCM_RIGHTS, (int[]){0, 1}, 8);
    take(ends[1], FILE_ROOMS[i]);
  }
  give(ends[0], NULL, 0, SOL_SOCKET, SCM_CREDENTIALS, &(struct ucred){1, getuid(), getgid()}, 12 - 4);
  give(ends[0], NULL, 0, SOL_SOCKET, SCM_RIGHTS, (int[]){99}, 4);
}

static void many(void) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0, "socketpair");
  char text[3][10];
  struct iovec pieces[3];
  struct mmsghdr messages[3];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < 3; i++) {
    pieces[i] = (struct iovec){text[i], 10};
    messages[i].msg_hdr = (struct msghdr){.msg_iov = &pieces[i], .msg_iovlen = 1};
  }
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, 0, &(struct timespec){-1, 0}));
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, 0, &(struct timespec){0, 1000000000}));
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, 0, bad_pointer()));
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, MSG_DONTWAIT, NULL));
  need(write(ends[0], "one", 3) == 3 && write(ends[0], "three", 5) == 5, "write");
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, MSG_WAITFORONE, NULL));
  say("%u, %u", messages[0].msg_len, messages[1].msg_len);
  need(write(ends[0], "one", 3) == 3, "write");
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(30);
    need(write(ends[0], "later", 5) == 5 && write(ends[0], "last", 4) == 4, "write");
    _exit(0);
  }
  SHOW(syscall(SYS_recvmmsg, ends[1], messages, 3, 0, NULL));
  say("%u, %u, %u", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
  reap("writer", child);
  struct timeval negative = {-1, 0};
  SHOW(setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &negative, sizeof negative));
  SHOW(read(ends[1], text, 10));
  SHOW(recv(ends[1], text, 10, 0));
}

static void name_of(const char *what, int fd) {
  struct sockaddr_in own = {0};
  struct sockaddr_in peer = {0};
  getsockname(fd, (void *)&own, &(socklen_t){sizeof own});
  int result = getpeername(fd, (void *)&peer, &(socklen_t){sizeof peer});
  say("%s: %s host, %s port, peer %s", what, own.sin_addr.s_addr == 0 ? "any" : "some",
      own.sin_port == 0 ? "no" : "some", result < 0 ? error_name(errno) : "known");
}

static void connections(void) {
  struct sockaddr_in to;
  socklen_t length;
  int reader = bound(AF_INET, &to, &length);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in nowhere = {.sin_family = AF_INET};
  struct sockaddr none = {.sa_family = AF_UNSPEC};
  name_of("new", fd);
  SHOW(connect(fd, (void *)&nowhere, sizeof nowhere));
  name_of("connected to nowhere", fd);
  SHOW(connect(fd, &none, sizeof none));
  name_of("dissolved", fd);
  SHOW(connect(fd, (void *)&to, length));
  name_of("connected", fd);
  SHOW(shutdown(fd, SHUT_RD));
  char byte;
  SHOW(recv(fd, &byte, 1, MSG_DONTWAIT));
  SHOW(recv(fd, &byte, 1, 0));
  struct pollfd ready = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  SHOW(poll(&ready, 1, 0));
  say("events %#x", ready.revents);
  SHOW(connect(fd, &none, sizeof none));
  name_of("dissolved", fd);
  close(fd);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  nowhere.sin_family = AF_UNSPEC;
  SHOW(bind(fd, (void *)&nowhere, sizeof nowhere));
  name_of("bound without a family", fd);
  nowhere.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int other = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(bind(other, (void *)&nowhere, sizeof nowhere));
  SHOW(setsockopt(reader, SOL_SOCKET, SO_RCVBUF, &(int){0}, sizeof(int)));
  char large[3000] = "";
  SHOW(sendto(fd, large, sizeof large, 0, (void *)&to, length));
  SHOW(recv(reader, large, sizeof large, MSG_DONTWAIT));
}

static void shown_peer(const char *what, int fd, pid_t parent, pid_t child) {
  struct ucred who = {0};
  need(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &(socklen_t){sizeof who}) == 0, "SO_PEERCRED");
  const char *name = who.pid == parent ? "parent" : who.pid == child ? "child" : who.pid == 0 ? "nobody" : "other";
  say("%s: %s", what, name);
}

static void peers(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "\0skerry-peers"};
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + 13;
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  on(listener, SOL_SOCKET, SO_PASSCRED);
  need(bind(listener, (void *)&address, length) == 0, "bind");
  int client = socket(AF_UNIX, SOCK_STREAM, 0);
  pid_t parent = getpid();
  shown_peer("bound", listener, parent, -1);
  pid_t child = fork();
  if (child == 0) {
    need(listen(listener, 2) == 0, "listen");
    shown_peer("listening", listener, parent, getpid());
    need(connect(client, (void *)&address, length) == 0, "connect");
    _exit(0);
  }
  reap("child", child);
  shown_peer("listening", listener, parent, child);
  shown_peer("connected", client, parent, child);
  int accepted = accept(listener, NULL, NULL);
  shown_peer("accepted", accepted, parent, child);
  int passes = 0;
  SHOW(getsockopt(accepted, SOL_SOCKET, SO_PASSCRED, &passes, &(socklen_t){sizeof passes}));
  say("passes %d", passes);
}

static void refused(void) {
  struct sockaddr_in to;
  socklen_t length = sizeof to;
  int holder = socket(AF_INET, SOCK_STREAM, 0);
  to = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  need(bind(holder, (void *)&to, length) == 0 && getsockname(holder, (void *)&to, &length) == 0, "bind");
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  char byte;
  SHOW(recv(fd, &byte, 0, 0));
  SHOW(connect(fd, (void *)&to, length));
  SHOW(read(fd, &byte, 1));
  SHOW(send(fd, "x", 1, MSG_NOSIGNAL));
  SHOW(listen(holder, 1));
  SHOW(connect(fd, (void *)&to, length));
  on(fd, IPPROTO_TCP, 36);  // TCP_INQ
  int accepted = accept(holder, NULL, NULL);
  SHOW(send(accepted, "abcdef", 6, 0));
  SHOW(recv(fd, &byte, 0, 0));
  take(fd, 300);
  SHOW(send(accepted, "abcdef", 6, 0));
  char control[100];
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = 100};
  SHOW(recvmsg(fd, &message, 0));
  say("%d bytes are left", *(int *)CMSG_DATA(CMSG_FIRSTHDR(&message)));
}

int main(void) {
  headers(AF_INET);
  headers(AF_INET6);
  times();
  cut();
  many();
  connections();
  peers();
  refused();
  return 0;
}
