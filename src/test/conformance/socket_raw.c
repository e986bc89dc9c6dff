// Raw sockets (raw(7)): who may have them, what they see of packets and of datagrams, headers of the sender's own, and
// checksums of IPv6.
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/socket.h>

static struct sockaddr_in here4 = {.sin_family = AF_INET};
static struct sockaddr_in6 here6 = {.sin6_family = AF_INET6};

static const struct sockaddr *here(int family) {
  return family == AF_INET ? (void *)&here4 : (void *)&here6;
}

static socklen_t size(int family) {
  return family == AF_INET ? sizeof here4 : sizeof here6;
}

static void kinds(void) {
  SHOW(socket(AF_INET, SOCK_RAW, 0));
  SHOW(socket(AF_INET, SOCK_RAW, -1));
  SHOW(socket(AF_INET, SOCK_RAW, 263));
  SHOW(socket(AF_INET, SOCK_STREAM, 263));
  SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  SHOW(socket(AF_INET6, SOCK_DGRAM, -5));
  SHOW(socket(AF_INET6, SOCK_RAW, 0));
  pid_t child = fork();
  if (child == 0) {
    need(setuid(65534) == 0, "setuid");
    SHOW(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
    SHOW(socket(AF_INET6, SOCK_RAW, 253));
    SHOW(socket(AF_INET, SOCK_RAW, 0));
    _exit(0);
  }
  reap("nobody", child);
}

// What was received: the header as far as it is determined, then what follows it.
static void receive(int fd, int family) {
  unsigned char bytes[256];
  struct sockaddr_storage from;
  socklen_t length = sizeof from;
  ssize_t count = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&from, &length);
  if (count < 0) {
    say("received: %s", error_name(errno));
    return;
  }
  unsigned port = family == AF_INET ? ((struct sockaddr_in *)&from)->sin_port : ((struct sockaddr_in6 *)&from)->sin6_port;
  say("received %zd from an address of %u bytes, port %u", count, length, port);
  int at = 0;
  if (family == AF_INET) {
    struct ip *header = (struct ip *)bytes;
    char source[32];
    char target[32];
    inet_ntop(AF_INET, &header->ip_src, source, sizeof source);
    inet_ntop(AF_INET, &header->ip_dst, target, sizeof target);
    say("  version %u, %u words, service %#x, length %u, ttl %u, protocol %u, %s to %s", header->ip_v, header->ip_hl,
        header->ip_tos, ntohs(header->ip_len), header->ip_ttl, header->ip_p, source, target);
    at = header->ip_hl * 4;
  }
  say("  \"%.*s\"", (int)count - at, bytes + at);
}

static void plain(int family, int protocol) {
  say("-- family %d, protocol %d", family, protocol);
  int one = socket(family, SOCK_RAW, protocol);
  int two = socket(family, SOCK_RAW, protocol);
  int other = socket(family, SOCK_RAW, 252);
  struct sockaddr_storage name;
  socklen_t length = sizeof name;
  SHOW(getsockname(one, (struct sockaddr *)&name, &length));
  say("port %u", ntohs(((struct sockaddr_in *)&name)->sin_port));
  SHOW(send(one, "nowhere", 7, 0));
  SHOW(shutdown(one, SHUT_WR));
  SHOW(listen(one, 1));
  SHOW(accept(one, NULL, NULL));
  SHOW(sendto(one, "first", 5, 0, here(family), size(family)));
  receive(one, family);
  receive(two, family);
  receive(other, family);
  SHOW(sendto(one, "", 0, 0, here(family), size(family)));
  SHOW(recv(one, &name, sizeof name, MSG_DONTWAIT));
  SHOW(recv(two, &name, 1, MSG_DONTWAIT | MSG_TRUNC));
  SHOW(sendto(one, "urgent", 6, MSG_OOB, here(family), size(family)));
  SHOW(connect(one, here(family == AF_INET ? AF_INET6 : AF_INET), sizeof here6));
  SHOW(connect(one, here(family), size(family)));
  length = sizeof name;
  SHOW(getpeername(one, (struct sockaddr *)&name, &length));
  length = sizeof name;
  SHOW(getsockname(one, (struct sockaddr *)&name, &length));
  say("port %u", ntohs(((struct sockaddr_in *)&name)->sin_port));
  SHOW(shutdown(one, SHUT_WR));
  int hops = 9;
  int service = 0x10;
  SHOW(setsockopt(one, IPPROTO_IP, IP_TTL, &hops, sizeof hops));
  SHOW(setsockopt(one, IPPROTO_IP, IP_TOS, &service, sizeof service));
  SHOW(send(one, "connected", 9, 0));
  receive(one, family);
  receive(two, family);
  SHOW(bind(two, here(family), size(family)));
  static char large[70000];
  SHOW(send(one, large, 65535, 0));
  SHOW(send(one, large, 65536, 0));
  int value = -1;
  length = sizeof value;
  SHOW(getsockopt(one, SOL_SOCKET, SO_PROTOCOL, &value, &length));
  say("protocol %d", value);
  struct pollfd poller = {.fd = other, .events = POLLIN | POLLOUT};
  SHOW(poll(&poller, 1, 0));
  say("events %#x", poller.revents);
  close(one);
  close(two);
  close(other);
}

