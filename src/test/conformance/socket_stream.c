// AF_UNIX stream sockets: names, connect, backlog, shutdown, end of stream, SIGPIPE, peek, credentials.
#include "check.h"
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address;
static socklen_t address_length;

static void name(const char *path, bool abstract) {
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  size_t length = strlen(path);
  memcpy(address.sun_path + (abstract ? 1 : 0), path, length);
  address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + 1);
}

static void show_poll(const char *what, int fd) {
  struct pollfd item = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP};
  poll(&item, 1, 0);
  say("%s: poll %#x", what, (unsigned)item.revents);
}

static void pairs(void) {
  int ends[2];
  char buffer[64];
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  show_poll("fresh pair", ends[0]);
  SHOW(write(ends[0], "hello", 5));
  SHOW(write(ends[0], " world", 6));
  int waiting = -1;
  SHOW(ioctl(ends[1], FIONREAD, &waiting));
  say("waiting %d", waiting);
  SHOW(recv(ends[1], buffer, 5, MSG_PEEK));
  SHOW(recv(ends[1], buffer, sizeof buffer, 0));
  SHOW(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT));
  SHOW(write(ends[0], "left", 4));
  SHOW(shutdown(ends[0], SHUT_WR));
  show_poll("peer shut its writing", ends[1]);
  show_poll("own writing shut", ends[0]);
  SHOW(read(ends[1], buffer, sizeof buffer));
  SHOW(read(ends[1], buffer, sizeof buffer));
  SHOW(write(ends[1], "back", 4));
  SHOW(read(ends[0], buffer, sizeof buffer));
  SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
  SHOW(close(ends[1]));
  show_poll("peer closed", ends[0]);
  SHOW(read(ends[0], buffer, sizeof buffer));
  close(ends[0]);
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  SHOW(write(ends[0], "unread", 6));
  close(ends[1]);
  SHOW(read(ends[0], buffer, sizeof buffer));
  SHOW(read(ends[0], buffer, sizeof buffer));
  close(ends[0]);
  SHOW(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends));
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
  SHOW(read(ends[0], buffer, 1));
  SHOW(lseek(ends[0], 0, SEEK_CUR));
  SHOW(socketpair(AF_INET, SOCK_STREAM, 0, ends));
  SHOW(socketpair(AF_UNIX, 77, 0, ends));
  SHOW(socketpair(AF_UNIX, SOCK_STREAM, 33, ends));
}

static void broken_pipe(void) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  close(ends[1]);
  SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
  SHOW(write(ends[0], "x", 1));
}

static void listening(bool abstract) {
  name("server", abstract);
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(listen(server, 1));
  SHOW(connect(server, (struct sockaddr *)&address, address_length));
  SHOW(bind(server, (struct sockaddr *)&address, address_length));
  SHOW(bind(server, (struct sockaddr *)&address, address_length));
  int second = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(bind(second, (struct sockaddr *)&address, address_length));
  SHOW(connect(second, (struct sockaddr *)&address, address_length));
  SHOW(listen(server, 1));
  SHOW(accept4(server, NULL, NULL, SOCK_NONBLOCK | 77));
  fcntl(server, F_SETFL, O_NONBLOCK);
  SHOW(accept(server, NULL, NULL));
  show_poll("nobody has come", server);
  show_poll("not connected", second);
  SHOW(connect(second, (struct sockaddr *)&address, address_length));
  SHOW(connect(second, (struct sockaddr *)&address, address_length));
  show_poll("one has come", server);
  SHOW(write(second, "early", 5));
  struct sockaddr_un peer;
  socklen_t length = sizeof peer;
  int end = accept(server, (struct sockaddr *)&peer, &length);
  say("accepted %s, name of %u bytes", end >= 0 ? "yes" : "no", length);
  length = sizeof peer;
  SHOW(getsockname(end, (struct sockaddr *)&peer, &length));
  say("its name has %u bytes", length);
  length = sizeof peer;
  SHOW(getpeername(second, (struct sockaddr *)&peer, &length));
  say("its peer's has %u bytes, first %d", length, peer.sun_path[0]);
  char buffer[16];
  SHOW(read(end, buffer, sizeof buffer));
  struct ucred who;
  length = sizeof who;
  SHOW(getsockopt(second, SOL_SOCKET, SO_PEERCRED, &who, &length));
  CHECK(who.pid == getpid() && who.uid == getuid() && who.gid == getgid());
  int value = -1;
  length = sizeof value;
  SHOW(getsockopt(server, SOL_SOCKET, SO_ACCEPTCONN, &value, &length));
  say("listens %d", value);
  close(end);
  close(second);
  int line[4];
  for (int i = 0; i < 4; i++) {
    line[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    SHOW(connect(line[i], (struct sockaddr *)&address, address_length));
  }
  close(server);
  SHOW(read(line[0], buffer, 1));
  for (int i = 0; i < 4; i++) {
    close(line[i]);
  }
  int late = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(late, (struct sockaddr *)&address, address_length));
  close(late);
  if (!abstract) {
    struct stat info;
    SHOW(stat("server", &info));
    say("type %o", info.st_mode & S_IFMT);
    SHOW(open("server", O_RDWR));
    SHOW(unlink("server"));
  }
}

static void wrong(void) {
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  name("missing", false);
  SHOW(connect(fd, (struct sockaddr *)&address, address_length));
  make_file("plain", "");
  name("plain", false);
  SHOW(connect(fd, (struct sockaddr *)&address, address_length));
  SHOW(connect(fd, (struct sockaddr *)&address, 1));
  SHOW(connect(fd, bad_pointer(), address_length));
  SHOW(bind(fd, (struct sockaddr *)&address, 200));
  SHOW(send(fd, "x", 1, 0));
  SHOW(recv(fd, &address, 1, 0));
  SHOW(shutdown(fd, SHUT_RDWR));
  SHOW(shutdown(fd, 9));
  SHOW(socket(AF_UNIX, 9, 0));
  SHOW(socket(99, SOCK_STREAM, 0));
  SHOW(socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
  SHOW(bind(0x7fff, (struct sockaddr *)&address, address_length));
  int file = open("plain", O_RDONLY);
  SHOW(listen(file, 1));
  SHOW(getsockname(file, NULL, NULL));
  struct sockaddr_un own;
  socklen_t length = sizeof own;
  SHOW(getsockname(fd, (struct sockaddr *)&own, &length));
  say("no name: %u bytes", length);
  SHOW(bind(fd, (struct sockaddr *)&address, sizeof address.sun_family));
  length = sizeof own;
  SHOW(getsockname(fd, (struct sockaddr *)&own, &length));
  say("some name: %u bytes, first %d", length, own.sun_path[0]);
  length = sizeof own;
  SHOW(getpeername(fd, (struct sockaddr *)&own, &length));
  int value = 0;
  length = sizeof value;
  SHOW(getsockopt(fd, SOL_SOCKET, 9999, &value, &length));
  SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 2));
}

int main(void) {
  pairs();
  in_child("writing to nobody", broken_pipe);
  listening(false);
  listening(true);
  wrong();
  return 0;
}
