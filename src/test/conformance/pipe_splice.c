// splice, tee, vmsplice: between pipes and files, offsets, flags, errors.
#include "check.h"
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

int main(void) {
  need(pipe(a) == 0 && pipe(b) == 0, "pipe");
  files();
  pipes();
  memory();
  waiting();
  full();
  return 0;
}
