// POSIX timers: overruns while a signal is blocked, notices to threads and to nobody, times left, deletion.
#include "check.h"
#include <limits.h>
#include <sys/timerfd.h>

static void overruns(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 5};
  timer_t timer;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec spec = {{0, 1000000}, {0, 1000000}};
  SHOW(timer_settime(timer, 0, &spec, NULL));
  sleep_ms(30);
  siginfo_t info;
  struct timespec none = {0, 0};
  CHECK(sigtimedwait(&set, &info, &none) == SIGRTMIN);
  say("code %d, value %d", info.si_code, info.si_value.sival_int);
  CHECK(info.si_overrun >= 10);
  CHECK(timer_getoverrun(timer) >= 10);
  struct itimerspec off = {{0, 0}, {0, 0}};
  struct itimerspec old;
  SHOW(timer_settime(timer, 0, &off, &old));
  say("interval %ld", old.it_interval.tv_nsec);
  CHECK(old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 1000000);
  sigtimedwait(&set, &info, &none);
  struct itimerspec past = {{0, 0}, {0, 1}};
  SHOW(timer_settime(timer, TIMER_ABSTIME, &past, NULL));
  struct timespec second = {1, 0};
  CHECK(sigtimedwait(&set, &info, &second) == SIGRTMIN);
  say("overrun %d", info.si_overrun);
  SHOW(timer_gettime(timer, &old));
  say("left %ld %ld", old.it_value.tv_sec, old.it_value.tv_nsec);
  SHOW(timer_settime(timer, 0, &spec, NULL));
  sleep_ms(5);
  SHOW(timer_delete(timer));
  sigset_t pending;
  sigpending(&pending);
  sigtimedwait(&set, &info, &none);
  SHOW(timer_getoverrun(timer));
}

static void kinds(void) {
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec spec = {{0, 0}, {100, 0}};
  SHOW(timer_settime(timer, 0, &spec, NULL));
  struct itimerspec now;
  SHOW(timer_gettime(timer, &now));
  CHECK(now.it_value.tv_sec == 99 || now.it_value.tv_sec == 100);
  spec = (struct itimerspec){{0, 2000000}, {0, 2000000}};
  SHOW(timer_settime(timer, 0, &spec, NULL));
  sleep_ms(10);
  SHOW(timer_gettime(timer, &now));
  CHECK(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 2000000);
  SHOW(timer_getoverrun(timer));
  SHOW(timer_delete(timer));
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = 0;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  event.sigev_signo = 65;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  event.sigev_signo = SIGUSR1;
  SHOW(timer_create(99, &event, &timer));
  SHOW(timer_create(CLOCK_MONOTONIC_RAW, &event, &timer));
  SHOW(timer_create(CLOCK_MONOTONIC_COARSE, &event, &timer));
  SHOW(timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer));
  SHOW(timer_create(CLOCK_BOOTTIME, &event, &timer));
  SHOW(timer_create(CLOCK_TAI, &event, &timer));
  SHOW(timer_create(CLOCK_PROCESS_CPUTIME_ID, NULL, &timer));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, bad_pointer()));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, bad_pointer(), &timer));
  event.sigev_notify = 77;
  int id = 0;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
  event.sigev_notify = SIGEV_THREAD_ID;
  event._sigev_un._tid = 1 << 29;
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id));
}

static void descriptors(void) {
  int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  struct itimerspec spec = {{0, 0}, {1, 0}};
  struct itimerspec old;
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, NULL));
  sleep_ms(5);
  uint64_t count = 0;
  SHOW(read(fd, &count, 8));
  say("count %lu", count);
  SHOW(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &spec, &old));
  say("old %ld %ld", old.it_value.tv_sec, old.it_value.tv_nsec);
  spec.it_interval.tv_nsec = 1000000;
  SHOW(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, NULL));
  sleep_ms(5);
  SHOW(read(fd, &count, 8));
  CHECK(count > 1000000);
  SHOW(timerfd_settime(fd, 4, &spec, NULL));
  spec.it_value.tv_sec = LONG_MAX;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  spec.it_value.tv_sec = -1;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  spec.it_value.tv_sec = 0;
  spec.it_value.tv_nsec = 0;
  spec.it_interval.tv_sec = 5;
  SHOW(timerfd_settime(fd, 0, &spec, NULL));
  SHOW(timerfd_gettime(fd, &old));
  say("armed by an interval alone: %ld, interval %ld", old.it_value.tv_sec, old.it_interval.tv_sec);
}

int main(void) {
  overruns();
  kinds();
  descriptors();
  return 0;
}
