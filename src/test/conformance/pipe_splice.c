// splice, tee, vmsplice: between pipes and files, offsets, flags, errors.
#include "check.h"
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

static int a[2];
static int b[2];

static void show_read(int fd) {
  char text[64] = "";
  ssize_t count = read(fd, text, sizeof text - 1);
  if (count < 0) {
    say("read: %s", error_name(errno));
  } else {
    say("read %zd \"%s\"", count, text);
  }
}

static void files(void) {
  make_file("from", "0123456789");
  int from = open("from", O_RDONLY);
  int to = open("to", O_RDWR | O_CREAT, 0644);
  SHOW(splice(from, NULL, a[1], NULL, 4, 0));
  loff_t offset = 6;
  SHOW(splice(from, &offset, a[1], NULL, 100, 0));
  say("offset %ld, position %ld", (long)offset, (long)lseek(from, 0, SEEK_CUR));
  SHOW(splice(a[0], NULL, to, NULL, 5, 0));
  show_file("to");
  offset = 10;
  SHOW(splice(a[0], NULL, to, &offset, 100, 0));
  say("offset %ld", (long)offset);
  struct stat status;
  fstat(to, &status);
  say("size %ld", (long)status.st_size);
  SHOW(splice(from, &offset, a[1], NULL, 100, 0));
  SHOW(splice(a[0], NULL, to, NULL, 1, SPLICE_F_NONBLOCK));
  int appending = open("to", O_WRONLY | O_APPEND);
  SHOW(write(a[1], "x", 1));
  SHOW(splice(a[0], NULL, appending, NULL, 1, 0));
  SHOW(splice(from, NULL, to, NULL, 1, 0));
  offset = 0;
  SHOW(splice(a[0], &offset, to, NULL, 1, 0));
  SHOW(splice(from, NULL, a[1], &offset, 1, 0));
  SHOW(splice(from, NULL, a[0], NULL, 1, 0));
  SHOW(splice(99, NULL, a[1], NULL, 1, 0));
  SHOW(splice(a[0], NULL, 99, NULL, 1, 0));
  SHOW(splice(a[0], NULL, to, NULL, 0, 0));
  SHOW(splice(a[0], NULL, to, NULL, 1, 0x100));
  show_read(a[0]);
  close(from);
  close(to);
}

static void pipes(void) {
  SHOW(write(a[1], "abcdef", 6));
  SHOW(splice(a[0], NULL, b[1], NULL, 3, 0));
  SHOW(tee(a[0], b[1], 2, 0));
  show_read(b[0]);
  show_read(a[0]);
  SHOW(splice(a[0], NULL, a[1], NULL, 3, 0));
  SHOW(tee(a[0], a[1], 3, 0));
  SHOW(tee(a[0], b[1], 3, SPLICE_F_NONBLOCK));
  SHOW(splice(a[0], NULL, b[1], NULL, 3, SPLICE_F_NONBLOCK));
  SHOW(tee(99, b[1], 3, 0));
  SHOW(tee(a[0], b[1], 0, 0));
  int end[2];
  need(pipe(end) == 0, "pipe");
  close(end[1]);
  SHOW(splice(end[0], NULL, b[1], NULL, 3, 0));
  SHOW(tee(end[0], b[1], 3, 0));
  close(end[0]);
}

static void memory(void) {
  char one[] = "one";
  char two[] = "two";
  struct iovec parts[2] = {{one, 3}, {two, 3}};
  SHOW(vmsplice(a[1], parts, 2, 0));
  show_read(a[0]);
  SHOW(write(a[1], "back", 4));
  char text[8] = "";
  struct iovec in = {text, 8};
  SHOW(vmsplice(a[0], &in, 1, 0));
  say("%s", text);
  SHOW(vmsplice(a[1], parts, 0, 0));
  SHOW(vmsplice(99, parts, 1, 0));
  SHOW(vmsplice(a[1], bad_pointer(), 1, 0));
  int file = open("from", O_RDWR);
  SHOW(vmsplice(file, parts, 1, 0));
  SHOW(vmsplice(a[1], parts, 1, 0x100));
}

// splice waits for data as read does.
static void waiting(void) {
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    need(write(a[1], "late", 4) == 4, "write");
    _exit(0);
  }
  SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
  show_read(b[0]);
  reap("writer", child);
}

