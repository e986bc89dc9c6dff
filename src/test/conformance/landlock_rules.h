// The calls of landlock(7), which no libc has, and what they take.
#ifndef SKERRY_LANDLOCK_RULES_H
#define SKERRY_LANDLOCK_RULES_H

#include "check.h"

#include <sys/prctl.h>

enum {
  EXECUTE = 1,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REMOVE_DIR = 1 << 4,
  REMOVE_FILE = 1 << 5,
  MAKE_CHAR = 1 << 6,
  MAKE_DIR = 1 << 7,
  MAKE_REG = 1 << 8,
  MAKE_SOCK = 1 << 9,
  MAKE_FIFO = 1 << 10,
  MAKE_BLOCK = 1 << 11,
  MAKE_SYM = 1 << 12,
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  IOCTL_DEV = 1 << 15,
  ALL_PATHS = 0xffff,
  BIND_TCP = 1,
  CONNECT_TCP = 2,
  SCOPE_ABSTRACT = 1,
  SCOPE_SIGNAL = 2,
};

enum { PATH_BENEATH = 1, NET_PORT = 2 };

struct ruleset {
  uint64_t paths;
  uint64_t ports;
  uint64_t scopes;
};

struct path_rule {
  uint64_t rights;
  int32_t parent;
} __attribute__((packed));

struct port_rule {
  uint64_t rights;
  uint64_t port;
};

UNUSED static long create_ruleset(const void *attributes, size_t size, unsigned flags) {
  return syscall(444, attributes, size, flags);
}

UNUSED static long add_rule(int ruleset, int type, const void *rule, unsigned flags) {
  return syscall(445, ruleset, type, rule, flags);
}

UNUSED static long restrict_self(int ruleset, unsigned flags) { return syscall(446, ruleset, flags); }

UNUSED static int ruleset_of(uint64_t paths, uint64_t ports, uint64_t scopes) {
  struct ruleset attributes = {paths, ports, scopes};
  int made = (int)create_ruleset(&attributes, sizeof attributes, 0);
  need(made >= 0, "a ruleset");
  return made;
}

UNUSED static void allow(int ruleset, const char *path, uint64_t rights) {
  struct path_rule rule = {rights, open(path, O_PATH | O_CLOEXEC)};
  need(rule.parent >= 0, path);
  need(rights == 0 || add_rule(ruleset, PATH_BENEATH, &rule, 0) == 0, "a rule");
  close(rule.parent);
}

UNUSED static void allow_port(int ruleset, int port, uint64_t rights) {
  struct port_rule rule = {rights, (uint64_t)port};
  need(add_rule(ruleset, NET_PORT, &rule, 0) == 0, "a rule");
}

// Puts the rules into force, and closes them.
UNUSED static void enforce(int ruleset) {
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  need(restrict_self(ruleset, 0) == 0, "a domain");
  close(ruleset);
}

#endif
