// FIFOs: opening blocks until both sides are there; O_NONBLOCK does not; each opening joins the same pipe.
#include "check.h"

static void without_waiting(void) {
  SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = open("fifo", O_RDONLY | O_NONBLOCK);
  CHECK(reader >= 0);
  char text[8] = "";
  SHOW(read(reader, text, 8));
  int writer = open("fifo", O_WRONLY | O_NONBLOCK);
  CHECK(writer >= 0);
  SHOW(read(reader, text, 8));
  SHOW(write(writer, "abc", 3));
  SHOW(read(reader, text, 8));
  close(writer);
  SHOW(read(reader, text, 8));
  writer = open("fifo", O_WRONLY);
  SHOW(write(writer, "d", 1));
  close(reader);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(writer, "e", 1));
  // The last one to leave takes the contents along.
  close(writer);
  reader = open("fifo", O_RDONLY | O_NONBLOCK);
  SHOW(read(reader, text, 8));
  close(reader);
}

static void both_ways(void) {
  int fd = open("fifo", O_RDWR);
  CHECK(fd >= 0);
  char text[8] = "";
  SHOW(write(fd, "self", 4));
  SHOW(read(fd, text, 8));
  say("%s", text);
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(fcntl(fd, F_GETPIPE_SZ));
  struct stat status;
  SHOW(fstat(fd, &status));
  say("mode %o, size %ld", status.st_mode, (long)status.st_size);
  close(fd);
}

static void meeting(void) {
  pid_t child = fork();
  if (child == 0) {
    int writer = open("fifo", O_WRONLY);
    SHOW(write(writer, "met", 3));
    _exit(0);
  }
  sleep_ms(20);
  int reader = open("fifo", O_RDONLY);
  reap("writer", child);
  char text[8] = "";
  SHOW(read(reader, text, 8));
  say("%s", text);
  SHOW(read(reader, text, 8));
  close(reader);
  child = fork();
  if (child == 0) {
    int mine = open("fifo", O_RDONLY);
    char got[8] = "";
    SHOW(read(mine, got, 8));
    say("%s", got);
    _exit(0);
  }
  sleep_ms(20);
  int writer = open("fifo", O_WRONLY);
  long written = write(writer, "again", 5);
  reap("reader", child);
  say("written: %ld", written);
  close(writer);
}

static void on_alarm(int signal) {
  (void)signal;
}

static void interrupted(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, NULL);
  ualarm(20000, 0);
  SHOW(open("fifo", O_RDONLY));
  ualarm(20000, 0);
  SHOW(open("fifo", O_WRONLY));
}

int main(void) {
  SHOW(mkfifo("fifo", 0644));
  SHOW(mkfifo("fifo", 0644));
  SHOW(mkfifo("missing/fifo", 0644));
  SHOW(mknod("other", S_IFIFO | 0600, 0));
  SHOW(mknod("strange", 0170000 | 0600, 0));
  SHOW(mknod("directory", S_IFDIR | 0600, 0));
  without_waiting();
  both_ways();
  meeting();
  interrupted();
  int fd = open("fifo", O_RDWR);
  SHOW(link("fifo", "same"));
  int through = open("same", O_WRONLY | O_NONBLOCK);
  SHOW(write(through, "linked", 6));
  SHOW(unlink("fifo"));
  SHOW(unlink("same"));
  char text[8] = "";
  SHOW(read(fd, text, 8));
  say("%s", text);
  return 0;
}
