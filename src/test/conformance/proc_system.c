// Files of /proc about the system and the network: modes, and that their shape is what tools parse.
#include "check.h"
#include <sched.h>
#include <net/if.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

static char text[1 << 20];

static bool load(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    say("%s: %s", path, error_name(errno));
    return false;
  }
  ssize_t total = 0;
  for (ssize_t count; (count = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0;) {
    total += count;
  }
  close(fd);
  text[total] = 0;
  return true;
}

static void modes(void) {
  static const char *const names[] = {
      "buddyinfo", "cgroups", "cmdline", "consoles", "cpuinfo", "crypto", "devices", "diskstats", "execdomains", "filesystems",
      "interrupts", "iomem", "ioports", "kallsyms", "loadavg", "locks", "meminfo", "misc", "mounts", "net", "pagetypeinfo",
      "partitions", "self", "slabinfo", "softirqs", "stat", "swaps", "sys", "sysvipc", "thread-self", "tty", "tty/drivers",
      "tty/ldiscs", "uptime", "version", "vmallocinfo", "vmstat", "zoneinfo", "net/anycast6", "net/arp", "net/dev",
      "net/dev_mcast", "net/fib_trie", "net/icmp", "net/icmp6", "net/if_inet6", "net/igmp", "net/igmp6", "net/ip6_flowlabel",
      "net/ipv6_route", "net/mcfilter", "net/mcfilter6", "net/netlink", "net/netstat", "net/packet", "net/protocols",
      "net/psched", "net/ptype", "net/raw", "net/raw6", "net/route", "net/rt6_stats", "net/rt_cache", "net/snmp", "net/snmp6",
      "net/sockstat", "net/sockstat6", "net/softnet_stat", "net/tcp", "net/tcp6", "net/udp", "net/udp6", "net/udplite",
      "net/udplite6", "net/unix"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    snprintf(path, sizeof path, "/proc/%s", names[i]);
    struct stat stat;
    if (lstat(path, &stat) < 0) {
      say("%s: %s", names[i], error_name(errno));
    } else {
      say("%s: %o", names[i], (unsigned)stat.st_mode);
    }
  }
}

// Lines that are the same wherever there is nothing but a loopback interface.
static void tables(void) {
  static const char *const whole[] = {"execdomains", "partitions", "swaps", "net/arp", "net/anycast6", "net/dev_mcast",
                                      "net/fib_trie", "net/icmp", "net/icmp6", "net/if_inet6", "net/igmp", "net/igmp6",
                                      "net/ip6_flowlabel", "net/mcfilter", "net/mcfilter6", "net/packet", "net/psched",
                                      "net/raw", "net/raw6", "net/route", "net/rt_cache", "net/tcp", "net/tcp6", "net/udp",
                                      "net/udp6", "net/udplite", "net/udplite6", "net/sockstat6"};
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
    char path[128];
    snprintf(path, sizeof path, "/proc/%s", whole[i]);
    if (load(path) && strncmp(whole[i], "partitions", 10) != 0) {
      say("%s:\n%.800s", whole[i], text);
    } else {
      say("%s: %.26s", whole[i], text);
    }
  }
}

static void first_words(const char *path, int count) {
  if (!load(path)) {
    return;
  }
  int length = 0;
  for (int words = 0; text[length] != 0 && text[length] != '\n' && words < count; length++) {
    words += text[length] == ' ' && text[length + 1] != ' ';
  }
  say("%s begins with: %.*s", path, length, text);
}

static void statistics(void) {
  first_words("/proc/net/snmp", 10);
  first_words("/proc/net/netstat", 5);
  first_words("/proc/net/protocols", 10);
  first_words("/proc/net/sockstat", 2);
  first_words("/proc/slabinfo", 4);
  first_words("/proc/softirqs", 1);
  first_words("/proc/buddyinfo", 2);
  first_words("/proc/zoneinfo", 2);
  first_words("/proc/pagetypeinfo", 4);
  need(load("/proc/net/snmp"), "snmp");
  CHECK(strstr(text, "\nTcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens") != NULL);
  CHECK(strstr(text, "\nTcp: 1 200 120000 -1 ") != NULL);
  CHECK(strstr(text, "\nUdp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors") != NULL);
  need(load("/proc/net/snmp6"), "snmp6");
  CHECK(strncmp(text, "Ip6InReceives                   \t", 33) == 0);
  CHECK(strstr(text, "\nUdp6InDatagrams") != NULL && strstr(text, "\nIcmp6InMsgs") != NULL);
  need(load("/proc/softirqs"), "softirqs");
  CHECK(strstr(text, "\n      NET_RX:") != NULL && strstr(text, "\n         RCU:") != NULL);
  need(load("/proc/zoneinfo"), "zoneinfo");
  CHECK(strstr(text, "  pages free     ") != NULL && strstr(text, "        managed  ") != NULL);
}

static void locks(void) {
  int fd = open("locked", O_RDWR | O_CREAT | O_TRUNC, 0600);
  need(fd >= 0, "open");
  struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
  need(fcntl(fd, F_SETLK, &range) == 0, "F_SETLK");
  range = (struct flock){.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 0};
  need(fcntl(fd, F_OFD_SETLK, &range) == 0, "F_OFD_SETLK");
  int other = open("locked", O_RDWR);
  need(flock(other, LOCK_SH) == 0, "flock");
  struct stat stat;
  need(fstat(fd, &stat) == 0, "fstat");
  need(load("/proc/locks"), "locks");
  char place[64];
  snprintf(place, sizeof place, ":%lu ", (unsigned long)stat.st_ino);
  char own[32];
  snprintf(own, sizeof own, " %d ", getpid());
  static const char *const kinds[] = {"POSIX  ADVISORY  WRITE ", "OFDLCK ADVISORY  READ -1 ", "FLOCK  ADVISORY  READ "};
  for (int i = 0; i < 3; i++) {
    bool found = false;
    char *line = text;
    while (line != NULL && *line != 0) {
      char *end = strchr(line, '\n');
      *end = 0;
      if (strstr(line, kinds[i]) != NULL && strstr(line, place) != NULL) {
        found = true;
        say("%s%s: %s", kinds[i], i == 1 || strstr(line, own) != NULL ? "of this process" : "of ANOTHER", strstr(line, place) + strlen(place));
      }
      *end = '\n';
      line = end + 1;
    }
    if (!found) {
      say("%sis missing", kinds[i]);
    }
  }
  unlink("locked");
}

int main(void) {
  modes();
  locks();
  need(unshare(CLONE_NEWNET) == 0, "unshare");
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  need(ioctl(fd, SIOCSIFFLAGS, &request) == 0, "SIOCSIFFLAGS");
  close(fd);
  tables();
  statistics();
  return 0;
}
