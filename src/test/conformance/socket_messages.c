// AF_UNIX datagrams and sequenced packets: boundaries, truncation, descriptors and credentials that go along.
#include "check.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

union control {
  char bytes[256];
  struct cmsghdr header;
};

static long send_file(int socket, const char *text, const int *fds, int count) {
  struct iovec part = {(void *)text, strlen(text)};
  union control control;
  memset(&control, 0, sizeof control);
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
  memcpy(CMSG_DATA(header), fds, sizeof(int) * (size_t)count);
  return sendmsg(socket, &message, 0);
}

static void receive(const char *what, int socket, size_t room, size_t control_room, int flags) {
  char data[256];
  struct iovec part = {data, room};
  union control control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  message.msg_control = control.bytes;
  message.msg_controllen = control_room;
  ssize_t n = recvmsg(socket, &message, flags);
  if (n < 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  say("%s: %zd bytes \"%.*s\", flags %#x, control %zu", what, n,
      (int)(n < (ssize_t)room ? n : (ssize_t)room), data, message.msg_flags & ~MSG_CMSG_CLOEXEC,
      message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type == SCM_RIGHTS) {
      int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
      say("  %d descriptors", count);
      for (int i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + sizeof fd * (size_t)i, sizeof fd);
        char byte = 0;
        say("  close-on-exec %d, holds %zd", fcntl(fd, F_GETFD), pread(fd, &byte, 1, 0));
        close(fd);
      }
    } else if (header->cmsg_type == SCM_CREDENTIALS) {
      struct ucred who;
      memcpy(&who, CMSG_DATA(header), sizeof who);
      say("  credentials: own %d", who.pid == getpid() && who.uid == getuid());
    }
  }
}

static void boundaries(int type) {
  int ends[2];
  char buffer[16];
  SHOW(socketpair(AF_UNIX, type, 0, ends));
  SHOW(send(ends[0], "one", 3, 0));
  SHOW(send(ends[0], "", 0, 0));
  SHOW(send(ends[0], "three", 5, 0));
  SHOW(recv(ends[1], buffer, sizeof buffer, 0));
  SHOW(recv(ends[1], buffer, sizeof buffer, 0));
  receive("cut off", ends[1], 2, 0, 0);
  SHOW(send(ends[0], "peek", 4, 0));
  receive("peeked", ends[1], 2, 0, MSG_PEEK | MSG_TRUNC);
  receive("taken", ends[1], 16, 0, MSG_TRUNC);
  SHOW(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT));
  close(ends[0]);
  SHOW(recv(ends[1], buffer, sizeof buffer, MSG_DONTWAIT));
  SHOW(send(ends[1], "x", 1, MSG_NOSIGNAL));
  close(ends[1]);
}

static void rights(int type) {
  int ends[2];
  need(socketpair(AF_UNIX, type, 0, ends) == 0, "socketpair");
  make_file("passed", "content");
  int fds[3] = {open("passed", O_RDONLY), open("passed", O_RDWR), -1};
  SHOW(send_file(ends[0], "with two", fds, 2));
  SHOW(send_file(ends[0], "bad", fds, 3));
  SHOW(send(ends[0], "plain", 5, 0));
  receive("peek at two", ends[1], 64, 256, MSG_PEEK);
  receive("two", ends[1], 64, 256, MSG_CMSG_CLOEXEC);
  receive("none", ends[1], 64, 256, 0);
  SHOW(send_file(ends[0], "no room", fds, 2));
  receive("no room", ends[1], 64, 0, 0);
  SHOW(send_file(ends[0], "room for one", fds, 2));
  receive("room for one", ends[1], 64, CMSG_LEN(sizeof(int)), 0);
  SHOW(send_file(ends[0], "lost", fds, 1));
  close(ends[0]);
  close(ends[1]);
  close(fds[0]);
  close(fds[1]);
}

static void credentials(void) {
  int ends[2];
  int one = 1;
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  SHOW(setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  SHOW(write(ends[0], "mine", 4));
  SHOW(write(ends[0], "also", 4));
  pid_t child = fork();
  if (child == 0) {
    SHOW(write(ends[0], "child", 5));
    _exit(0);
  }
  reap("child", child);
  receive("two writes", ends[1], 64, 256, 0);
  receive("the child's", ends[1], 64, 256, 0);
  close(ends[0]);
  close(ends[1]);
}

static void addresses(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "dgram"};
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + 6;
  int server = socket(AF_UNIX, SOCK_DGRAM, 0);
  int client = socket(AF_UNIX, SOCK_DGRAM, 0);
  SHOW(send(client, "x", 1, 0));
  SHOW(sendto(client, "x", 1, 0, (struct sockaddr *)&name, length));
  SHOW(bind(server, (struct sockaddr *)&name, length));
  SHOW(sendto(client, "anonymous", 9, 0, (struct sockaddr *)&name, length));
  char buffer[16];
  struct sockaddr_un from;
  socklen_t from_length = sizeof from;
  SHOW(recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_length));
  say("from: %u bytes", from_length);
  struct sockaddr_un own = {.sun_family = AF_UNIX, .sun_path = "own"};
  SHOW(bind(client, (struct sockaddr *)&own, offsetof(struct sockaddr_un, sun_path) + 4));
  SHOW(connect(client, (struct sockaddr *)&name, length));
  SHOW(send(client, "named", 5, 0));
  from_length = sizeof from;
  SHOW(recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_length));
  say("from: %u bytes, %s", from_length, from.sun_path);
  SHOW(sendto(server, "answer", 6, 0, (struct sockaddr *)&from, from_length));
  SHOW(recv(client, buffer, sizeof buffer, 0));
  SHOW(listen(server, 1));
  SHOW(accept(server, NULL, NULL));
  close(server);
  SHOW(send(client, "gone", 4, 0));
  int stream = socket(AF_UNIX, SOCK_STREAM, 0);
  SHOW(connect(stream, (struct sockaddr *)&own, offsetof(struct sockaddr_un, sun_path) + 4));
}

int main(void) {
  say("-- datagrams");
  boundaries(SOCK_DGRAM);
  say("-- packets");
  boundaries(SOCK_SEQPACKET);
  say("-- descriptors in a stream");
  rights(SOCK_STREAM);
  say("-- descriptors with packets");
  rights(SOCK_SEQPACKET);
  say("-- credentials");
  credentials();
  say("-- addresses");
  addresses();
  return 0;
}