// Datagrams are seen as well, and can be sent.
static void datagrams(void) {
  say("-- datagrams");
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
  int receiver = socket(AF_INET, SOCK_DGRAM, 0);
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in name = here4;
  socklen_t length = sizeof name;
  need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  getsockname(receiver, (struct sockaddr *)&name, &length);
  struct sockaddr_in own = here4;
  need(bind(sender, (struct sockaddr *)&own, sizeof own) == 0, "bind");
  getsockname(sender, (struct sockaddr *)&own, &length);
  SHOW(sendto(sender, "datagram", 8, 0, (struct sockaddr *)&name, sizeof name));
  unsigned char bytes[64] = "";
  SHOW(recv(raw, bytes, sizeof bytes, MSG_DONTWAIT));
  struct udphdr *header = (struct udphdr *)(bytes + 20);
  CHECK(header->dest == name.sin_port);
  CHECK(header->source == own.sin_port);
  say("length %u, \"%.8s\"", ntohs(header->len), bytes + 28);
  char text[16] = "";
  SHOW(recv(receiver, text, sizeof text, MSG_DONTWAIT));
  unsigned char packet[12] = {0, 7, 0, 0, 0, 12, 0, 0, 'm', 'a', 'd', 'e'};
  memcpy(packet + 2, &name.sin_port, 2);
  SHOW(sendto(raw, packet, sizeof packet, 0, (struct sockaddr *)&here4, sizeof here4));
  length = sizeof own;
  SHOW(recvfrom(receiver, text, sizeof text, MSG_DONTWAIT, (struct sockaddr *)&own, &length));
  say("\"%.4s\" from port %u", text, ntohs(own.sin_port));
  packet[5] = 13;
  SHOW(sendto(raw, packet, sizeof packet, 0, (struct sockaddr *)&here4, sizeof here4));
  SHOW(recv(receiver, text, sizeof text, MSG_DONTWAIT));
  packet[5] = 12;
  packet[7] = 1;
  SHOW(sendto(raw, packet, sizeof packet, 0, (struct sockaddr *)&here4, sizeof here4));
  SHOW(recv(receiver, text, sizeof text, MSG_DONTWAIT));
  close(raw);
  close(receiver);
  close(sender);
}

static void headers(void) {
  say("-- headers");
  int whole = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  int other = socket(AF_INET, SOCK_RAW, 253);
  int value = -1;
  socklen_t length = sizeof value;
  SHOW(getsockopt(whole, IPPROTO_IP, IP_HDRINCL, &value, &length));
  say("headers %d", value);
  SHOW(getsockopt(other, IPPROTO_IP, IP_HDRINCL, &value, &length));
  say("headers %d", value);
  unsigned char packet[64] = {0x45, 0x08, 0, 0, 0, 0, 0, 0, 33, 253};
  struct ip *header = (struct ip *)packet;
  header->ip_dst.s_addr = htonl(INADDR_LOOPBACK);
  memcpy(packet + 20, "own", 3);
  SHOW(sendto(whole, packet, 19, 0, (struct sockaddr *)&here4, sizeof here4));
  SHOW(sendto(whole, packet, 23, 0, (struct sockaddr *)&here4, sizeof here4));
  receive(other, AF_INET);
  receive(whole, AF_INET);
  inet_pton(AF_INET, "10.1.2.3", &header->ip_src);
  packet[0] = 0x4f;
  SHOW(sendto(whole, packet, 23, 0, (struct sockaddr *)&here4, sizeof here4));
  value = 1;
  SHOW(setsockopt(other, IPPROTO_IP, IP_HDRINCL, &value, sizeof value));
  packet[0] = 0x45;
  SHOW(sendto(other, packet, 23, 0, (struct sockaddr *)&here4, sizeof here4));
  SHOW(sendto(other, "short", 5, 0, (struct sockaddr *)&here4, sizeof here4));
  close(whole);
  close(other);
  whole = socket(AF_INET6, SOCK_RAW, IPPROTO_RAW);
  SHOW(sendto(whole, "short", 5, 0, (struct sockaddr *)&here6, sizeof here6));
  close(whole);
}

