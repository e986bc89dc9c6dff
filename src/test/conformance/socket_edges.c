// What is wrong with a call is told before, or in spite of, what else would come of it: lengths of addresses, memory that
// cannot be read, requests that a kind of socket does not know.
#include "check.h"
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void lengths(int type) {
  int pair[2];
  need(socketpair(AF_UNIX, type, 0, pair) == 0, "socketpair");
  char text[8] = "text";
  char name[256] = "";
  struct iovec piece = {text, 4};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_name = name, .msg_namelen = (socklen_t)-1};
  SHOW(recvmsg(pair[0], &message, MSG_DONTWAIT));
  SHOW(sendmsg(pair[0], &message, MSG_DONTWAIT));
  message.msg_name = NULL;
  SHOW(sendmsg(pair[0], &message, MSG_DONTWAIT));
  message.msg_name = name;
  SHOW(recvmsg(pair[1], &message, MSG_DONTWAIT));
  message.msg_namelen = 4000;
  SHOW(recvmsg(pair[1], &message, MSG_DONTWAIT));
  message.msg_iovlen = 1025;
  message.msg_namelen = 0;
  SHOW(recvmsg(pair[1], &message, MSG_DONTWAIT));
  SHOW(sendmsg(pair[1], &message, MSG_DONTWAIT));
  close(pair[0]);
  close(pair[1]);
}

static void tcp_pair(int pair[2]) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  need(bind(listener, (struct sockaddr *)&name, sizeof name) == 0 && listen(listener, 1) == 0, "listen");
  getsockname(listener, (struct sockaddr *)&name, &length);
  pair[0] = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(pair[0], (struct sockaddr *)&name, sizeof name) == 0, "connect");
  pair[1] = accept(listener, NULL, NULL);
  close(listener);
}

// Of a packet that cannot be read to its end nothing is sent.
static void unreadable(int pair[2]) {
  char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + PAGE, PAGE);
  struct iovec pieces[2] = {{pages, 16}, {pages + PAGE - 8, 16}};
  char text[64];
  SHOW(send(pair[0], pages + PAGE - 1, 100, 0));
  SHOW(writev(pair[0], pieces, 2));
  SHOW(send(pair[0], pages + PAGE, 1, 0));
  SHOW(send(pair[0], pages + PAGE, 0, 0));
  SHOW(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  SHOW(send(pair[0], pages + PAGE - 10, 10, 0));
  SHOW(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  close(pair[0]);
  close(pair[1]);
}

static void marks(const char *name, int fd) {
  int value = -1;
  say("-- %s", name);
  SHOW(ioctl(fd, SIOCATMARK, &value));
  SHOW(ioctl(fd, SIOCATMARK, bad_pointer()));
  close(fd);
}

int main(void) {
  int pair[2];
  lengths(SOCK_STREAM);
  lengths(SOCK_DGRAM);
  tcp_pair(pair);
  unreadable(pair);
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  unreadable(pair);
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
  unreadable(pair);
  marks("tcp", socket(AF_INET, SOCK_STREAM, 0));
  marks("udp", socket(AF_INET, SOCK_DGRAM, 0));
  marks("udp over IPv6", socket(AF_INET6, SOCK_DGRAM, 0));
  marks("stream", socket(AF_UNIX, SOCK_STREAM, 0));
  marks("seqpacket", socket(AF_UNIX, SOCK_SEQPACKET, 0));
  marks("datagrams", socket(AF_UNIX, SOCK_DGRAM, 0));
  marks("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
  return 0;
}
