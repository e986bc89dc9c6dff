// Sockets for ICMP over the loopback interface: echo requests from datagram sockets and raw ones, filters, who may.
#include "check.h"
#include <arpa/inet.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct sockaddr_in four = {.sin_family = AF_INET};
static struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

static uint16_t sum(const void *data, size_t length) {
  uint32_t total = 0;
  const uint8_t *bytes = data;
  for (size_t i = 0; i < length; i += 2) {
    total += (uint32_t)bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
  }
  total = (total & 0xffff) + (total >> 16);
  total += total >> 16;
  return htons((uint16_t)~total);
}

static void set(const char *path, const char *value) {
  int fd = open(path, O_WRONLY);
  need(fd >= 0, path);
  need(write(fd, value, strlen(value)) > 0, path);
  close(fd);
}

static void show_packet(int fd, bool with_header) {
  uint8_t data[200];
  struct sockaddr_storage from;
  char control[200];
  struct iovec piece = {data, sizeof data};
  struct msghdr message = {&from, sizeof from, &piece, 1, control, sizeof control, 0};
  ssize_t count = recvmsg(fd, &message, MSG_DONTWAIT);
  if (count < 0) {
    say("received: %s", error_name(errno));
    return;
  }
  const uint8_t *icmp = data;
  if (with_header) {
    say("header: version %d, %d words, total %d, ttl %d, protocol %d, checksum %s", data[0] >> 4, data[0] & 15,
        data[2] << 8 | data[3], data[8], data[9], sum(data, 20) == 0 ? "right" : "WRONG");
    icmp += 20;
  }
  char host[64] = "";
  int port = -1;
  if (from.ss_family == AF_INET) {
    inet_ntop(AF_INET, &((struct sockaddr_in *)&from)->sin_addr, host, sizeof host);
    port = ntohs(((struct sockaddr_in *)&from)->sin_port);
  } else {
    inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&from)->sin6_addr, host, sizeof host);
    port = ntohs(((struct sockaddr_in6 *)&from)->sin6_port);
  }
  say("received %zd bytes from %s port %d, %d bytes of name, flags %#x: type %d, code %d, sequence %d, \"%.*s\"", count, host, port,
      (int)message.msg_namelen, message.msg_flags, icmp[0], icmp[1], icmp[6] << 8 | icmp[7], (int)(data + count - icmp - 8), icmp + 8);
  if (from.ss_family == AF_INET) {
    CHECK(sum(icmp, (size_t)(data + count - icmp)) == 0);
  }
  for (struct cmsghdr *each = CMSG_FIRSTHDR(&message); each != NULL; each = CMSG_NXTHDR(&message, each)) {
    int value = 0;
    memcpy(&value, CMSG_DATA(each), each->cmsg_len - CMSG_LEN(0) < 4 ? 1 : 4);
    say("control: level %d, type %d, %zu bytes, %d", each->cmsg_level, each->cmsg_type, (size_t)each->cmsg_len, value);
  }
}

static ssize_t echo(int fd, int type, int sequence, const char *text, const struct sockaddr *to, socklen_t length) {
  struct {
    struct icmphdr head;
    char text[40];
  } packet = {.head = {.type = (uint8_t)type, .un.echo = {htons(0x1234), htons((uint16_t)sequence)}}};
  size_t size = strlen(text);
  memcpy(packet.text, text, size);
  packet.head.checksum = sum(&packet, sizeof packet.head + size);
  return sendto(fd, &packet, sizeof packet.head + size, 0, to, length);
}

