// dup, dup2, dup3, F_DUPFD, close_range: which number, which flags, what is shared.
#include "check.h"
#include <sys/resource.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

static int fd;

static bool is_open(int number) {
  return fcntl(number, F_GETFD) >= 0;
}

static void duplicates(void) {
  SHOW(dup(fd));
  SHOW(dup(99));
  SHOW(dup(-1));
  SHOW(dup2(fd, 50));
  SHOW(dup2(fd, fd));
  SHOW(dup2(99, 99));
  SHOW(dup2(99, fd));
  SHOW(dup2(fd, -1));
  SHOW(dup2(fd, 1 << 30));
  SHOW(dup3(fd, 51, O_CLOEXEC));
  SHOW(fcntl(51, F_GETFD));
  SHOW(dup3(fd, fd, 0));
  SHOW(dup3(fd, 52, O_APPEND));
  SHOW(dup3(fd, 52, 0));
  SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
  SHOW(dup2(fd, 53));
  SHOW(fcntl(53, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, 60));
  SHOW(fcntl(fd, F_DUPFD, 60));
  SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 60));
  SHOW(fcntl(62, F_GETFD));
  SHOW(fcntl(fd, F_DUPFD, -1));
  SHOW(fcntl(fd, F_DUPFD, 1 << 30));
  SHOW(fcntl(fd, F_SETFD, 0xff));
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(99, F_GETFD));
  SHOW(fcntl(fd, 9999, 0));
}

static void sharing(void) {
  int copy = dup(fd);
  int again = open("file", O_RDWR);
  SHOW(lseek(copy, 5, SEEK_SET));
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(lseek(again, 0, SEEK_CUR));
  SHOW(fcntl(copy, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_CREAT));
  int flags = fcntl(fd, F_GETFL);
  say("append %d, nonblock %d, mode %d", !!(flags & O_APPEND), !!(flags & O_NONBLOCK),
      flags & O_ACCMODE);
  SHOW(fcntl(again, F_GETFL) & O_APPEND);
  SHOW(close(fd));
  SHOW(lseek(copy, 0, SEEK_CUR));
  fd = dup2(copy, fd);
  close(copy);
  close(again);
}

static void limits(void) {
  struct rlimit limit = {70, 70};
  need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
  SHOW(dup2(fd, 69));
  SHOW(dup2(fd, 70));
  SHOW(fcntl(fd, F_DUPFD, 69));
  SHOW(fcntl(fd, F_DUPFD, 70));
  int last = -1;
  for (int copy; (copy = dup(fd)) >= 0;) {
    last = copy;
  }
  say("the last %d, then %s", last, error_name(errno));
  SHOW(open("file", O_RDONLY));
  int pair[2];
  SHOW(pipe(pair));
  SHOW(close(last));
  SHOW(pipe(pair));
  SHOW(open("file", O_RDONLY) == last);
}

static void ranges(void) {
  for (int i = 100; i < 110; i++) {
    need(dup2(fd, i) == i, "dup2");
  }
  SHOW(syscall(SYS_close_range, 105, 104, 0));
  SHOW(syscall(SYS_close_range, 100, 104, 0x100));
  SHOW(syscall(SYS_close_range, 100, 102, 0));
  SHOW(syscall(SYS_close_range, 100, 102, 0));
  SHOW(syscall(SYS_close_range, 104, 106, CLOSE_RANGE_CLOEXEC));
  for (int i = 100; i < 110; i++) {
    say("%d: open %d, close-on-exec %d", i, is_open(i), fcntl(i, F_GETFD));
  }
  SHOW(syscall(SYS_close_range, 108, ~0U, CLOSE_RANGE_UNSHARE));
  say("%d %d", is_open(107), is_open(108));
  SHOW(syscall(SYS_close_range, 3, ~0U, 0));
  say("%d %d", is_open(fd), is_open(STDOUT_FILENO));
}

static void owners(void) {
  SHOW(fcntl(fd, F_GETOWN));
  SHOW(fcntl(fd, F_SETOWN, getpid()));
  CHECK(fcntl(fd, F_GETOWN) == getpid());
  SHOW(fcntl(fd, F_SETOWN, -getpgrp()));
  SHOW(fcntl(fd, F_SETOWN, 1 << 29));
  SHOW(fcntl(fd, F_SETSIG, SIGUSR1));
  SHOW(fcntl(fd, F_GETSIG) == SIGUSR1);
  SHOW(fcntl(fd, F_SETSIG, 65));
  struct f_owner_ex owner = {F_OWNER_PID, getpid()};
  SHOW(fcntl(fd, F_SETOWN_EX, &owner));
  SHOW(fcntl(fd, F_GETOWN_EX, &owner));
  CHECK(owner.type == F_OWNER_PID && owner.pid == getpid());
  owner.type = 77;
  SHOW(fcntl(fd, F_SETOWN_EX, &owner));
  SHOW(fcntl(fd, F_GETPIPE_SZ));
}

#ifndef F_DUPFD_QUERY
#define F_DUPFD_QUERY 1027
#endif
#ifndef F_CREATED_QUERY
#define F_CREATED_QUERY 1028
#endif

static void queries(void) {
  unlink("made");
  int fd = open("made", O_RDWR | O_CREAT, 0600);
  SHOW(fcntl(fd, F_CREATED_QUERY));
  int copy = dup(fd);
  SHOW(fcntl(copy, F_CREATED_QUERY));
  SHOW(fcntl(fd, F_DUPFD_QUERY, copy));
  SHOW(fcntl(fd, F_DUPFD_QUERY, fd));
  SHOW(fcntl(fd, F_DUPFD_QUERY, 99));
  SHOW(fcntl(99, F_DUPFD_QUERY, fd));
  close(copy);
  int other = open("made", O_RDWR | O_CREAT, 0600);
  SHOW(fcntl(other, F_CREATED_QUERY));
  SHOW(fcntl(fd, F_DUPFD_QUERY, other));
  close(other);
  other = open("made", O_PATH);
  SHOW(fcntl(other, F_CREATED_QUERY));
  SHOW(fcntl(other, F_DUPFD_QUERY, other));
  close(other);
  other = open(".", O_RDWR | O_TMPFILE, 0600);
  SHOW(fcntl(other, F_CREATED_QUERY));
  close(other);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(fcntl(ends[0], F_CREATED_QUERY));
  close(ends[0]);
  close(ends[1]);
  SHOW(fcntl(99, F_CREATED_QUERY));
  close(fd);
  unlink("made");
}

int main(void) {
  make_file("file", "0123456789");
  fd = open("file", O_RDWR);
  duplicates();
  sharing();
  owners();
  in_child("limits", limits);
  in_child("ranges", ranges);
  queries();
  return 0;
}
