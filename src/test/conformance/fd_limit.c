// No descriptor left: which error comes first, and that nothing was created, emptied or taken out of a line meanwhile.
#include "check.h"
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

static struct rlimit before;

// Leaves no number free; the lowest free one is the limit.
static void close_door(void) {
  need(getrlimit(RLIMIT_NOFILE, &before) == 0, "getrlimit");
  int next = dup(0);
  close(next);
  struct rlimit limit = {(rlim_t)next, before.rlim_max};
  need(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

static void open_door(void) { need(setrlimit(RLIMIT_NOFILE, &before) == 0, "setrlimit"); }

static void opening(void) {
  int fd = open("kept", O_CREAT | O_RDWR, 0644);
  need(write(fd, "data", 4) == 4, "write");
  close(fd);
  close_door();
  SHOW(open("created", O_CREAT | O_RDWR, 0644));
  SHOW(open("created", O_CREAT | O_EXCL | O_WRONLY, 0644));
  SHOW(open("kept", O_TRUNC | O_WRONLY));
  SHOW(open("missing", O_RDONLY));
  SHOW(open("kept/below", O_RDONLY));
  SHOW(open("kept", O_PATH));
  SHOW(open("", O_RDONLY));
  SHOW(open((char *)8, O_RDONLY));
  SHOW(open(".", O_TMPFILE | O_RDWR, 0644));
  SHOW(open(".", O_TMPFILE | O_RDONLY, 0644));
  SHOW(creat("created", 0644));
  open_door();
  SHOW(access("created", F_OK));
  struct stat info;
  stat("kept", &info);
  say("size %ld", (long)info.st_size);
}

static void making(void) {
  int ends[2];
  close_door();
  SHOW(dup(0));
  SHOW(fcntl(0, F_DUPFD, 0));
  SHOW(pipe(ends));
  SHOW(socket(AF_UNIX, SOCK_STREAM, 0));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  SHOW(eventfd(0, 0));
  SHOW(epoll_create1(0));
  SHOW(inotify_init1(0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 0));
  SHOW(syscall(SYS_memfd_create, "name", 0));
  SHOW(syscall(SYS_pidfd_open, getpid(), 0));
  SHOW(dup2(0, 1000));
  open_door();
}

static void accepting(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0);
  need(bind(server, (struct sockaddr *)&address, length) == 0 && listen(server, 5) == 0, "listen");
  getsockname(server, (struct sockaddr *)&address, &length);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(client, (struct sockaddr *)&address, length) == 0, "connect");
  need(write(client, "hello", 5) == 5, "write");
  close_door();
  SHOW(accept(server, NULL, NULL));
  SHOW(accept4(server, NULL, NULL, SOCK_NONBLOCK));
  SHOW(accept(999, NULL, NULL));
  open_door();
  fcntl(server, F_SETFL, O_NONBLOCK);
  int accepted = accept(server, NULL, NULL);
  CHECK(accepted >= 0);
  char buffer[8];
  SHOW(read(accepted, buffer, sizeof buffer));
  SHOW(accept(server, NULL, NULL));
  close_door();
  SHOW(accept(server, NULL, NULL));
  open_door();
}

int main(void) {
  opening();
  making();
  accepting();
  return 0;
}
