// What each right of landlock(7) allows: every call that asks for one, with each right alone and with all the others.
#include "landlock_rules.h"
#include "mount_tree.h"

#include <pthread.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

static const char *names[] = {"EXECUTE",   "WRITE_FILE", "READ_FILE", "READ_DIR",   "REMOVE_DIR", "REMOVE_FILE",
                              "MAKE_CHAR", "MAKE_DIR",   "MAKE_REG",  "MAKE_SOCK",  "MAKE_FIFO",  "MAKE_BLOCK",
                              "MAKE_SYM",  "REFER",      "TRUNCATE",  "IOCTL_DEV"};

static char line[1000];

static void note(const char *what, long result) {
  size_t at = strlen(line);
  snprintf(line + at, sizeof line - at, " %s=%s", what, result == -1 ? error_name(errno) : "0");
}

static void note_open(const char *what, const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC, 0644);
  note(what, fd);
  if (fd >= 0) {
    close(fd);
  }
}

static void prepare(void) {
  mkdir("d", 0755);
  mkdir("d/sub", 0755);
  mkdir("d/empty", 0755);
  make_file("d/file", "no program");
  chmod("d/file", 0755);
  make_file("d/gone", "");
  make_file("d/renamed", "");
  make_file("d/moved", "");
  mkfifo("d/pipe", 0644);
}

static void clean(void) { need(system("rm -rf d") == 0, "rm"); }

static long bind_socket(const char *path) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  long result = bind(fd, (struct sockaddr *)&name, sizeof name);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static void battery(void) {
  note_open("read", "d/file", O_RDONLY);
  note_open("write", "d/file", O_WRONLY);
  note_open("both", "d/file", O_RDWR);
  note_open("neither", "d/file", 3);
  note_open("path", "d/file", O_PATH);
  note_open("truncating", "d/file", O_WRONLY | O_TRUNC);
  note_open("truncating-read", "d/file", O_RDONLY | O_TRUNC);
  note_open("dir", "d/sub", O_RDONLY | O_DIRECTORY);
  note_open("fifo", "d/pipe", O_RDWR);
  char *argv[] = {"x", NULL};
  note("exec", execve("d/file", argv, argv));
  int fd = open("d/file", O_RDWR);
  if (fd >= 0) {
    note("ftruncate", ftruncate(fd, 3));
    close(fd);
  }
  note("truncate", truncate("d/file", 3));
  note("truncate-dir", truncate("d/sub", 3));
  note("mkdir", mkdir("d/new-dir", 0755));
  note_open("creat", "d/new-file", O_RDONLY | O_CREAT | O_EXCL);
  note("there", access("d/new-file", F_OK));
  note_open("creat-write", "d/newer-file", O_WRONLY | O_CREAT);
  note_open("creat-there", "d/file", O_RDONLY | O_CREAT);
  note_open("nameless", "d", O_RDWR | O_TMPFILE);
  note("mknod", mknod("d/new-reg", S_IFREG | 0644, 0));
  note("mkfifo", mkfifo("d/new-pipe", 0644));
  note("mkchar", mknod("d/new-char", S_IFCHR | 0644, 0));
  note("mkblock", mknod("d/new-block", S_IFBLK | 0644, makedev(7, 99)));
  note("mksock", mknod("d/new-sock", S_IFSOCK | 0644, 0));
  note("bind", bind_socket("d/new-bound"));
  note("symlink", symlink("x", "d/new-link"));
  note("mkdir-there", mkdir("d/sub", 0755));
  note("unlink", unlink("d/gone"));
  note("unlink-dir", unlink("d/empty"));
  note("unlink-none", unlink("d/nowhere"));
  note("rmdir-file", rmdir("d/file"));
  note("rmdir", rmdir("d/empty"));
  note("rename", rename("d/renamed", "d/renamed-2"));
  note("link", link("d/file", "d/linked"));
  note("move", rename("d/moved", "d/sub/moved"));
  note("link-down", link("d/file", "d/sub/linked"));
  note("rename-dir", rename("d/sub", "d/sub-2"));
  note("stat", access("d/file", F_OK));
  note("chmod", chmod("d/file", 0700));
  note("chdir", chdir("d"));
}

static void with(const char *title, int rights) {
  prepare();
  pid_t child = fork();
  if (child == 0) {
    int rules = ruleset_of(ALL_PATHS, 0, 0);
    allow(rules, "d", (uint64_t)rights);
    enforce(rules);
    snprintf(line, sizeof line, "%s:", title);
    battery();
    say("%s", line);
    _exit(0);
  }
  reap(title, child);
  clean();
}

// Only what a ruleset handles is forbidden, except to move files.
static void handled(int rights) {
  prepare();
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of((uint64_t)rights, 0, 0));
    snprintf(line, sizeof line, "handled %#x:", (unsigned)rights);
    battery();
    say("%s", line);
    _exit(0);
  }
  reap("handled", child);
  clean();
}

