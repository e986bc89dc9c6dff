// setitimer, alarm, POSIX timers: when they fire, what they tell, overruns, what fork and exec keep.
#include "check.h"
#include <sys/time.h>

static volatile sig_atomic_t fired;
static volatile int code;
static volatile int value;
static volatile int overrun;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  code = info->si_code;
  value = info->si_value.sival_int;
  // The most of all, since more than one may come before anybody looks.
  overrun = info->si_overrun > overrun ? info->si_overrun : overrun;
  fired++;
}

static void wait_for(int count) {
  for (int i = 0; fired < count && i < 1000; i++) {
    sleep_ms(2);
  }
  say("fired %s", fired >= count ? "enough" : "too rarely");
  fired = 0;
}

static void handle(int number) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(number, &action, NULL);
}

static void intervals(void) {
  handle(SIGALRM);
  handle(SIGVTALRM);
  handle(SIGPROF);
  struct itimerval timer = {{0, 5000}, {0, 10000}};
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  wait_for(3);
  say("code %d", code);
  struct itimerval old;
  SHOW(getitimer(ITIMER_REAL, &old));
  say("interval %ld", (long)old.it_interval.tv_usec);
  CHECK(old.it_value.tv_usec <= 5000);
  struct itimerval off = {{0, 0}, {0, 0}};
  SHOW(setitimer(ITIMER_REAL, &off, &old));
  SHOW(getitimer(ITIMER_REAL, &old));
  say("off: %ld %ld", (long)old.it_value.tv_sec, (long)old.it_value.tv_usec);
  timer = (struct itimerval){{0, 0}, {0, 20000}};
  SHOW(setitimer(ITIMER_VIRTUAL, &timer, NULL));
  fired = 0;
  for (volatile long i = 0; fired == 0 && i < 2000000000; i++) {
  }
  say("virtual: fired %d", fired);
  fired = 0;
  SHOW(setitimer(ITIMER_PROF, &timer, NULL));
  for (volatile long i = 0; fired == 0 && i < 2000000000; i++) {
  }
  say("profile: fired %d", fired);
  fired = 0;
  SHOW(setitimer(99, &timer, NULL));
  timer.it_value.tv_usec = 1000000;
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  timer.it_value.tv_usec = -1;
  SHOW(setitimer(ITIMER_REAL, &timer, NULL));
  SHOW(getitimer(ITIMER_REAL, bad_pointer()));
  SHOW(getitimer(99, &timer));
  SHOW(alarm(100));
  SHOW(alarm(0) > 98);
  SHOW(alarm(0));
}

static timer_t make(clockid_t clock, int notify, int number) {
  struct sigevent event = {.sigev_notify = notify, .sigev_signo = number, .sigev_value.sival_int = 31};
  timer_t timer;
  need(timer_create(clock, &event, &timer) == 0, "timer_create");
  return timer;
}

static void posix_timers(void) {
  handle(SIGUSR1);
  timer_t timer = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
  struct itimerspec spec = {{0, 5000000}, {0, 10000000}};
  struct itimerspec old;
  SHOW(timer_settime(timer, 0, &spec, &old));
  say("before: %ld", (long)old.it_value.tv_nsec);
  wait_for(3);
  say("code is SI_TIMER %d, value %d", code == SI_TIMER, value);
  SHOW(timer_gettime(timer, &old));
  say("interval %ld", old.it_interval.tv_nsec);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  overrun = 0;
  sleep_ms(40);
  fired = 0;
  spec = (struct itimerspec){{0, 0}, {0, 0}};
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  SHOW(timer_settime(timer, 0, &spec, NULL));
  say("some overruns %d", overrun >= 4);
  SHOW(timer_getoverrun(timer) >= 0);
  SHOW(timer_delete(timer));
  SHOW(timer_delete(timer));
  SHOW(timer_gettime(timer, &old));
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  timer = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGUSR1);
  spec = (struct itimerspec){{0, 0}, now};
  fired = 0;
  SHOW(timer_settime(timer, TIMER_ABSTIME, &spec, NULL));
  wait_for(1);
  SHOW(timer_gettime(timer, &old));
  say("once: %ld %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  spec.it_value.tv_nsec = 1000000000;
  SHOW(timer_settime(timer, 0, &spec, NULL));
  SHOW(timer_settime(timer, 0, bad_pointer(), NULL));
  timer_t quiet = make(CLOCK_MONOTONIC, SIGEV_NONE, 0);
  spec = (struct itimerspec){{0, 0}, {0, 5000000}};
  SHOW(timer_settime(quiet, 0, &spec, NULL));
  sleep_ms(10);
  SHOW(timer_gettime(quiet, &old));
  say("quiet: %ld %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
}

static void errors(void) {
  struct sigevent event = {.sigev_notify = 77};
  timer_t timer;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  event = (struct sigevent){.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99};
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  int id;
  SHOW(syscall(SYS_timer_create, 99, NULL, &id));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, bad_pointer()));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, bad_pointer(), &id));
  SHOW(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id));
  SHOW(syscall(SYS_timer_delete, 4711));
  SHOW(syscall(SYS_timer_getoverrun, 4711));
}

static void not_inherited(void) {
  struct itimerval now;
  SHOW(getitimer(ITIMER_REAL, &now));
  say("the child's: %ld %ld", (long)now.it_value.tv_sec, (long)now.it_value.tv_usec);
}

static void killed(void) {
  signal(SIGALRM, SIG_DFL);
  ualarm(10000, 0);
  for (;;) {
    pause();
  }
}

int main(void) {
  intervals();
  posix_timers();
  errors();
  alarm(100);
  in_child("child", not_inherited);
  CHECK(alarm(0) > 0);
  in_child("killed", killed);
  return 0;
}
