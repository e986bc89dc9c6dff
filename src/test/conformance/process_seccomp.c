// Filters on one's own system calls: modes, checks, every action, inheritance, threads.
#include "check.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <ucontext.h>

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF_NOT(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static long install(unsigned flags, struct sock_filter *code, size_t length) {
  struct sock_fprog program = {(unsigned short)length, code};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// An action for one call, all others pass.
static long on_call(int number, unsigned action) {
  struct sock_filter code[] = {LOAD(nr), IF_NOT((unsigned)number, 1), RETURN(action), RETURN(SECCOMP_RET_ALLOW)};
  return install(0, code, COUNT(code));
}

static void quietly(void) {
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
}

static void show_mode(void) {
  char line[128];
  FILE *status = fopen("/proc/self/status", "r");
  need(status != NULL, "status");
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "Seccomp", 7) == 0) {
      line[strcspn(line, "\n")] = 0;
      say("%s", line);
    }
  }
  fclose(status);
}

static void try_program(const char *what, struct sock_filter *code, size_t length) {
  long result = install(0, code, length);
  say("%s: %s", what, result == 0 ? "taken" : error_name(errno));
}

static void validity(void) {
  quietly();
  struct sock_filter allow[] = {RETURN(SECCOMP_RET_ALLOW)};
  try_program("empty", allow, 0);
  try_program("too long", allow, 4097);
  try_program("bad pointer", bad_pointer(), 1);
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, bad_pointer()));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1 << 20, NULL));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, allow));
  SHOW(syscall(SYS_seccomp, 99, 0, NULL));
  SHOW(prctl(PR_SET_SECCOMP, 3, NULL));
#define TRY(what, ...)                                        \
  do {                                                        \
    struct sock_filter code[] = {__VA_ARGS__};                \
    try_program(what, code, COUNT(code));                     \
  } while (0)
  TRY("no return", LOAD(nr));
  TRY("unaligned", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), allow[0]);
  TRY("beyond the data", BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), allow[0]);
  TRY("half word", BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), allow[0]);
  TRY("indirect", BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), allow[0]);
  TRY("jump beyond the end", BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), allow[0]);
  TRY("jump back", BPF_JUMP(BPF_JMP | BPF_JA, 0xffffffff, 0, 0), allow[0]);
  TRY("branch beyond the end", BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), allow[0]);
  TRY("division by zero", BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), allow[0]);
  TRY("modulo", BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), allow[0]);
  TRY("shift too far", BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), allow[0]);
  TRY("memory beyond", BPF_STMT(BPF_ST, 16), allow[0]);
  TRY("memory not written", BPF_STMT(BPF_LD | BPF_MEM, 3), allow[0]);
  TRY("memory written on one way", LOAD(nr), IF_NOT(5, 1), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), allow[0]);
  TRY("unknown class", BPF_STMT(0x0e, 0), allow[0]);
  show_mode();
  TRY("memory written", BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LD | BPF_MEM, 3), allow[0]);
  TRY("jump to the end", BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0), allow[0]);
  show_mode();
  SHOW(prctl(PR_GET_SECCOMP));
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, NULL));
}

static void rights(void) {
  become_ordinary();
  SHOW(on_call(SYS_getppid, SECCOMP_RET_ERRNO | EPERM));
  quietly();
  SHOW(on_call(SYS_getppid, SECCOMP_RET_ERRNO | EPERM));
  SHOW(getppid());
}

static void errors(void) {
  quietly();
  need(on_call(SYS_getppid, SECCOMP_RET_ERRNO | ENOTBLK) == 0, "a filter");
  SHOW(getppid());
  need(on_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV) == 0, "a filter");
  SHOW(getppid());
  need(on_call(SYS_getppid, SECCOMP_RET_ALLOW) == 0, "a filter");
  SHOW(getppid());
  need(on_call(SYS_getppid, SECCOMP_RET_TRACE | 5) == 0, "a filter");
  SHOW(getppid());
  need(on_call(SYS_getpgrp, SECCOMP_RET_ERRNO) == 0, "a filter");
  SHOW(syscall(SYS_getpgrp));
  need(on_call(SYS_getsid, SECCOMP_RET_ERRNO | 0xffff) == 0, "a filter");
  say("%ld %d", syscall(SYS_getsid, 0), errno);
  need(on_call(SYS_getuid, SECCOMP_RET_LOG) == 0, "a filter");
  CHECK(syscall(SYS_getuid) == getuid());
  // What needs the registers, a descriptor of a child, a call that is not there.
  need(on_call(SYS_clone, SECCOMP_RET_ERRNO | EMLINK) == 0, "a filter");
  SHOW(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  need(on_call(SYS_execve, SECCOMP_RET_ERRNO | EFBIG) == 0, "a filter");
  SHOW(execl("/bin/true", "true", NULL));
  need(on_call(4000, SECCOMP_RET_ERRNO | ESPIPE) == 0, "a filter");
  SHOW(syscall(4000));
  need(on_call(SYS_seccomp, SECCOMP_RET_ERRNO | ELOOP) == 0, "a filter");
  SHOW(on_call(SYS_getpid, SECCOMP_RET_ALLOW));
}

