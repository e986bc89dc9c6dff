// Clocks: which there are, their order and resolution, setting them as an ordinary user, sleeping.
#include "check.h"
#include <pthread.h>
#include <sys/time.h>
#include <sys/times.h>

static void clocks(void) {
  static const struct {
    const char *name;
    clockid_t id;
  } all[] = {{"REALTIME", CLOCK_REALTIME},
             {"MONOTONIC", CLOCK_MONOTONIC},
             {"PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
             {"THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
             {"MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
             {"REALTIME_COARSE", CLOCK_REALTIME_COARSE},
             {"MONOTONIC_COARSE", CLOCK_MONOTONIC_COARSE},
             {"BOOTTIME", CLOCK_BOOTTIME},
             {"TAI", CLOCK_TAI}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    struct timespec one = {-1, -1};
    struct timespec two = {-1, -1};
    long first = syscall(SYS_clock_gettime, all[i].id, &one);
    long second = syscall(SYS_clock_gettime, all[i].id, &two);
    bool ordered = two.tv_sec > one.tv_sec || (two.tv_sec == one.tv_sec && two.tv_nsec >= one.tv_nsec);
    say("%s: %ld %ld, in order %d, nanoseconds %d", all[i].name, first, second, ordered,
        one.tv_nsec >= 0 && one.tv_nsec < 1000000000);
    struct timespec resolution;
    SHOW(syscall(SYS_clock_getres, all[i].id, &resolution));
  }
}

static void errors(void) {
  struct timespec time;
  SHOW(syscall(SYS_clock_gettime, 99, &time));
  SHOW(syscall(SYS_clock_gettime, CLOCK_REALTIME, bad_pointer()));
  SHOW(syscall(SYS_clock_getres, CLOCK_REALTIME, NULL));
  SHOW(syscall(SYS_clock_getres, 99, &time));
  SHOW(syscall(SYS_gettimeofday, NULL, NULL));
  SHOW(syscall(SYS_gettimeofday, bad_pointer(), NULL));
  SHOW(syscall(SYS_time, NULL) > 1600000000);
  time_t seconds = 0;
  CHECK(syscall(SYS_time, &seconds) == seconds);
  SHOW(syscall(SYS_time, bad_pointer()));
  clockid_t id = 0;
  SHOW_ERROR(clock_getcpuclockid(0, &id));
  SHOW(clock_gettime(id, &time));
  SHOW_ERROR(clock_getcpuclockid(1 << 29, &id));
}

static void agreement(void) {
  struct timespec real;
  struct timeval day;
  clock_gettime(CLOCK_REALTIME, &real);
  gettimeofday(&day, NULL);
  CHECK(day.tv_sec - real.tv_sec <= 1);
  struct timespec monotonic_time;
  struct timespec boot;
  clock_gettime(CLOCK_MONOTONIC, &monotonic_time);
  clock_gettime(CLOCK_BOOTTIME, &boot);
  CHECK(boot.tv_sec >= monotonic_time.tv_sec);
  struct timespec before;
  struct timespec after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  for (volatile long i = 0; i < 30000000; i++) {
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  CHECK(after.tv_sec > before.tv_sec || after.tv_nsec > before.tv_nsec);
  struct tms used;
  CHECK(times(&used) > 0);
  CHECK(used.tms_utime >= 0 && used.tms_cutime == 0);
  SHOW(syscall(SYS_times, bad_pointer()));
  CHECK(syscall(SYS_times, NULL) != -1);
}

static void sleeping(void) {
  struct timespec rest = {0, 20000000};
  struct timespec before = monotonic();
  SHOW(nanosleep(&rest, NULL));
  CHECK(elapsed_ms(&before) >= 20);
  before = monotonic();
  SHOW_ERROR(clock_nanosleep(CLOCK_REALTIME, 0, &rest, NULL));
  CHECK(elapsed_ms(&before) >= 19);
  struct timespec past = {1, 0};
  SHOW_ERROR(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL));
  SHOW_ERROR(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &past, NULL));
  struct timespec zero = {0, 0};
  SHOW(nanosleep(&zero, NULL));
  struct timespec wrong = {0, 1000000000};
  SHOW(nanosleep(&wrong, NULL));
  wrong = (struct timespec){-1, 0};
  SHOW(nanosleep(&wrong, NULL));
  wrong = (struct timespec){0, -1};
  SHOW(nanosleep(&wrong, NULL));
  SHOW(nanosleep(bad_pointer(), NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &rest, NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, bad_pointer(), NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, 0, &zero, NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_PROCESS_CPUTIME_ID, TIMER_ABSTIME, &zero, NULL));
  SHOW(syscall(SYS_clock_nanosleep, -2, 0, &zero, NULL));
  SHOW(syscall(SYS_clock_nanosleep, (int)(~(unsigned)getpid() << 3 | 6), 0, &zero, NULL));
  SHOW(syscall(SYS_clock_nanosleep, (int)(~(1U << 25) << 3 | 2), 0, &zero, NULL));
  SHOW(syscall(SYS_clock_nanosleep, 99, 0, &rest, NULL));
  SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC_COARSE, 0, &rest, NULL));
}

static void *spin(void *end) {
  while (!*(volatile bool *)end) {
  }
  return NULL;
}

static void on_signal(int number) { (void)number; }

// A sleep until the process has used so much time, which another of its threads does.
static void until_used(void) {
  bool end = false;
  struct timespec before;
  struct timespec after;
  struct timespec rest = {0, 30000000};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  pthread_t thread;
  need(pthread_create(&thread, NULL, spin, &end) == 0, "pthread_create");
  SHOW_ERROR(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &rest, NULL));
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  CHECK((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec >= rest.tv_nsec);
  end = true;
  pthread_join(thread, NULL);
  signal(SIGALRM, on_signal);
  ualarm(20000, 0);
  rest = (struct timespec){1000, 0};
  struct timespec left = {0, 0};
  SHOW_ERROR(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &rest, &left));
  CHECK(left.tv_sec >= 999);
}

static void ordinary(void) {
  become_ordinary();
  struct timespec time = {1, 0};
  SHOW(clock_settime(CLOCK_REALTIME, &time));
  SHOW(clock_settime(CLOCK_MONOTONIC, &time));
  struct timeval day = {1, 0};
  SHOW(settimeofday(&day, NULL));
}

int main(void) {
  clocks();
  errors();
  agreement();
  sleeping();
  until_used();
  in_child("ordinary", ordinary);
  return 0;
}