static void checksums(void) {
  say("-- checksums");
  int with = socket(AF_INET6, SOCK_RAW, 253);
  int without = socket(AF_INET6, SOCK_RAW, 253);
  int value = -7;
  socklen_t length = sizeof value;
  SHOW(getsockopt(with, IPPROTO_IPV6, IPV6_CHECKSUM, &value, &length));
  say("at %d", value);
  value = 3;
  SHOW(setsockopt(with, IPPROTO_IPV6, IPV6_CHECKSUM, &value, sizeof value));
  value = 2;
  SHOW(setsockopt(with, IPPROTO_IPV6, IPV6_CHECKSUM, &value, sizeof value));
  SHOW(setsockopt(with, IPPROTO_RAW, IPV6_CHECKSUM, &value, sizeof value));
  SHOW(setsockopt(with, IPPROTO_IP, IP_TTL, &value, sizeof value));
  SHOW(getsockopt(with, IPPROTO_IP, IP_TTL, &value, &length));
  SHOW(sendto(with, "abc", 3, 0, (struct sockaddr *)&here6, sizeof here6));
  SHOW(sendto(with, "abcdef", 6, 0, (struct sockaddr *)&here6, sizeof here6));
  unsigned char bytes[8] = "";
  SHOW(recv(with, bytes, sizeof bytes, MSG_DONTWAIT));
  say("%c%c %02x%02x %c%c", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5]);
  SHOW(recv(without, bytes, sizeof bytes, MSG_DONTWAIT));
  SHOW(sendto(without, "abcdef", 6, 0, (struct sockaddr *)&here6, sizeof here6));
  SHOW(recv(with, bytes, sizeof bytes, MSG_DONTWAIT));
  SHOW(recv(without, bytes, sizeof bytes, MSG_DONTWAIT));
  struct sockaddr_in6 name = here6;
  name.sin6_port = htons(17);
  SHOW(sendto(without, "abcdef", 6, 0, (struct sockaddr *)&name, sizeof name));
  name.sin6_port = htons(253);
  SHOW(sendto(without, "abcdef", 6, 0, (struct sockaddr *)&name, sizeof name));
  SHOW(sendto(without, "abcdef", 6, 0, (struct sockaddr *)&here4, sizeof here4));
  close(with);
  close(without);
  with = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
  SHOW(setsockopt(with, IPPROTO_IPV6, IPV6_CHECKSUM, &value, sizeof value));
  SHOW(getsockopt(with, IPPROTO_IPV6, IPV6_CHECKSUM, &value, &length));
  say("at %d", value);
  SHOW(sendto(with, "abc", 3, 0, (struct sockaddr *)&here6, sizeof here6));
  close(with);
}

// A packet counts for the memory that it takes, and what does not fit is lost.
static void room(void) {
  say("-- room");
  static char data[40000];
  int sizes[] = {0, 100, 500, 1500, 3000, 7000, 15000, 20000, 40000};
  for (int i = 0; i < 9; i++) {
    struct sockaddr_in name = here4;
    socklen_t length = sizeof name;
    int receiver = socket(AF_INET, SOCK_DGRAM, 0);
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
    getsockname(receiver, (struct sockaddr *)&name, &length);
    for (int j = 0; j < 300; j++) {
      sendto(sender, data, (size_t)sizes[i], 0, (struct sockaddr *)&name, sizeof name);
    }
    int count = 0;
    while (recv(receiver, data, 1, MSG_DONTWAIT) >= 0) {
      count++;
    }
    say("%d of %d bytes", count, sizes[i]);
    close(receiver);
    close(sender);
  }
}

int main(void) {
  here4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  here6.sin6_addr = in6addr_loopback;
  kinds();
  plain(AF_INET, 253);
  plain(AF_INET6, 253);
  plain(AF_INET, IPPROTO_TCP);
  datagrams();
  headers();
  checksums();
  room();
  return 0;
}
