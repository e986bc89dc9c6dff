// O_APPEND: every write goes to the end, whoever else writes, and whatever the offset says.
#include "check.h"
#include <sys/uio.h>

static long offset(int fd) {
  return lseek(fd, 0, SEEK_CUR);
}

int main(void) {
  make_file("log", "12345");
  int fd = open("log", O_RDWR | O_APPEND);
  SHOW(offset(fd));
  SHOW(write(fd, "a", 1));
  SHOW(offset(fd));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(write(fd, "b", 1));
  SHOW(offset(fd));
  // Linux appends here too, against POSIX: pwrite(2), BUGS.
  SHOW(pwrite(fd, "c", 1, 0));
  SHOW(offset(fd));
  show_file("log");
  char text[3] = "";
  SHOW(pread(fd, text, 2, 0));
  say("read %s", text);
  struct iovec parts[2] = {{"d", 1}, {"e", 1}};
  SHOW(pwritev(fd, parts, 2, 1));
  show_file("log");
  SHOW(pwritev2(fd, parts, 1, 0, RWF_APPEND));
  show_file("log");
  int other = open("log", O_WRONLY);
  SHOW(pwritev2(other, parts, 1, 0, RWF_APPEND));
  SHOW(offset(other));
  SHOW(pwritev2(other, parts, 1, -1, RWF_APPEND));
  SHOW(offset(other));
  SHOW(pwritev2(other, parts, 1, 0, 0x10000));
  show_file("log");
  SHOW(lseek(other, 0, SEEK_SET));
  SHOW(fcntl(other, F_SETFL, O_APPEND));
  SHOW(write(other, "f", 1));
  SHOW(fcntl(other, F_SETFL, 0));
  SHOW(lseek(other, 0, SEEK_SET));
  SHOW(write(other, "g", 1));
  show_file("log");
  SHOW(ftruncate(fd, 2));
  SHOW(write(fd, "h", 1));
  show_file("log");
  pid_t children[4];
  for (int i = 0; i < 4; i++) {
    children[i] = fork();
    if (children[i] == 0) {
      int mine = open("log", O_WRONLY | O_APPEND);
      for (int j = 0; j < 100; j++) {
        if (write(mine, "0123456789", 10) != 10) {
          _exit(1);
        }
      }
      _exit(0);
    }
  }
  for (int i = 0; i < 4; i++) {
    reap("appender", children[i]);
  }
  struct stat status;
  fstat(fd, &status);
  say("size %ld", (long)status.st_size);
  return 0;
}
