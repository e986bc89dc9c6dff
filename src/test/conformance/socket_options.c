// Every socket option's value at first, what it takes, what it shows then, and the lengths that it takes; for each
// kind of socket.
#include "check.h"
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct kind {
  const char *name;
  int domain;
  int type;
};

static const struct kind KINDS[] = {
    {"unix stream", AF_UNIX, SOCK_STREAM},
    {"unix dgram", AF_UNIX, SOCK_DGRAM},
    {"tcp", AF_INET, SOCK_STREAM},
    {"udp", AF_INET, SOCK_DGRAM},
    {"tcp6", AF_INET6, SOCK_STREAM},
    {"udp6", AF_INET6, SOCK_DGRAM},
    {"netlink", AF_NETLINK, SOCK_RAW},
};

static int make(const struct kind *kind) {
  int fd = socket(kind->domain, kind->type, 0);
  need(fd >= 0, kind->name);
  return fd;
}

// What is not the same on every host, or of every run: cookies, marks of a real network.
static bool is_in(int number, const int *list) {
  for (; *list >= 0; list++) {
    if (*list == number) {
      return true;
    }
  }
  return false;
}

// What differs from host to host (cookies, defaults that the host's memory sets), and filters, policies and multicast
// groups, which have programs of their own or none.
static bool varies(int level, int option) {
  // SO_SNDBUF, SO_RCVBUF, filters, SO_TIMESTAMPING, cookies, SO_TXTIME, sk_lookup.
  static const int SOCKET[] = {7, 8, 18, 26, 27, 32, 33, 37, 50, 51, 52, 53, 55, 57, 61, 65, 68, 70, 71, 80, 84, -1};
  // IP_OPTIONS, IP_PKTOPTIONS, policies, IP_MULTICAST_IF, memberships.
  static const int IP[] = {4, 9, 16, 17, 32, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, -1};
  // Likewise, and IPV6_ADDRFORM, headers, IPV6_PATHMTU.
  static const int IPV6[] = {1,  6,  7,  17, 20, 21, 27, 28, 32, 34, 35, 42, 43, 44, 45, 46, 47, 48,
                             50, 54, 55, 57, 59, 61, 64, 65, 68, 69, 72, 80, -1};
  // TCP_INFO, TCP_CONGESTION, TCP_MD5SIG, repairs, keys, statistics.
  static const int TCP[] = {11, 13, 14, 19, 20, 21, 22, 24, 26, 29, 32, 33, 35, 38, 43, 44, 45, 46, -1};
  switch (level) {
    case SOL_SOCKET:
      return is_in(option, SOCKET);
    case IPPROTO_IP:
      return is_in(option, IP);
    case IPPROTO_IPV6:
      return is_in(option, IPV6);
    case IPPROTO_TCP:
      return is_in(option, TCP);
    default:
      return false;
  }
}

static void append(char *line, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void append(char *line, size_t size, const char *format, ...) {
  size_t length = strlen(line);
  va_list list;
  va_start(list, format);
  vsnprintf(line + length, size - length, format, list);
  va_end(list);
}

static void show_get(char *line, size_t size, int fd, int level, int option, socklen_t room) {
  unsigned char value[512];
  memset(value, 0xaa, sizeof value);
  socklen_t length = room;
  if (getsockopt(fd, level, option, value, &length) < 0) {
    append(line, size, " %s", error_name(errno));
    return;
  }
  append(line, size, " %u:", length);
  for (socklen_t i = 0; i < length && i < 16; i++) {
    append(line, size, "%02x", value[i]);
  }
}

static void scan(const struct kind *kind, int level, int first, int last) {
  static const int VALUES[] = {1, 0, -1, 3, 255, 256, 100000};
  for (int option = first; option <= last; option++) {
    if (varies(level, option)) {
      continue;
    }
    char line[900] = "";
    int fd = make(kind);
    show_get(line, sizeof line, fd, level, option, 256);
    int different = 0;
    int first_error = errno;
    bool failed = strchr(line, ':') == NULL;
    append(line, sizeof line, " |");
    for (size_t i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
      int result = setsockopt(fd, level, option, &VALUES[i], sizeof(int));
      append(line, sizeof line, " %d=%s", VALUES[i], result == 0 ? "" : error_name(errno));
      different += result == 0 || errno != first_error;
      if (result == 0) {
        show_get(line, sizeof line, fd, level, option, 256);
      }
    }
    append(line, sizeof line, " |");
    char big[300];
    memset(big, 0, sizeof big);
    static const socklen_t LENGTHS[] = {0, 1, 3, 8, 16, 300};
    for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
      int result = setsockopt(fd, level, option, big, LENGTHS[i]);
      append(line, sizeof line, " %u=%s", LENGTHS[i], result == 0 ? "0" : error_name(errno));
      different += result == 0 || errno != first_error;
      if (i < 4) {
        show_get(line, sizeof line, fd, level, option, LENGTHS[i]);
      }
    }
    close(fd);
    if (failed && different == 0) {
      snprintf(line, sizeof line, " %s", error_name(first_error));
    }
    say("%s %d/%d:%s", kind->name, level, option, line);
  }
}

int main(void) {
  for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
    const struct kind *kind = &KINDS[i];
    scan(kind, SOL_SOCKET, 0, 84);
    scan(kind, IPPROTO_IP, 0, 52);
    scan(kind, IPPROTO_IPV6, 0, 82);
    scan(kind, IPPROTO_TCP, 0, 50);
    scan(kind, IPPROTO_UDP, 0, 12);
    scan(kind, SOL_NETLINK, 0, 14);
    scan(kind, 999, 0, 1);
  }
  return 0;
}