static void arguments(void) {
  quietly();
  struct sock_filter code[] = {
      LOAD(nr), IF_NOT(SYS_lseek, 8),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + 4), IF_NOT(0x12345678, 6),
      LOAD(args[1]), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff),
      BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), BPF_STMT(BPF_RET | BPF_A, 0),
      LOAD(arch), IF_NOT(AUDIT_ARCH_X86_64, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(SECCOMP_RET_KILL_PROCESS)};
  SHOW(install(0, code, COUNT(code)));
  SHOW(lseek(99, 0, SEEK_SET));
  SHOW(lseek(99, 0x1234567800000160, SEEK_SET));
  struct sock_filter zero[] = {LOAD(nr),
                               IF_NOT(SYS_getpgid, 3),
                               BPF_STMT(BPF_LDX | BPF_IMM, 0),
                               BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
                               RETURN(SECCOMP_RET_ALLOW),
                               RETURN(SECCOMP_RET_ALLOW)};
  SHOW(install(0, zero, COUNT(zero)));
  SHOW(getpgid(0));
}

static volatile long trapped;

static void on_trap(int signal, siginfo_t *info, void *context) {
  ucontext_t *at = context;
  say("%s code %d errno %d syscall %d", signal_name(signal), info->si_code, info->si_errno, info->si_syscall);
  CHECK(info->si_arch == AUDIT_ARCH_X86_64);
  CHECK((long)info->si_call_addr == at->uc_mcontext.gregs[REG_RIP]);
  say("rax %lld", (long long)at->uc_mcontext.gregs[REG_RAX]);
  at->uc_mcontext.gregs[REG_RAX] = 4711;
  trapped++;
}

static void traps(void) {
  quietly();
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, NULL);
  need(on_call(SYS_getppid, SECCOMP_RET_TRAP | 77) == 0, "a filter");
  SHOW(getppid());
  need(on_call(SYS_kill, SECCOMP_RET_TRAP | 78) == 0, "a filter");
  SHOW(kill(0, SIGTERM));
  need(on_call(SYS_getpgid, SECCOMP_RET_TRAP) == 0, "a filter");
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  SHOW(getpgid(0));
}

static void kills_process(void) {
  quietly();
  signal(SIGSYS, SIG_IGN);
  need(on_call(SYS_getppid, SECCOMP_RET_KILL_PROCESS) == 0, "a filter");
  getppid();
  say("still there");
}

static void kills_unknown(void) {
  quietly();
  need(on_call(SYS_getppid, 0x12340000) == 0, "a filter");
  getppid();
  say("still there");
}

static void kills_only_thread(void) {
  quietly();
  need(on_call(SYS_getppid, SECCOMP_RET_KILL_THREAD) == 0, "a filter");
  getppid();
  say("still there");
}

static void *doomed(void *unused) {
  (void)unused;
  getppid();
  say("still there");
  return NULL;
}

static void kills_thread(void) {
  quietly();
  need(on_call(SYS_getppid, SECCOMP_RET_KILL_THREAD) == 0, "a filter");
  pthread_t thread;
  need(pthread_create(&thread, NULL, doomed, NULL) == 0, "pthread_create");
  SHOW(pthread_join(thread, NULL));
  say("the others live");
}

static void strict(void) {
  SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, NULL));
  say("may write");
  syscall(SYS_exit, 7);
}

static void strict_dies(void) {
  SHOW(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
  getpid();
  syscall(SYS_getpid);
  say("still there");
}

static void child_of_filtered(void) {
  SHOW(getppid());
  show_mode();
}

static void inherited(void) {
  quietly();
  need(on_call(SYS_getppid, SECCOMP_RET_ERRNO | EUSERS) == 0, "a filter");
  in_child("a grandchild", child_of_filtered);
  execl("/proc/self/exe", "self", "again", NULL);
}

static pthread_barrier_t barrier;

static void *waiting(void *own) {
  if (own != NULL) {
    need(on_call(SYS_getsid, SECCOMP_RET_ERRNO | EIDRM) == 0, "a filter");
  }
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  SHOW(getppid());
  return NULL;
}

static void threads(bool stranger) {
  quietly();
  pthread_t thread;
  pthread_barrier_init(&barrier, NULL, 2);
  need(pthread_create(&thread, NULL, waiting, stranger ? &barrier : NULL) == 0, "pthread_create");
  pthread_barrier_wait(&barrier);
  struct sock_filter code[] = {LOAD(nr), IF_NOT(SYS_getppid, 1), RETURN(SECCOMP_RET_ERRNO | ENOANO),
                               RETURN(SECCOMP_RET_ALLOW)};
  long result = install(SECCOMP_FILTER_FLAG_TSYNC, code, COUNT(code));
  say("together: %s", result == 0 ? "0" : result > 0 ? "a thread" : error_name(errno));
  if (stranger) {
    SHOW(install(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, code, COUNT(code)));
    need(on_call(SYS_getppid, SECCOMP_RET_ERRNO | EBADE) == 0, "a filter");
    _exit(0);
  }
  SHOW(getppid());
  pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);
}

static void together(void) {
  threads(false);
}

static void not_together(void) {
  threads(true);
}

static void available(void) {
  unsigned actions[] = {SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
                        SECCOMP_RET_TRACE,        SECCOMP_RET_LOG,         SECCOMP_RET_ALLOW, 0x12340000};
  for (size_t i = 0; i < COUNT(actions); i++) {
    say("%#x", actions[i]);
    SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &actions[i]));
  }
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 1, &actions[0]));
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, bad_pointer()));
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "again") == 0) {
    SHOW(getppid());
    return 0;
  }
  show_mode();
  in_child("validity", validity);
  in_child("rights", rights);
  in_child("errors", errors);
  in_child("arguments", arguments);
  in_child("traps", traps);
  in_child("kills the process", kills_process);
  in_child("unknown action", kills_unknown);
  in_child("kills the only thread", kills_only_thread);
  in_child("kills a thread", kills_thread);
  in_child("strict", strict);
  in_child("strict dies", strict_dies);
  in_child("inherited", inherited);
  in_child("together", together);
  in_child("not together", not_together);
  available();
  return 0;
}
