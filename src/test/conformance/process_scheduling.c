// Scheduling: nice, priorities, policies, affinity, and who may change what.
#include "check.h"
#include <sched.h>
#include <sys/resource.h>

static void niceness(void) {
  SHOW(getpriority(PRIO_PROCESS, 0));
  errno = 0;
  SHOW(nice(5));
  SHOW(nice(100));
  SHOW(getpriority(PRIO_PROCESS, getpid()));
  SHOW(setpriority(PRIO_PROCESS, 0, -5));
  SHOW(getpriority(PRIO_PROCESS, 0));
  SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  SHOW(getpriority(99, 0));
  SHOW(getpriority(PRIO_PROCESS, 1 << 29));
  SHOW(setpriority(PRIO_PROCESS, 1 << 29, 0));
  SHOW(setpriority(PRIO_PROCESS, 0, 7));
  pid_t child = fork();
  if (child == 0) {
    SHOW(getpriority(PRIO_PROCESS, 0));
    become_ordinary();
    SHOW(setpriority(PRIO_PROCESS, 0, 9));
    SHOW(setpriority(PRIO_PROCESS, 0, 8));
    SHOW(setpriority(PRIO_PROCESS, getppid(), 10));
    _exit(0);
  }
  reap("child", child);
}

static void policies(void) {
  struct sched_param parameter = {0};
  SHOW(sched_getscheduler(0));
  SHOW(sched_getparam(0, &parameter));
  say("priority %d", parameter.sched_priority);
  SHOW(sched_setscheduler(0, SCHED_BATCH, &parameter));
  SHOW(sched_getscheduler(0));
  SHOW(sched_setscheduler(0, 99, &parameter));
  parameter.sched_priority = 5;
  SHOW(sched_setscheduler(0, SCHED_OTHER, &parameter));
  parameter.sched_priority = 0;
  SHOW(sched_setscheduler(0, SCHED_FIFO, &parameter));
  SHOW(sched_setscheduler(1 << 29, SCHED_OTHER, &parameter));
  SHOW(sched_setscheduler(-1, SCHED_OTHER, &parameter));
  SHOW(sched_getscheduler(1 << 29));
  SHOW(sched_getscheduler(-1));
  SHOW(sched_getparam(0, bad_pointer()));
  SHOW(sched_get_priority_min(SCHED_FIFO));
  SHOW(sched_get_priority_max(SCHED_RR));
  SHOW(sched_get_priority_max(SCHED_OTHER));
  SHOW(sched_get_priority_max(99));
  SHOW(sched_yield());
  SHOW(sched_setscheduler(0, SCHED_OTHER, &parameter));
}

struct attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t least, most;
};

static long set_attributes(const char *what, struct attributes wanted) {
  long result = syscall(SYS_sched_setattr, 0, &wanted, 0);
  say("%s: %s, size %u", what, result == 0 ? "0" : error_name(errno), wanted.size);
  return result;
}

static void show_attributes(void) {
  struct attributes now = {0};
  SHOW(syscall(SYS_sched_getattr, 0, &now, sizeof now, 0));
  // The runtime of the usual policies is the host's affair.
  say("size %u, policy %u, flags %lx, nice %d, priority %u", now.size, now.policy, now.flags, now.nice, now.priority);
  say("runtime %ld, deadline %ld, period %ld", now.policy == 6 ? now.runtime : 0, now.deadline, now.period);
}

#define MS 1000000UL

static void attributes(void) {
  struct attributes usual = {.size = sizeof usual, .nice = 100};
  set_attributes("nice beyond its bound", usual);
  show_attributes();
  usual.nice = 0;
  set_attributes("back", usual);
  usual.size = 12;
  set_attributes("too short", usual);
  usual.size = 5000;
  set_attributes("too long", usual);
  struct {
    struct attributes known;
    char more[8];
  } longer = {.known = {.size = sizeof longer}};
  SHOW(syscall(SYS_sched_setattr, 0, &longer, 0));
  longer.more[7] = 1;
  SHOW(syscall(SYS_sched_setattr, 0, &longer, 0));
  say("size %u", longer.known.size);
  usual = (struct attributes){.size = 48, .flags = 0x20};
  set_attributes("clamped, and too short for it", usual);
  usual.flags = 0x80;
  set_attributes("unknown flag", usual);
  usual = (struct attributes){.size = 0};
  set_attributes("no size", usual);
  usual.policy = 9;
  set_attributes("unknown policy", usual);
  usual.policy = 1U << 31;
  set_attributes("negative policy", usual);
  SHOW(syscall(SYS_sched_setattr, 0, NULL, 0));
  SHOW(syscall(SYS_sched_setattr, 0, &usual, 1));
  SHOW(syscall(SYS_sched_setattr, 1 << 29, &longer, 0));
  SHOW(syscall(SYS_sched_getattr, 0, &usual, 47, 0));
  SHOW(syscall(SYS_sched_getattr, 0, &usual, 5000, 0));
  SHOW(syscall(SYS_sched_getattr, 0, &usual, 48, 0));
  say("size %u", usual.size);
}

