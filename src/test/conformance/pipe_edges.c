// splice, tee, sendfile and copy_file_range at their edges, and what fcntl says of pipes.
#include "check.h"
#include <asm/termbits.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

static int ends[2];

static void with_files(void) {
  make_file("from", "0123456789");
  int from = open("from", O_RDWR);
  int to = open("to", O_RDWR | O_CREAT | O_TRUNC, 0644);
  off_t offset = 8;
  SHOW(sendfile(to, from, &offset, 100));
  say("offset %ld, position %ld", offset, lseek(from, 0, SEEK_CUR));
  SHOW(sendfile(to, from, NULL, 3));
  say("position %ld, to %ld", lseek(from, 0, SEEK_CUR), lseek(to, 0, SEEK_CUR));
  offset = -1;
  SHOW(sendfile(to, from, &offset, 1));
  offset = 100;
  SHOW(sendfile(to, from, &offset, 1));
  SHOW(sendfile(to, from, bad_pointer(), 1));
  SHOW(sendfile(to, from, NULL, 0));
  SHOW(sendfile(99, from, NULL, 1));
  SHOW(sendfile(to, 99, NULL, 1));
  SHOW(sendfile(to, ends[0], NULL, 1));
  SHOW(sendfile(ends[1], from, NULL, 4));
  int reader = open("from", O_RDONLY);
  int writer = open("to", O_WRONLY);
  SHOW(sendfile(reader, from, NULL, 1));
  SHOW(sendfile(to, writer, NULL, 1));
  int directory = open(".", O_RDONLY);
  SHOW(sendfile(to, directory, NULL, 1));
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  lseek(from, 0, SEEK_SET);
  SHOW(sendfile(pair[0], from, NULL, 5));
  SHOW(sendfile(to, pair[1], NULL, 5));
  SHOW(splice(pair[1], NULL, ends[1], NULL, 3, 0));
  SHOW(splice(ends[0], NULL, pair[0], NULL, 7, 0));
  char text[16] = "";
  SHOW(read(pair[1], text, sizeof text));
  say("%.9s", text);
  lseek(from, 0, SEEK_SET);
  lseek(to, 0, SEEK_SET);
  SHOW(copy_file_range(from, NULL, to, NULL, 4, 0));
  off_t in = 2;
  off_t out = 3;
  SHOW(copy_file_range(from, &in, from, &out, 4, 0));
  SHOW(copy_file_range(from, NULL, to, NULL, 4, 1));
  SHOW(copy_file_range(from, NULL, ends[1], NULL, 4, 0));
  SHOW(copy_file_range(from, NULL, directory, NULL, 4, 0));
  SHOW(copy_file_range(writer, NULL, to, NULL, 4, 0));
  in = 100;
  SHOW(copy_file_range(from, &in, to, NULL, 4, 0));
  SHOW(copy_file_range(from, NULL, to, NULL, (size_t)-1 >> 1, 0));
  show_file("to");
}

static void nonblocking(void) {
  SHOW(fcntl(ends[0], F_SETFL, O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETFL));
  SHOW(fcntl(ends[1], F_GETFL));
  SHOW(fcntl(ends[1], F_SETFL, O_DIRECT | O_NONBLOCK));
  SHOW(fcntl(ends[1], F_GETFL));
  char text[16];
  while (read(ends[0], text, sizeof text) > 0) {
  }
  SHOW(write(ends[1], "one", 3));
  SHOW(write(ends[1], "two", 3));
  SHOW(read(ends[0], text, 2));
  SHOW(read(ends[0], text, sizeof text));
  SHOW(fcntl(ends[1], F_SETFL, O_NONBLOCK));
  int one = 1;
  SHOW(ioctl(ends[1], FIONBIO, &one));
  SHOW(ioctl(ends[1], FIONBIO, bad_pointer()));
  one = 0;
  SHOW(ioctl(ends[1], FIONBIO, &one));
  SHOW(fcntl(ends[1], F_GETFL));
  SHOW(ioctl(ends[1], FIOCLEX));
  SHOW(fcntl(ends[1], F_GETFD));
  SHOW(ioctl(ends[1], FIONCLEX));
  SHOW(fcntl(ends[1], F_GETFD));
  SHOW(ioctl(ends[1], TCGETS, bad_pointer()));
  SHOW(fcntl(ends[0], F_GETLEASE));
  SHOW(fcntl(ends[0], F_SETLEASE, F_RDLCK));
  SHOW(fcntl(ends[0], 9999));
  SHOW(fcntl(ends[0], F_DUPFD, -1));
  SHOW(fcntl(ends[0], F_DUPFD, 1 << 30));
  SHOW(fcntl(ends[0], F_SETOWN, getpid()));
  CHECK(fcntl(ends[0], F_GETOWN) == getpid());
  SHOW(fcntl(ends[0], F_SETOWN, 1 << 29));
  SHOW(fcntl(ends[0], F_SETSIG, SIGUSR1));
  SHOW(fcntl(ends[0], F_GETSIG));
  SHOW(fcntl(ends[0], F_SETSIG, 65));
  SHOW(pipe2(ends, 0x1));
  SHOW(pipe2(bad_pointer(), 0));
}

int main(void) {
  need(pipe(ends) == 0, "pipe");
  with_files();
  nonblocking();
  return 0;
}
