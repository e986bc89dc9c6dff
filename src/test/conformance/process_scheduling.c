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
  affinity();
  return 0;
}