static void deadlines(void) {
  struct attributes wanted = {
      .size = sizeof wanted, .policy = 6, .runtime = 5 * MS, .deadline = 30 * MS, .period = 50 * MS};
  set_attributes("deadlines", wanted);
  show_attributes();
  SHOW(sched_getscheduler(0));
  SHOW(fork());
  struct timespec slice = {9, 9};
  SHOW(sched_rr_get_interval(0, &slice));
  say("%ld %ld", slice.tv_sec, slice.tv_nsec);
  struct sched_param none = {0};
  SHOW(sched_setparam(0, &none));
  SHOW(sched_setscheduler(0, 6, &none));
  wanted.flags = 1 | 2 | 4;
  wanted.period = 0;
  set_attributes("with flags, without a period", wanted);
  show_attributes();
  in_child("a child", show_attributes);
  wanted.flags = 0x18;
  wanted.runtime = 7 * MS;
  set_attributes("kept", wanted);
  show_attributes();
  wanted.flags = 0;
  wanted.runtime = 1000;
  set_attributes("too short", wanted);
  wanted.runtime = 31 * MS;
  set_attributes("more than there is", wanted);
  wanted.runtime = MS;
  wanted.period = 20 * MS;
  set_attributes("a period before the deadline", wanted);
  wanted.period = 5000 * MS;
  set_attributes("too long a period", wanted);
  wanted.period = 0;
  wanted.runtime = 20000;
  wanted.deadline = 90000;
  set_attributes("too short a period", wanted);
  wanted.deadline = 0;
  set_attributes("none", wanted);
  wanted.deadline = MS;
  wanted.priority = 1;
  set_attributes("with a priority", wanted);
  wanted = (struct attributes){.size = sizeof wanted};
  set_attributes("the usual policy", wanted);
  show_attributes();
  become_ordinary();
  wanted = (struct attributes){.size = sizeof wanted, .policy = 6, .runtime = MS, .deadline = 30 * MS};
  set_attributes("without the right", wanted);
}

static bool runs_on(int wanted) {
  unsigned cpu = 99;
  return syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && (int)cpu == wanted && sched_getcpu() == wanted;
}

// Each processor in turn, for this process and from outside for a child.
static void pinned(const cpu_set_t *all) {
  bool here = true;
  bool there = true;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, all)) {
      continue;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    here = here && sched_setaffinity(0, sizeof one, &one) == 0 && runs_on(cpu);
    int ready[2];
    int go[2];
    need(pipe(ready) == 0 && pipe(go) == 0, "pipe");
    char byte;
    pid_t child = fork();
    if (child == 0) {
      bool first = runs_on(cpu);
      _exit(write(ready[1], "", 1) == 1 && read(go[0], &byte, 1) == 1 && first && !runs_on(cpu) ? 0 : 1);
    }
    need(read(ready[0], &byte, 1) == 1, "read");
    CPU_XOR(&one, &one, all);
    if (CPU_COUNT(&one) > 0) {
      there = there && sched_setaffinity(child, sizeof one, &one) == 0;
      need(write(go[1], "", 1) == 1, "write");
      int status;
      there = there && waitpid(child, &status, 0) == child && status == 0;
    } else {
      kill(child, SIGKILL);
      waitpid(child, NULL, 0);
    }
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    close(go[1]);
  }
  CHECK(here);
  CHECK(there);
  SHOW(sched_setaffinity(0, sizeof *all, all));
}

static void affinity(void) {
  cpu_set_t set;
  CPU_ZERO(&set);
  SHOW(sched_getaffinity(0, sizeof set, &set));
  CHECK(CPU_COUNT(&set) >= 1);
  cpu_set_t all = set;
  int first = 0;
  while (!CPU_ISSET(first, &set)) {
    first++;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  SHOW(sched_setaffinity(0, sizeof one, &one));
  SHOW(sched_getaffinity(0, sizeof set, &set));
  say("now %d", CPU_COUNT(&set));
  unsigned cpu = 99;
  SHOW(syscall(SYS_getcpu, &cpu, NULL, NULL));
  CHECK((int)cpu == first);
  CPU_ZERO(&one);
  SHOW(sched_setaffinity(0, sizeof one, &one));
  pinned(&all);
  SHOW(sched_getaffinity(0, 1, &set));
  SHOW(sched_getaffinity(0, 3, &set));
  SHOW(sched_getaffinity(1 << 29, sizeof set, &set));
  SHOW(sched_getaffinity(0, sizeof set, bad_pointer()));
  SHOW(syscall(SYS_getcpu, NULL, NULL, NULL));
}

int main(void) {
  niceness();
  policies();
  attributes();
  in_child("deadlines", deadlines);
  affinity();
  return 0;
}