static void datagrams(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  need(fd >= 0, "a socket for echo requests");
  SHOW(echo(fd, ICMP_ECHO, 1, "hello", (struct sockaddr *)&four, sizeof four));
  show_packet(fd, false);
  show_packet(fd, false);
  SHOW(echo(fd, ICMP_ECHOREPLY, 2, "no", (struct sockaddr *)&four, sizeof four));
  SHOW(sendto(fd, "short", 5, 0, (struct sockaddr *)&four, sizeof four));
  SHOW(send(fd, "long enough", 11, 0));
  int on = 1;
  SHOW(setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
  int hops = 9;
  SHOW(setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof hops));
  SHOW(connect(fd, (struct sockaddr *)&four, sizeof four));
  SHOW(echo(fd, ICMP_ECHO, 3, "connected", NULL, 0));
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  say("poll: %d, events %#x", poll(&one, 1, 1000), one.revents);
  show_packet(fd, false);
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  need(getsockname(fd, (struct sockaddr *)&name, &length) == 0, "getsockname");
  CHECK(name.sin_port != 0);
  int other = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
  name.sin_addr.s_addr = htonl(INADDR_ANY);
  SHOW(bind(other, (struct sockaddr *)&name, sizeof name));
  name.sin_port = htons(777);
  SHOW(bind(other, (struct sockaddr *)&name, sizeof name));
  SHOW(bind(other, (struct sockaddr *)&name, sizeof name));
  SHOW(echo(fd, ICMP_ECHO, 4, "for the first", NULL, 0));
  show_packet(other, false);
  int type = 0;
  length = sizeof type;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length));
  int protocol = 0;
  SHOW(getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length));
  say("type %d, protocol %d", type, protocol);
  SHOW(listen(fd, 1));
  close(other);
  close(fd);
}

static void datagrams6(void) {
  int fd = socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
  need(fd >= 0, "a socket for echo requests");
  SHOW(echo(fd, ICMP6_ECHO_REQUEST, 1, "hello", (struct sockaddr *)&six, sizeof six));
  show_packet(fd, false);
  SHOW(echo(fd, ICMP_ECHO, 2, "no", (struct sockaddr *)&six, sizeof six));
  close(fd);
}

static void raw(void) {
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  need(fd >= 0, "a raw socket");
  SHOW(echo(fd, ICMP_ECHO, 1, "raw", (struct sockaddr *)&four, sizeof four));
  show_packet(fd, true);
  show_packet(fd, true);
  show_packet(fd, true);
  struct icmp_filter filter = {~(1U << ICMP_ECHOREPLY)};
  SHOW(setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter));
  SHOW(echo(fd, ICMP_ECHO, 2, "filtered", (struct sockaddr *)&four, sizeof four));
  show_packet(fd, true);
  show_packet(fd, true);
  struct icmp_filter seen = {0};
  socklen_t length = sizeof seen;
  SHOW(getsockopt(fd, SOL_RAW, ICMP_FILTER, &seen, &length));
  CHECK(seen.data == filter.data);
  // A wrong checksum gets no answer.
  char bad[8] = {ICMP_ECHO, 0, 1, 1};
  SHOW(sendto(fd, bad, sizeof bad, 0, (struct sockaddr *)&four, sizeof four));
  show_packet(fd, true);
  struct sockaddr_in name;
  length = sizeof name;
  need(getsockname(fd, (struct sockaddr *)&name, &length) == 0, "getsockname");
  say("port %d", ntohs(name.sin_port));
  set("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1");
  SHOW(echo(fd, ICMP_ECHO, 3, "ignored", (struct sockaddr *)&four, sizeof four));
  show_packet(fd, true);
  set("/proc/sys/net/ipv4/icmp_echo_ignore_all", "0");
  close(fd);
  fd = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  need(fd >= 0, "a raw socket");
  SHOW(echo(fd, ICMP6_ECHO_REQUEST, 1, "raw", (struct sockaddr *)&six, sizeof six));
  show_packet(fd, false);
  show_packet(fd, false);
  close(fd);
}

static void rights(void) {
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_ICMP));
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6));
  become_ordinary();
  SHOW(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  SHOW(socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
}

int main(void) {
  need(unshare(CLONE_NEWNET) == 0, "unshare");
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  need(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
  close(fd);
  four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  set("/proc/sys/net/ipv4/ping_group_range", "0 10");
  datagrams();
  datagrams6();
  raw();
  rights();
  return 0;
}
