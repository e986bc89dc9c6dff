// The calls of landlock(7) themselves: versions, sizes, flags, errors in their order, and the most layers.
#include "landlock_rules.h"

#include <sys/mman.h>
#include <sys/socket.h>

static void versions(void) {
  struct ruleset some = {READ_FILE, 0, 0};
  SHOW(create_ruleset(NULL, 0, 1));
  SHOW(create_ruleset(NULL, 0, 2));
  SHOW(create_ruleset(NULL, 0, 3));
  SHOW(create_ruleset(NULL, 0, 4));
  SHOW(create_ruleset(&some, 0, 1));
  SHOW(create_ruleset(NULL, 8, 1));
  SHOW(create_ruleset(&some, sizeof some, 1));
  SHOW(create_ruleset(&some, sizeof some, 2));
  SHOW(create_ruleset(&some, sizeof some, 1u << 31));
}

static void sizes(void) {
  static char big[8192];
  struct ruleset *some = (struct ruleset *)big;
  some->paths = READ_FILE;
  SHOW(create_ruleset(NULL, 0, 0));
  SHOW(create_ruleset(NULL, sizeof *some, 0));
  SHOW(create_ruleset(bad_pointer(), sizeof *some, 0));
  SHOW(create_ruleset(bad_pointer(), 4, 0));
  SHOW(create_ruleset(some, 0, 0));
  SHOW(create_ruleset(some, 7, 0));
  SHOW(create_ruleset(some, 8, 0) >= 0);
  SHOW(create_ruleset(some, 9, 0) >= 0);
  SHOW(create_ruleset(some, 16, 0) >= 0);
  SHOW(create_ruleset(some, 24, 0) >= 0);
  SHOW(create_ruleset(some, 25, 0) >= 0);
  SHOW(create_ruleset(some, 4096, 0) >= 0);
  SHOW(create_ruleset(some, 4097, 0));
  SHOW(create_ruleset(some, SIZE_MAX, 0));
  big[40] = 1;
  SHOW(create_ruleset(some, 40, 0) >= 0);
  SHOW(create_ruleset(some, 41, 0));
  // What is not given counts as zero.
  some->ports = 1u << 7;
  SHOW(create_ruleset(some, 8, 0) >= 0);
  SHOW(create_ruleset(some, 16, 0));
  SHOW(create_ruleset(some, 9, 0));
}

static void contents(void) {
  struct {
    struct ruleset rules;
    const char *what;
  } tried[] = {
      {{0, 0, 0}, "nothing"},
      {{ALL_PATHS, 3, 3}, "everything"},
      {{1u << 16, 0, 0}, "an unknown right to files"},
      {{1ull << 63, 0, 0}, "the last bit"},
      {{0, 1, 0}, "only ports"},
      {{0, 4, 0}, "an unknown right to ports"},
      {{0, 0, 1}, "only a scope"},
      {{0, 0, 4}, "an unknown scope"},
      {{1ull << 32, 0, 0}, "beyond 32 bits"},
  };
  for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
    long made = create_ruleset(&tried[i].rules, sizeof tried[i].rules, 0);
    say("%s: %s", tried[i].what, made >= 0 ? "made" : error_name(errno));
  }
}

static void descriptor(void) {
  int rules = ruleset_of(READ_FILE, 0, 0);
  char path[64], text[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", rules);
  SHOW(readlink(path, text, sizeof text - 1));
  say("%s", text);
  SHOW(fcntl(rules, F_GETFD));
  SHOW(fcntl(rules, F_GETFL) & O_ACCMODE);
  SHOW(read(rules, text, 1));
  SHOW(write(rules, text, 1));
  SHOW(read(rules, text, 0));
  SHOW(pread(rules, text, 1, 0));
  SHOW(lseek(rules, 0, SEEK_SET));
  SHOW(ftruncate(rules, 0));
  SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, rules, 0) == MAP_FAILED);
  SHOW(open(path, O_RDONLY));
  SHOW(open(path, O_PATH) >= 0);
  struct stat status;
  SHOW(fstat(rules, &status));
  SHOW(status.st_mode & 07777);
  SHOW(fchmod(rules, 0600));
}

