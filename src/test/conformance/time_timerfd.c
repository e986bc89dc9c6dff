// timerfd: one shot, interval, absolute time, reads, polls.
#include "check.h"
#include <poll.h>
#include <sys/timerfd.h>

static void read_count(const char *what, int fd) {
  uint64_t count = 0;
  ssize_t result = read(fd, &count, sizeof count);
  if (result < 0) {
    say("%s: %s", what, error_name(errno));
  } else {
    say("%s: %zd, some %d", what, result, count > 0);
  }
}

int main(void) {
  int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  CHECK(fd >= 0);
  SHOW(fcntl(fd, F_GETFD));
  read_count("unarmed", fd);
  struct itimerspec spec = {{0, 0}, {0, 300000000}};
  struct itimerspec old;
  SHOW(timerfd_settime(fd, 0, &spec, &old));
  read_count("too early", fd);
  struct pollfd poller = {fd, POLLIN, 0};
  SHOW(poll(&poller, 1, 10000));
  uint64_t count = 0;
  SHOW(read(fd, &count, 4));
  SHOW(read(fd, &count, 8));
  say("count %lu", (unsigned long)count);
  read_count("a second time", fd);
  SHOW(timerfd_gettime(fd, &old));
  say("left %ld %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  spec = (struct itimerspec){{0, 5000000}, {0, 1}};
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  sleep_ms(40);
  SHOW(read(fd, &count, 8));
  CHECK(count >= 7);
  SHOW(timerfd_gettime(fd, &old));
  say("interval %ld", old.it_interval.tv_nsec);
  SHOW(timerfd_settime(fd, 0, &(struct itimerspec){0}, &old));
  CHECK(old.it_value.tv_nsec <= 5000000);
  read_count("disarmed", fd);
  struct timespec now = monotonic();
  spec = (struct itimerspec){{0, 0}, now};
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
  SHOW(poll(&poller, 1, 10000));
  read_count("absolute", fd);
  int blocking = timerfd_create(CLOCK_REALTIME, 0);
  spec = (struct itimerspec){{0, 0}, {0, 20000000}};
  struct timespec before = monotonic();
  SHOW(timerfd_settime(blocking, 0, &spec, NULL));
  read_count("blocking", blocking);
  CHECK(elapsed_ms(&before) >= 19);
  SHOW(write(fd, &count, 8));
  SHOW(lseek(fd, 0, SEEK_SET));
  spec.it_value.tv_nsec = 1000000000;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  SHOW(timerfd_settime(fd, 77, &(struct itimerspec){0}, NULL));
  SHOW(timerfd_settime(STDOUT_FILENO, 0, &(struct itimerspec){0}, NULL));
  SHOW(timerfd_settime(99, 0, &(struct itimerspec){0}, NULL));
  SHOW(timerfd_settime(fd, 0, bad_pointer(), NULL));
  SHOW(timerfd_gettime(fd, bad_pointer()));
  SHOW(timerfd_create(99, 0));
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  SHOW(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  SHOW(timerfd_create(CLOCK_BOOTTIME, 0) >= 0);
  return 0;
}