static void devices(void) {
  for (int allowed = 0; allowed < 2; allowed++) {
    int before = open("/dev/null", O_RDWR);
    pid_t child = fork();
    if (child == 0) {
      int rules = ruleset_of(IOCTL_DEV, 0, 0);
      allow(rules, "/dev/zero", allowed ? IOCTL_DEV : 0);
      enforce(rules);
      int number = 0;
      int fd = open("/dev/zero", O_RDWR);
      SHOW(ioctl(fd, 0x5401, &number));
      SHOW(ioctl(fd, FIONREAD, &number));
      SHOW(ioctl(fd, FIONBIO, &number));
      SHOW(ioctl(fd, FIOCLEX));
      SHOW(ioctl(fd, 0x12345678, &number));
      SHOW(ioctl(before, 0x5401, &number));
      SHOW(ioctl(open("/dev/null", O_RDONLY), 0x5401, &number));
      SHOW(ioctl(open("/dev/null", O_PATH), 0x5401, &number));
      SHOW(ioctl(open("/dev/ptmx", O_RDWR), TIOCGPTN, &number));
      int ends[2];
      need(pipe(ends) == 0, "pipe");
      SHOW(ioctl(ends[0], FIONREAD, &number));
      SHOW(ioctl(open("plain", O_RDONLY), 0x5401, &number));
      _exit(0);
    }
    reap("devices", child);
  }
}

// An open file keeps what its opener had; what has no name is nobody's.
static void open_files(void) {
  make_file("plain", "text");
  int before = open("plain", O_RDWR);
  int memory = memfd_create("m", 0);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  enforce(ruleset_of(ALL_PATHS, 0, 0));
  char path[64];
  SHOW(ftruncate(before, 2));
  SHOW(fchmod(before, 0600));
  SHOW(ftruncate(memory, 2));
  SHOW(open("plain", O_RDONLY));
  snprintf(path, sizeof path, "/proc/self/fd/%d", before);
  SHOW(open(path, O_RDONLY));
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  SHOW(open(path, O_RDWR | O_TRUNC) >= 0);
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  SHOW(open(path, O_RDONLY | O_NONBLOCK) >= 0);
  SHOW(open("/proc/self/ns/uts", O_RDONLY) >= 0);
  SHOW(open("/proc/self/status", O_RDONLY));
  SHOW(open("/dev/null", O_RDONLY));
  SHOW(flock(before, LOCK_EX));
  SHOW(chroot("/proc"));
  SHOW(open("/", O_RDONLY));
}

static void truncation_passed_on(void) {
  make_file("plain", "text");
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(TRUNCATE, 0, 0));
    int fd = open("plain", O_RDWR);
    SHOW(fd >= 0);
    SHOW(ftruncate(fd, 1));
    union {
      struct cmsghdr header;
      char room[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct iovec byte = {"x", 1};
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    SHOW(sendmsg(ends[1], &message, 0));
    _exit(0);
  }
  reap("the sender", child);
  union {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
  } control;
  char byte;
  struct iovec vector = {&byte, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  SHOW(recvmsg(ends[0], &message, 0));
  int fd;
  memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
  SHOW(ftruncate(fd, 1));
  SHOW(pwrite(fd, "y", 1, 0));
  SHOW(truncate("plain", 1));
}

// Each layer must allow it; a rule about a file adds to those about the directories above.
static void nested(void) {
  mkdir("n", 0755);
  mkdir("n/in", 0755);
  make_file("n/file", "");
  make_file("n/in/file", "");
  int outer = ruleset_of(READ_FILE | WRITE_FILE, 0, 0);
  allow(outer, "n", READ_FILE);
  allow(outer, "n/in", WRITE_FILE);
  allow(outer, "n/file", WRITE_FILE);
  enforce(outer);
  const char *paths[] = {"n/file", "n/in/file", "n/in/../file"};
  for (int layer = 0; layer < 3; layer++) {
    for (int i = 0; i < 3; i++) {
      say("layer %d %s: read %d write %d both %d", layer, paths[i], open(paths[i], O_RDONLY) >= 0,
          open(paths[i], O_WRONLY) >= 0, open(paths[i], O_RDWR) >= 0);
    }
    int inner = layer == 0 ? ruleset_of(READ_FILE | READ_DIR, 0, 0) : ruleset_of(WRITE_FILE, 0, 0);
    allow(inner, layer == 0 ? "n/in" : "/", layer == 0 ? READ_FILE : WRITE_FILE);
    enforce(inner);
  }
  SHOW(open("n", O_RDONLY));
  SHOW(mkdir("n/new", 0755));
}

static void *in_thread(void *other) {
  say("in a thread: %s", open("plain", O_RDONLY) >= 0 ? "open" : error_name(errno));
  return other;
}

static void *restricted(void *rules) {
  enforce(*(int *)rules);
  SHOW(open("plain", O_RDONLY));
  pthread_t child;
  pthread_create(&child, NULL, in_thread, NULL);
  pthread_join(child, NULL);
  return NULL;
}

static void threads(void) {
  make_file("plain", "text");
  int rules = ruleset_of(READ_FILE, 0, 0);
  pthread_t thread;
  pthread_create(&thread, NULL, restricted, &rules);
  pthread_join(thread, NULL);
  SHOW(open("plain", O_RDONLY) >= 0);
}

int main(void) {
  make_tree();
  for (int bit = 0; bit < 16; bit++) {
    char title[32];
    snprintf(title, sizeof title, "only %s", names[bit]);
    with(title, 1 << bit);
    snprintf(title, sizeof title, "all but %s", names[bit]);
    with(title, ALL_PATHS & ~(1 << bit));
  }
  with("nothing", 0);
  with("everything", ALL_PATHS);
  handled(EXECUTE);
  handled(MAKE_SYM);
  handled(ALL_PATHS & ~REFER);
  make_file("plain", "text");
  devices();
  in_child("open files", open_files);
  in_child("truncation passed on", truncation_passed_on);
  in_child("nested", nested);
  in_child("threads", threads);
  return 0;
}
