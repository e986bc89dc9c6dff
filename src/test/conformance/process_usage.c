// What processes use: time in the program and in the kernel, memory at its peak, page faults, children's shares.
#include "check.h"
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/times.h>

static long micros(struct timeval time) {
  return time.tv_sec * 1000000 + time.tv_usec;
}

static struct rusage usage(int who) {
  struct rusage all;
  need(getrusage(who, &all) == 0, "getrusage");
  return all;
}

static void compute(void) {
  while (micros(usage(RUSAGE_SELF).ru_utime) < 150000) {
    for (volatile long i = 0; i < 10000000; i++) {
    }
  }
}

// Page faults are the kernel's work, in a sandbox as well.
static void fault(void) {
  while (micros(usage(RUSAGE_SELF).ru_stime) < 150000) {
    char *area = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(area != MAP_FAILED, "mmap");
    for (long at = 0; at < 64 << 20; at += PAGE) {
      area[at] = 1;
    }
    munmap(area, 64 << 20);
  }
}

static void work(void) {
  struct tms before;
  struct tms after;
  times(&before);
  compute();
  fault();
  times(&after);
  CHECK(after.tms_utime >= before.tms_utime + 10);
  CHECK(after.tms_stime >= before.tms_stime + 10);
  CHECK(after.tms_cutime == 0 && after.tms_cstime == 0);
  struct rusage own = usage(RUSAGE_SELF);
  struct rusage thread = usage(RUSAGE_THREAD);
  CHECK(own.ru_maxrss >= 64 << 10);
  CHECK(own.ru_minflt >= 16 << 10);
  CHECK(micros(thread.ru_utime) > 100000 && micros(thread.ru_stime) > 100000);
  CHECK(usage(RUSAGE_CHILDREN).ru_maxrss == 0);
}

int main(void) {
  struct rusage before = usage(RUSAGE_CHILDREN);
  // Whoever executed this program may have left a peak of its own here.
  long peak = usage(RUSAGE_SELF).ru_maxrss;
  say("%ld %ld %ld %ld", before.ru_maxrss, before.ru_minflt, micros(before.ru_utime), micros(before.ru_stime));
  pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status;
  struct rusage its;
  need(wait4(child, &status, 0, &its) == child, "wait4");
  show_status("child", status);
  struct rusage after = usage(RUSAGE_CHILDREN);
  CHECK(its.ru_maxrss >= 64 << 10);
  CHECK(after.ru_maxrss == its.ru_maxrss);
  CHECK(after.ru_minflt == its.ru_minflt && its.ru_minflt >= 16 << 10);
  CHECK(micros(its.ru_utime) > 100000 && micros(its.ru_stime) > 100000);
  struct tms all;
  times(&all);
  CHECK(all.tms_cutime >= 10 && all.tms_cstime >= 10);
  CHECK(usage(RUSAGE_SELF).ru_maxrss < peak + (64 << 10));
  SHOW(getrusage(7, &before));
  SHOW(getrusage(RUSAGE_SELF, bad_pointer()));
  SHOW(syscall(SYS_times, bad_pointer()));
  return 0;
}
