// Restartable sequences: libc has registered the thread's area already.
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <sys/rseq.h>

static struct rseq *area(void) {
  return (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

static void *in_thread(void *unused) {
  (void)unused;
  static __thread char other[64] __attribute__((aligned(32)));
  SHOW(syscall(SYS_rseq, other, 32, 0, RSEQ_SIG));
  CHECK((int)area()->cpu_id >= 0);
  return NULL;
}

int main(void) {
  CHECK(__rseq_size > 0);
  CHECK((int)area()->cpu_id >= 0);
  cpu_set_t all;
  need(sched_getaffinity(0, sizeof all, &all) == 0, "sched_getaffinity");
  bool follows = true;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET(cpu, &all)) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      follows = follows && sched_setaffinity(0, sizeof one, &one) == 0 && (int)area()->cpu_id == cpu;
    }
  }
  CHECK(follows);
  SHOW(syscall(SYS_rseq, area(), 32, 0, RSEQ_SIG));
  SHOW(syscall(SYS_rseq, area(), 32, 0, RSEQ_SIG + 1));
  SHOW(syscall(SYS_rseq, area(), 32, 8, RSEQ_SIG));
  SHOW(syscall(SYS_rseq, area(), 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG + 1));
  pthread_t thread;
  need(pthread_create(&thread, NULL, in_thread, NULL) == 0, "pthread_create");
  pthread_join(thread, NULL);
  pid_t child = fork();
  if (child == 0) {
    SHOW(syscall(SYS_rseq, area(), 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
    SHOW(syscall(SYS_rseq, area(), 32, RSEQ_FLAG_UNREGISTER, RSEQ_SIG));
    SHOW(syscall(SYS_rseq, (char *)area() + 1, 32, 0, RSEQ_SIG));
    SHOW(syscall(SYS_rseq, area(), 16, 0, RSEQ_SIG));
    SHOW(syscall(SYS_rseq, -32L, 32, 0, RSEQ_SIG));
    _exit(0);
  }
  reap("child", child);
  return 0;
}
