// Files without a name: attributes of pipes and sockets, locks that both ends of a pipe share, positions; which files
// take O_DIRECT; links by descriptor; lists of directories into memory that ends.
#include "check.h"
#include <dirent.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static void attributes(const char *what, int fd) {
  say("-- %s", what);
  struct stat now;
  SHOW(fstat(fd, &now));
  say("mode %o, links %ld, size %ld, block %ld, blocks %ld", now.st_mode, (long)now.st_nlink, (long)now.st_size,
      (long)now.st_blksize, (long)now.st_blocks);
  if (!S_ISSOCK(now.st_mode)) {
    CHECK(now.st_mtime > 0);
  }
  SHOW(fchmod(fd, 0640));
  SHOW(fchown(fd, geteuid(), getegid()));
  struct timespec times[2] = {{1, 2}, {3, 4}};
  bool set = SHOW(futimens(fd, times)) == 0;
  SHOW(fstat(fd, &now));
  say("mode %o", now.st_mode);
  if (set) {
    say("times %ld.%09ld, %ld.%09ld", (long)now.st_atim.tv_sec, now.st_atim.tv_nsec, (long)now.st_mtim.tv_sec,
        now.st_mtim.tv_nsec);
  }
  char byte;
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(pread(fd, &byte, 1, 0));
  SHOW(pwrite(fd, &byte, 1, 0));
  SHOW(ftruncate(fd, 0));
  SHOW(fallocate(fd, 0, 0, 1));
}

static void nameless(void) {
  int ends[2];
  need(pipe2(ends, O_NONBLOCK) == 0, "pipe");
  attributes("pipe, to read", ends[0]);
  attributes("pipe, to write", ends[1]);
  SHOW(flock(ends[0], LOCK_EX | LOCK_NB));
  SHOW(flock(ends[1], LOCK_EX | LOCK_NB));
  SHOW(flock(ends[0], LOCK_UN));
  SHOW(flock(ends[1], LOCK_EX | LOCK_NB));
  attributes("socket", socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  attributes("socket", socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  attributes("eventfd", eventfd(0, EFD_NONBLOCK));
  attributes("epoll", epoll_create1(0));
  attributes("timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
}

static void try_direct(const char *path, int flags) {
  int fd = open(path, flags | O_DIRECT, 0600);
  say("%s directly: %s", path, fd < 0 ? error_name(errno) : "open");
  close(fd);
  fd = open(path, flags | O_NONBLOCK, 0600);
  need(fd >= 0, path);
  SHOW(fcntl(fd, F_SETFL, O_DIRECT));
  close(fd);
}

static void direct(void) {
  try_direct("plain", O_RDWR | O_CREAT);
  try_direct(".", O_RDONLY);
  try_direct("/", O_RDONLY);
  try_direct("/dev", O_RDONLY);
  try_direct("/dev/null", O_RDWR);
  try_direct("/dev/zero", O_RDWR);
  try_direct("/proc/self", O_RDONLY);
  try_direct("/proc/self/stat", O_RDONLY);
  try_direct("/sys", O_RDONLY);
  need(mkfifo("fifo", 0600) == 0, "mkfifo");
  try_direct("fifo", O_RDWR);
  int fd = eventfd(0, 0);
  SHOW(fcntl(fd, F_SETFL, O_DIRECT));
  close(fd);
  fd = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(fcntl(fd, F_SETFL, O_DIRECT));
  close(fd);
}

static void links(void) {
  int own = open("plain", O_RDWR);
  int place = open("plain", O_PATH);
  int nameless = open(".", O_TMPFILE | O_RDWR, 0600);
  need(own >= 0 && place >= 0, "plain");
  become_ordinary();
  SHOW(linkat(own, "", AT_FDCWD, "link", AT_EMPTY_PATH));
  SHOW(linkat(place, "", AT_FDCWD, "link", AT_EMPTY_PATH));
  SHOW(linkat(nameless, "", AT_FDCWD, "link", AT_EMPTY_PATH));
  int mine = open(".", O_TMPFILE | O_RDWR, 0600);
  say("a nameless file: %s", mine < 0 ? error_name(errno) : "open");
  SHOW(linkat(mine, "", AT_FDCWD, "mine", AT_EMPTY_PATH));
  SHOW(linkat(mine, "", AT_FDCWD, "again", AT_EMPTY_PATH));
  mine = open("mine", O_PATH);
  SHOW(linkat(mine, "", AT_FDCWD, "third", AT_EMPTY_PATH));
}

static void lists(void) {
  need(mkdir("full", 0700) == 0, "mkdir");
  for (int i = 0; i < 40; i++) {
    char name[32];
    snprintf(name, sizeof name, "full/file-%02d", i);
    make_file(name, "");
  }
  char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(pages != MAP_FAILED && mprotect(pages + PAGE, PAGE, PROT_NONE) == 0, "memory");
  int fd = open("full", O_RDONLY);
  int entries = 0;
  int calls = 0;
  for (long length; (length = syscall(SYS_getdents64, fd, pages + PAGE - 100, PAGE)) > 0; calls++) {
    for (long at = 0; at < length; entries++) {
      at += *(unsigned short *)(pages + PAGE - 100 + at + 16);
    }
  }
  say("%d entries in %d calls", entries, calls);
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(syscall(SYS_getdents64, fd, pages + PAGE - 20, PAGE));
  SHOW(syscall(SYS_getdents64, fd, pages, 20));
  SHOW(syscall(SYS_getdents64, fd, pages, 0x80000000U));
  SHOW(syscall(SYS_getdents64, fd, pages, -1));
  SHOW(syscall(SYS_getdents64, fd, pages, 0));
  fd = open("/proc/self/fd", O_RDONLY);
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, 7, SEEK_END));
  fd = open("/sys", O_RDONLY);
  SHOW(lseek(fd, 0, SEEK_END));
}

int main(void) {
  umask(0);
  need(chmod(".", 0777) == 0, "chmod");
  nameless();
  direct();
  lists();
  in_child("links", links);
  return 0;
}