static void rules(void) {
  int rules = ruleset_of(READ_FILE | READ_DIR, BIND_TCP, 0);
  int only_ports = ruleset_of(0, BIND_TCP, 0);
  int directory = open(".", O_RDONLY | O_DIRECTORY);
  make_file("plain", "x");
  int file = open("plain", O_RDONLY);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  int memory = memfd_create("m", 0);
  int sock = socket(AF_UNIX, SOCK_STREAM, 0);
  int names = open("/proc/self/ns/uts", O_RDONLY);
  struct path_rule path = {READ_FILE, directory};
  struct port_rule port = {BIND_TCP, 80};

  SHOW(add_rule(rules, PATH_BENEATH, &path, 0));
  SHOW(add_rule(rules, PATH_BENEATH, &path, 1));
  SHOW(add_rule(-1, PATH_BENEATH, &path, 1));
  SHOW(add_rule(-1, PATH_BENEATH, &path, 0));
  SHOW(add_rule(-1, 9, &path, 0));
  SHOW(add_rule(directory, PATH_BENEATH, &path, 0));
  SHOW(add_rule(open(".", O_PATH), PATH_BENEATH, &path, 0));
  SHOW(add_rule(rules, 0, &path, 0));
  SHOW(add_rule(rules, 3, &path, 0));
  SHOW(add_rule(rules, 3, NULL, 0));
  SHOW(add_rule(rules, PATH_BENEATH, NULL, 0));
  SHOW(add_rule(rules, PATH_BENEATH, bad_pointer(), 0));
  SHOW(add_rule(rules, NET_PORT, bad_pointer(), 0));
  path.rights = 0;
  path.parent = -1;
  SHOW(add_rule(rules, PATH_BENEATH, &path, 0));
  path.rights = WRITE_FILE;
  SHOW(add_rule(rules, PATH_BENEATH, &path, 0));
  path.rights = READ_FILE;
  SHOW(add_rule(rules, PATH_BENEATH, &path, 0));
  SHOW(add_rule(only_ports, PATH_BENEATH, &path, 0));
  path.parent = AT_FDCWD;
  SHOW(add_rule(rules, PATH_BENEATH, &path, 0));
  int others[] = {rules, ends[0], memory, sock, names, directory, file, open("plain", O_PATH)};
  const char *kinds[] = {"rules", "a pipe", "a memfd", "a socket", "a namespace", "a directory", "a file", "a place"};
  for (int i = 0; i < 8; i++) {
    path.parent = others[i];
    path.rights = READ_FILE;
    long result = add_rule(rules, PATH_BENEATH, &path, 0);
    int error = result == 0 ? 0 : errno;
    path.rights = READ_FILE | READ_DIR;
    long both = add_rule(rules, PATH_BENEATH, &path, 0);
    say("%s: %s, with a right to directories %s", kinds[i], error == 0 ? "0" : error_name(error),
        both == 0 ? "0" : error_name(errno));
  }
  SHOW(add_rule(rules, NET_PORT, &port, 0));
  port.port = 65535;
  SHOW(add_rule(rules, NET_PORT, &port, 0));
  port.port = 65536;
  SHOW(add_rule(rules, NET_PORT, &port, 0));
  port.port = UINT64_MAX;
  SHOW(add_rule(rules, NET_PORT, &port, 0));
  port.rights = CONNECT_TCP;
  SHOW(add_rule(rules, NET_PORT, &port, 0));
  port.rights = 0;
  SHOW(add_rule(rules, NET_PORT, &port, 0));
}

static void unprivileged(void) {
  int rules = ruleset_of(READ_FILE, 0, 0);
  become_ordinary();
  SHOW(restrict_self(rules, 0));
  SHOW(restrict_self(rules, 8));
  SHOW(restrict_self(-1, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(restrict_self(rules, 8));
  SHOW(restrict_self(-1, 8));
  SHOW(restrict_self(-1, 0));
  SHOW(restrict_self(-2, 4));
  SHOW(restrict_self(-1, 4));
  SHOW(restrict_self(-1, 6));
  SHOW(restrict_self(STDOUT_FILENO, 0));
  SHOW(restrict_self(open("/", O_PATH), 0));
  SHOW(restrict_self(rules, 0));
  SHOW(restrict_self(rules, 7));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void layers(void) {
  int rules = ruleset_of(READ_FILE, 0, 0);
  allow(rules, "/", READ_FILE);
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  int done = 0;
  while (done < 100 && restrict_self(rules, 0) == 0) {
    done++;
  }
  say("%d layers, then %s", done, error_name(errno));
  SHOW(open("plain", O_RDONLY) >= 0);
  pid_t child = fork();
  if (child == 0) {
    SHOW(restrict_self(rules, 0));
    SHOW(open("plain", O_RDONLY) >= 0);
    _exit(0);
  }
  reap("a child", child);
}

// Rules that come later do not count for what is in force already.
static void later(void) {
  int rules = ruleset_of(READ_FILE, 0, 0);
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  pid_t child = fork();
  if (child == 0) {
    SHOW(restrict_self(rules, 0));
    SHOW(open("plain", O_RDONLY));
    allow(rules, ".", READ_FILE);
    SHOW(open("plain", O_RDONLY));
    _exit(0);
  }
  reap("restricted before the rule", child);
  SHOW(restrict_self(rules, 0));
  SHOW(open("plain", O_RDONLY) >= 0);
  SHOW(open("/etc/passwd", O_RDONLY));
}

int main(void) {
  in_child("versions", versions);
  in_child("sizes", sizes);
  in_child("contents", contents);
  in_child("descriptor", descriptor);
  in_child("rules", rules);
  in_child("unprivileged", unprivileged);
  in_child("layers", layers);
  in_child("later", later);
  return 0;
}
