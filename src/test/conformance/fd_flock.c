// flock and open file description locks: they belong to the description, not to the process.
#include "check.h"
#include <sys/file.h>

static int first;
static int second;

static void whole_file(void) {
  SHOW(flock(first, LOCK_EX));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(first, LOCK_SH | LOCK_NB));
  SHOW(flock(second, LOCK_SH | LOCK_NB));
  SHOW(flock(first, LOCK_EX | LOCK_NB));
  // A failed conversion has lost the old lock: flock(2).
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(first, LOCK_UN));
  SHOW(flock(first, LOCK_UN));
  SHOW(flock(second, LOCK_UN));
  int copy = dup(first);
  SHOW(flock(first, LOCK_EX));
  SHOW(flock(copy, LOCK_EX | LOCK_NB));
  SHOW(close(first));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(copy, LOCK_UN));
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(close(copy));
  SHOW(close(second));
  first = open("file", O_RDWR);
  second = open("file", O_RDONLY);
  SHOW(flock(second, LOCK_EX | LOCK_NB));
  SHOW(flock(second, LOCK_UN));
  SHOW(flock(first, 0));
  SHOW(flock(first, 77));
  SHOW(flock(99, LOCK_SH));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(flock(pair[0], LOCK_EX));
  int directory = open(".", O_RDONLY);
  SHOW(flock(directory, LOCK_EX));
  close(directory);
}

static void between_processes(void) {
  SHOW(flock(first, LOCK_EX));
  pid_t child = fork();
  if (child == 0) {
    // The same description: already locked by us.
    SHOW(flock(first, LOCK_EX | LOCK_NB));
    int mine = open("file", O_RDWR);
    SHOW(flock(mine, LOCK_SH | LOCK_NB));
    SHOW(flock(first, LOCK_UN));
    SHOW(flock(mine, LOCK_EX | LOCK_NB));
    _exit(0);
  }
  reap("child", child);
  int ready[2];
  need(pipe(ready) == 0, "pipe");
  SHOW(flock(first, LOCK_EX | LOCK_NB));
  child = fork();
  if (child == 0) {
    close(first);
    int mine = open("file", O_RDWR);
    need(write(ready[1], "x", 1) == 1, "write");
    SHOW(flock(mine, LOCK_SH));
    _exit(0);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  sleep_ms(20);
  say("unlocking");
  flock(first, LOCK_UN);
  reap("waiter", child);
}

static int set(int fd, int command, short type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &lock);
}

static void descriptions(void) {
  SHOW(set(first, F_OFD_SETLK, F_WRLCK, 0, 10));
  int reader = second;
  second = open("file", O_RDWR);
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 5, 10));
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 10, 10));
  // Our own record lock conflicts with our own description's.
  SHOW(set(second, F_SETLK, F_WRLCK, 0, 1));
  struct flock lock = {.l_type = F_WRLCK, .l_len = 0};
  SHOW(fcntl(reader, F_OFD_GETLK, &lock));
  say("type %d, %ld+%ld, pid %d", lock.l_type, (long)lock.l_start, (long)lock.l_len, lock.l_pid);
  lock = (struct flock){.l_type = F_WRLCK, .l_pid = 1};
  SHOW(fcntl(first, F_OFD_SETLK, &lock));
  SHOW(set(reader, F_OFD_SETLK, F_WRLCK, 50, 1));
  pid_t child = fork();
  if (child == 0) {
    SHOW(set(first, F_OFD_SETLK, F_WRLCK, 0, 5));
    SHOW(set(second, F_OFD_SETLK, F_WRLCK, 0, 5));
    SHOW(set(first, F_OFD_SETLK, F_UNLCK, 0, 5));
    _exit(0);
  }
  reap("child", child);
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 0, 5));
  close(first);
  SHOW(set(second, F_OFD_SETLK, F_WRLCK, 0, 10));
  // flock and record locks do not see each other.
  SHOW(flock(reader, LOCK_EX | LOCK_NB));
}

static void leases(void) {
  SHOW(fcntl(second, F_GETLEASE));
}

int main(void) {
  make_file("file", "");
  first = open("file", O_RDWR);
  second = open("file", O_RDWR);
  whole_file();
  between_processes();
  descriptions();
  leases();
  return 0;
}
