// What the options of a socket take is bounded by net.core.optmem_max: filters and memberships, each given back when it goes.
#include "check.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <net/if.h>
#include <sys/socket.h>

static struct sock_filter program[BPF_MAXINSNS];

static void set(const char *name, const char *value) {
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/net/%s", name);
  int fd = open(path, O_WRONLY);
  need(fd >= 0, path);
  SHOW(write(fd, value, strlen(value)));
  close(fd);
}

static int attach(int fd, unsigned short length) {
  struct sock_fprog request = {length, program};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &request, sizeof request);
}

static int detach(int fd) {
  int zero = 0;
  return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero);
}

static int change(int fd, int option, unsigned number) {
  struct ip_mreq request = {.imr_interface.s_addr = htonl(INADDR_LOOPBACK), .imr_multiaddr.s_addr = htonl(0xef000000 + number)};
  return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request);
}

static void join(int fd) {
  unsigned joined = 0;
  while (joined < 100000 && change(fd, IP_ADD_MEMBERSHIP, joined) == 0) {
    joined++;
  }
  say("%u groups, then %s", joined, error_name(errno));
}

static void filters(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(attach(fd, BPF_MAXINSNS));
  SHOW(attach(fd, BPF_MAXINSNS));
  set("core/optmem_max", "4096");
  SHOW(attach(fd, BPF_MAXINSNS));
  SHOW(attach(fd, 1));
  SHOW(detach(fd));
  SHOW(attach(fd, BPF_MAXINSNS));
  SHOW(attach(fd, 1000));
  for (int i = 0; i < 1000; i++) {
    need(attach(fd, 10) == 0, "to put a filter in another's place");
  }
  for (int i = 0; i < 1000; i++) {
    need(detach(fd) == 0 && attach(fd, 10) == 0, "to detach and attach");
  }
  int locked = 1;
  SHOW(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &locked, sizeof locked));
  SHOW(attach(fd, BPF_MAXINSNS));
  program[0].code = 0xffff;
  SHOW(attach(fd, BPF_MAXINSNS));
  close(fd);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  SHOW(attach(fd, BPF_MAXINSNS));
  program[0].code = BPF_RET | BPF_K;
  close(fd);
}

static void memberships(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  join(fd);
  set("ipv4/igmp_max_memberships", "2147483647");
  join(fd);
  close(fd);
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  join(fd);
  SHOW(attach(fd, 500));
  SHOW(change(fd, IP_DROP_MEMBERSHIP, 0));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, 1));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, 5000));
  SHOW(change(fd, IP_ADD_MEMBERSHIP, 5001));
  close(fd);
  set("core/optmem_max", "131072");
  fd = socket(AF_INET, SOCK_DGRAM, 0);
  join(fd);
  close(fd);
  set("core/optmem_max", "-1");
}

// However often sockets with a filter and groups come and go.
static void again(void) {
  for (int i = 0; i < 1000; i++) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    need(attach(fd, BPF_MAXINSNS) == 0, "a filter");
    need(change(fd, IP_ADD_MEMBERSHIP, 1) == 0, "a group");
    close(fd);
  }
}

int main(void) {
  need(unshare(CLONE_NEWNET) == 0, "a network");
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  need(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "lo to be up");
  close(fd);
  for (int i = 0; i < BPF_MAXINSNS; i++) {
    program[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 99);
  }
  filters();
  memberships();
  again();
  return 0;
}
