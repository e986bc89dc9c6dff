// eventfd: counting, semaphores, limits, blocking, polls.
#include "check.h"
#include <poll.h>
#include <sys/eventfd.h>

static int add(int fd, uint64_t value) {
  return (int)write(fd, &value, sizeof value);
}

static void take(int fd) {
  uint64_t value = 0;
  ssize_t count = read(fd, &value, sizeof value);
  if (count < 0) {
    say("read: %s", error_name(errno));
  } else {
    say("read %zd: %lu", count, (unsigned long)value);
  }
}

static void show_poll(int fd) {
  struct pollfd poller = {fd, POLLIN | POLLOUT, 0};
  int count = poll(&poller, 1, 0);
  say("poll %d: %#x", count, poller.revents);
}

int main(void) {
  int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD));
  show_poll(fd);
  SHOW(add(fd, 4));
  take(fd);
  take(fd);
  show_poll(fd);
  SHOW(add(fd, 0));
  take(fd);
  SHOW(add(fd, UINT64_MAX));
  SHOW(add(fd, UINT64_MAX - 1));
  show_poll(fd);
  SHOW(add(fd, 1));
  take(fd);
  char small[4];
  SHOW(read(fd, small, 4));
  SHOW(write(fd, small, 4));
  char large[16] = {1};
  SHOW(write(fd, large, 16));
  SHOW(read(fd, large, 16));
  SHOW(read(fd, bad_pointer(), 8));
  SHOW(write(fd, bad_pointer(), 8));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(pread(fd, large, 8, 0));
  close(fd);
  fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
  take(fd);
  take(fd);
  take(fd);
  SHOW(add(fd, 1));
  take(fd);
  close(fd);
  SHOW(eventfd(0, 0x1000));
  fd = eventfd(0, 0);
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    need(add(fd, 8) == 8, "write");
    _exit(0);
  }
  take(fd);
  reap("adder", child);
  need(add(fd, UINT64_MAX - 1) == 8, "write");
  child = fork();
  if (child == 0) {
    sleep_ms(20);
    uint64_t value = 0;
    _exit(read(fd, &value, 8) == 8 && value == UINT64_MAX - 1 ? 7 : 1);
  }
  SHOW(add(fd, 7));
  reap("taker", child);
  take(fd);
  char path[64];
  char target[64] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(readlink(path, target, sizeof target));
  say("%s", target);
  return 0;
}
