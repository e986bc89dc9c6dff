// AF_UNIX: which writes one read joins, whose name and identity come with data, types that do not match, and
// /proc/net/unix.
#include "check.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static socklen_t name(struct sockaddr_un *address, const char *text, bool hidden) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  strcpy(address->sun_path + hidden, text);
  return offsetof(struct sockaddr_un, sun_path) + strlen(text) + 1;
}

static void pass(int fd, int on) {
  need(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0, "SO_PASSCRED");
}

static void send_file(int fd, const char *text) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr head;
  } control = {0};
  struct iovec piece = {(char *)text, strlen(text)};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(&control.head), &(int){STDOUT_FILENO}, sizeof(int));
  SHOW(sendmsg(fd, &message, 0));
}

// Reads once and prints the text, who sent it, and how many files came along.
static void take(int fd, size_t room, int flags) {
  char text[100] = "";
  char control[200];
  struct sockaddr_un from;
  memset(&from, 0, sizeof from);
  struct iovec piece = {text, room};
  struct msghdr message = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &piece,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, flags | MSG_DONTWAIT);
  if (length < 0) {
    say("nothing: %s", error_name(errno));
    return;
  }
  int files = 0;
  const char *sender = "";
  for (struct cmsghdr *head = CMSG_FIRSTHDR(&message); head != NULL; head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_type == SCM_RIGHTS) {
      int fd_in;
      memcpy(&fd_in, CMSG_DATA(head), sizeof fd_in);
      close(fd_in);
      files++;
    } else if (head->cmsg_type == SCM_CREDENTIALS) {
      struct ucred who;
      memcpy(&who, CMSG_DATA(head), sizeof who);
      sender = who.pid == getpid() ? ", from me" : who.pid == 0 ? ", from nobody" : ", from somebody";
    }
  }
  say("\"%s\", name of %u, %d files%s, flags %#x", text, message.msg_namelen, files, sender, message.msg_flags);
}

static void joined(void) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  SHOW(write(ends[0], "one", 3));
  send_file(ends[0], "two");
  SHOW(write(ends[0], "three", 5));
  take(ends[1], 50, MSG_PEEK);
  take(ends[1], 50, 0);
  take(ends[1], 50, 0);
  send_file(ends[0], "four");
  send_file(ends[0], "five");
  take(ends[1], 2, 0);
  take(ends[1], 50, 0);
  take(ends[1], 50, 0);
  SHOW(write(ends[0], "plain", 5));
  pass(ends[1], 1);
  SHOW(write(ends[0], "mine", 4));
  take(ends[1], 50, 0);
  take(ends[1], 2, 0);
  SHOW(write(ends[0], "more", 4));
  take(ends[1], 50, 0);
  SHOW(write(ends[0], "mine", 4));
  pass(ends[1], 0);
  SHOW(write(ends[0], "plain", 5));
  take(ends[1], 50, 0);
  SHOW(write(ends[0], "last", 4));
  close(ends[0]);
  take(ends[1], 50, 0);
  take(ends[1], 50, 0);
}

static void named(int type) {
  struct sockaddr_un server;
  struct sockaddr_un client;
  socklen_t server_length = name(&server, "skerry-server", true);
  socklen_t client_length = name(&client, "skerry-client", true);
  int listener = socket(AF_UNIX, type, 0);
  SHOW(bind(listener, (struct sockaddr *)&server, server_length));
  SHOW(listen(listener, 3));
  int connected = socket(AF_UNIX, type, 0);
  SHOW(sendto(connected, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&server, server_length));
  SHOW(connect(connected, (struct sockaddr *)&server, server_length));
  int accepted = accept(listener, NULL, NULL);
  need(accepted >= 0, "accept");
  SHOW(write(connected, "before", 6));
  SHOW(bind(connected, (struct sockaddr *)&client, client_length));
  SHOW(write(connected, "after", 5));
  take(accepted, 50, 0);
  take(accepted, 50, 0);
  SHOW(sendto(connected, "x", 1, MSG_NOSIGNAL, (struct sockaddr *)&server, server_length));
  SHOW(write(accepted, "back", 4));
  take(connected, 50, 0);
  SHOW(write(connected, "gone", 4));
  close(connected);
  take(accepted, 50, 0);
  take(accepted, 50, 0);
  int other = socket(AF_UNIX, type == SOCK_STREAM ? SOCK_SEQPACKET : SOCK_STREAM, 0);
  SHOW(connect(other, (struct sockaddr *)&server, server_length));
  close(accepted);
  close(listener);
  listener = socket(AF_UNIX, type, 0);
  server_length = name(&server, type == SOCK_STREAM ? "stream" : "packets", false);
  SHOW(bind(listener, (struct sockaddr *)&server, server_length));
  SHOW(listen(listener, 3));
  SHOW(connect(other, (struct sockaddr *)&server, server_length));
  close(other);
  close(listener);
}

// The row of a socket, without the kernel's address and the inode number.
static void row(const char *what, int fd) {
  struct stat now;
  need(fstat(fd, &now) == 0, "fstat");
  FILE *table = fopen("/proc/net/unix", "r");
  need(table != NULL, "/proc/net/unix");
  char line[300];
  bool found = false;
  while (fgets(line, sizeof line, table) != NULL) {
    unsigned references;
    unsigned flags;
    unsigned type;
    unsigned state;
    unsigned long inode;
    int end = 0;
    if (sscanf(line, "%*x: %x %*x %x %x %x %lu%n", &references, &flags, &type, &state, &inode, &end) == 5 &&
        inode == now.st_ino) {
      say("%s: %u references, flags %#x, type %u, state %u%.*s", what, references, flags, type, state,
          (int)strcspn(line + end, "\n"), line + end);
      found = true;
    }
  }
  fclose(table);
  if (!found) {
    say("%s: no row", what);
  }
}

static void rows(void) {
  struct sockaddr_un server;
  socklen_t length = name(&server, "skerry-rows", true);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  row("new", listener);
  need(bind(listener, (struct sockaddr *)&server, length) == 0 && listen(listener, 3) == 0, "listen");
  row("listening", listener);
  int connected = socket(AF_UNIX, SOCK_STREAM, 0);
  need(connect(connected, (struct sockaddr *)&server, length) == 0, "connect");
  row("connected", connected);
  int accepted = accept(listener, NULL, NULL);
  row("accepted", accepted);
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0, "socketpair");
  row("one of a pair", ends[0]);
  int datagrams = socket(AF_UNIX, SOCK_DGRAM, 0);
  length = name(&server, "datagrams", false);
  need(bind(datagrams, (struct sockaddr *)&server, length) == 0, "bind");
  row("datagrams", datagrams);
}

int main(void) {
  joined();
  named(SOCK_STREAM);
  named(SOCK_SEQPACKET);
  rows();
  return 0;
}