static void full(void) {
  need(fcntl(b[1], F_SETPIPE_SZ, 4096) == 4096, "F_SETPIPE_SZ");
  char data[4096] = "";
  SHOW(write(b[1], data, 4096));
  SHOW(write(a[1], "x", 1));
  SHOW(splice(a[0], NULL, b[1], NULL, 1, SPLICE_F_NONBLOCK));
  SHOW(tee(a[0], b[1], 1, SPLICE_F_NONBLOCK));
  close(b[0]);
  signal(SIGPIPE, SIG_IGN);
  SHOW(splice(a[0], NULL, b[1], NULL, 1, 0));
}

// What kinds of files data can be moved from and to.
static void kind(const char *name, int fd) {
  int ends[2];
  need(pipe2(ends, O_NONBLOCK) == 0, "pipe");
  int file = open("other", O_RDWR | O_CREAT | O_TRUNC, 0600);
  need(file >= 0 && write(file, "q", 1) == 1, "write");
  lseek(file, 0, SEEK_SET);
  off_t offset = 0;
  say("-- %s", name);
  SHOW(splice(ends[0], NULL, fd, NULL, 1, 0));
  SHOW(splice(fd, NULL, ends[1], NULL, 1, 0));
  need(write(ends[1], "z", 1) == 1, "write");
  SHOW(splice(ends[0], NULL, fd, NULL, 1, 0));
  lseek(fd, 0, SEEK_SET);
  SHOW(sendfile(fd, file, NULL, 1));
  SHOW(sendfile(file, fd, NULL, 1));
  SHOW(sendfile(file, fd, &offset, 1));
  SHOW(sendfile(ends[1], fd, &offset, 1));
  close(ends[0]);
  close(ends[1]);
  close(file);
  close(fd);
}

static void kinds(void) {
  int pair[2];
  sigset_t none;
  sigemptyset(&none);
  signal(SIGPIPE, SIG_IGN);
  kind("null", open("/dev/null", O_RDWR));
  kind("zero", open("/dev/zero", O_RDWR));
  kind("full", open("/dev/full", O_RDWR));
  kind("maps", open("/proc/self/maps", O_RDONLY));
  kind("comm", open("/proc/self/comm", O_RDWR));
  kind("version", open("/proc/version", O_RDONLY));
  kind("directory", open("/", O_RDONLY));
  kind("path", open("/", O_PATH));
  kind("epoll", epoll_create1(0));
  kind("eventfd", eventfd(1, EFD_NONBLOCK));
  kind("timerfd", timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
  kind("signalfd", signalfd(-1, &none, SFD_NONBLOCK));
  kind("inotify", inotify_init1(IN_NONBLOCK));
  kind("pidfd", (int)syscall(SYS_pidfd_open, getpid(), 0));
  kind("memfd", memfd_create("memory", 0));
  kind("tcp", socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  kind("udp", socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0));
  need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0, "socketpair");
  kind("unix stream", pair[0]);
  need(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0, "socketpair");
  kind("unix datagrams", pair[0]);
}

// A socket that does not wait has no room, or nothing to give: the pipe may wait all the same.
static void unready(void) {
  int pair[2];
  int ends[2];
  char data[4096] = "";
  need(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0 && pipe(ends) == 0, "socketpair");
  SHOW(splice(pair[0], NULL, ends[1], NULL, 1, 0));
  while (write(pair[0], data, sizeof data) > 0) {
  }
  int file = open("other", O_RDWR | O_CREAT | O_TRUNC, 0600);
  need(file >= 0 && write(file, "q", 1) == 1 && lseek(file, 0, SEEK_SET) == 0, "write");
  SHOW(sendfile(pair[0], file, NULL, 1));
  SHOW(sendfile(ends[1], pair[1], NULL, 4096));
  close(file);
  close(ends[0]);
  close(ends[1]);
  close(pair[0]);
  close(pair[1]);
}

int main(void) {
  kinds();
  unready();
  need(pipe(a) == 0 && pipe(b) == 0, "pipe");
  files();
  pipes();
  memory();
  waiting();
  full();
  return 0;
}
