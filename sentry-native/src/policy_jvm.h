// What a JVM needs once it runs: memory, threads, signals, its own open files. No new files.
#ifndef SKERRY_POLICY_JVM_H
#define SKERRY_POLICY_JVM_H

#include <linux/prctl.h>

#define JVM_RULE(name, why) {__NR_##name, -1, 0, why}
#define JVM_RULE_IF(name, arg, value, why) {__NR_##name, arg, (unsigned)(value), why}

// CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM, SETTLS, PARENT_SETTID, CHILD_CLEARTID; and DETACHED.
#define GLIBC_THREAD 0x3d0f00
#define MUSL_THREAD 0x7d0f00

#define JVM_RULES                                                            \
  JVM_RULE(futex, "locks, parking"),                                         \
      JVM_RULE(mmap, "heap, stacks, code"),                                  \
      JVM_RULE(munmap, "heap, stacks"),                                      \
      JVM_RULE(mprotect, "guard pages, safepoint page"),                     \
      JVM_RULE(madvise, "give heap and stacks back"),                        \
      JVM_RULE(mremap, "malloc of large blocks"),                            \
      JVM_RULE(brk, "malloc"),                                               \
      JVM_RULE(read, "class path, descriptors"),                             \
      JVM_RULE(pread64, "class path"),                                       \
      JVM_RULE(write, "descriptors, the log"),                               \
      JVM_RULE(lseek, "class path"),                                         \
      JVM_RULE(close, "descriptors"),                                        \
      JVM_RULE(newfstatat, "class path"),                                    \
      JVM_RULE(fstat, "class path"),                                         \
      JVM_RULE_IF(clone, 0, GLIBC_THREAD, "compiler and worker threads"),    \
      JVM_RULE_IF(clone, 0, MUSL_THREAD, "the same, with musl"),             \
      JVM_RULE(set_robust_list, "thread start"),                             \
      JVM_RULE(rseq, "thread start"),                                        \
      JVM_RULE(set_tid_address, "thread start"),                             \
      JVM_RULE(gettid, "thread start"),                                      \
      JVM_RULE(getpid, "tgkill"),                                            \
      JVM_RULE(exit, "thread end"),                                          \
      JVM_RULE(exit_group, "process end"),                                   \
      JVM_RULE(rt_sigaction, "signal handlers"),                             \
      JVM_RULE(rt_sigprocmask, "thread start"),                              \
      JVM_RULE(rt_sigreturn, "implicit null checks"),                        \
      JVM_RULE(sigaltstack, "thread start"),                                 \
      JVM_RULE(sched_yield, "spinning locks"),                               \
      JVM_RULE(sched_getaffinity, "number of processors"),                   \
      JVM_RULE(clock_nanosleep, "sleep"),                                    \
      JVM_RULE(nanosleep, "sleep"),                                          \
      JVM_RULE(clock_gettime, "time, without a vDSO"),                       \
      JVM_RULE(gettimeofday, "time, without a vDSO"),                        \
      JVM_RULE(clock_getres, "time"),                                        \
      JVM_RULE_IF(prctl, 0, PR_SET_NAME, "thread names"),                    \
      JVM_RULE_IF(prctl, 0, 0x53564d41, "names of mappings (PR_SET_VMA)"),   \
      JVM_RULE(getrusage, "thread times"),                                   \
      JVM_RULE(sysinfo, "memory size"),                                      \
      JVM_RULE(getrandom, "hash seeds"),                                     \
      JVM_RULE(restart_syscall, "a sleep that was interrupted"),             \
      JVM_RULE(membarrier, "handshakes")

#endif
