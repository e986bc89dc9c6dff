// Calls that a filter leaves to a tracer: the event, what it tells, what the tracer may change, and what the filter
// says to that; filters read by a tracer, and suspended.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include "ptrace_tracee.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SECCOMP_OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP)
#define SUSPEND (1 << 21)

static long install(unsigned flags, struct sock_filter *code, size_t length) {
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
  struct sock_fprog program = {(unsigned short)length, code};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// An action for one call, all others pass.
static void on_call(int number, unsigned action) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  need(install(0, code, COUNT(code)) == 0, "a filter");
}

static const char *name_of(long number) {
  switch (number) {
    case SYS_getppid: return "getppid";
    case SYS_getpgid: return "getpgid";
    case SYS_getpriority: return "getpriority";
    case SYS_dup: return "dup";
    case SYS_clone: return "clone";
    case SYS_execve: return "execve";
    case SYS_kill: return "kill";
    case SYS_rt_sigreturn: return "rt_sigreturn";
    case SYS_exit_group: return "exit_group";
    case SYS_wait4: return "wait4";
    case SYS_write: return "write";
    case SYS_mmap: return "mmap";
    case -1: return "none";
    default: return "another call";
  }
}

static void show_rax(long rax) {
  if (rax == -ENOSYS) {
    say("rax: ENOSYS");
  } else if (rax < 0 && rax > -4096) {
    say("rax: %s", error_name((int)-rax));
  } else {
    say("rax: %s", rax == 0 ? "0" : "a value");
  }
}

// All that is known of a stop.
static void show_all(pid_t child, int status) {
  show_stop("stop", status);
  if (!WIFSTOPPED(status)) {
    return;
  }
  struct user_regs_struct now = registers(child);
  say("call: %s", name_of((long)now.orig_rax));
  show_rax((long)now.rax);
  unsigned long message = 99;
  need(ptrace(PTRACE_GETEVENTMSG, child, 0, &message) == 0, "GETEVENTMSG");
  siginfo_t info;
  memset(&info, 0, sizeof info);
  need(ptrace(PTRACE_GETSIGINFO, child, 0, &info) == 0, "GETSIGINFO");
  if (status >> 16 == PTRACE_EVENT_SECCOMP || WSTOPSIG(status) == CALL_STOP) {
    say("message %lu", message);
    CHECK(info.si_pid == child);
  }
  say("siginfo: %s code %x", signal_name(info.si_signo), (unsigned)info.si_code);
  struct ptrace_syscall_info call;
  memset(&call, 0, sizeof call);
  long size = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
  say("op %d size %ld", call.op, size);
  if (call.op == PTRACE_SYSCALL_INFO_SECCOMP) {
    say("%s, data %u", name_of((long)call.seccomp.nr), call.seccomp.ret_data);
    CHECK(call.seccomp.args[0] == now.rdi && call.seccomp.args[1] == now.rsi && call.seccomp.args[2] == now.rdx &&
          call.seccomp.args[3] == now.r10 && call.seccomp.args[4] == now.r8 && call.seccomp.args[5] == now.r9);
    CHECK(call.arch == AUDIT_ARCH_X86_64 && call.instruction_pointer == now.rip && call.stack_pointer == now.rsp);
  }
}

// Until the first stop for a filter's sake, or the end.
static int to_event(pid_t child, int how) {
  for (;;) {
    need(ptrace(how, child, 0, 0) == 0, "go on");
    int status = await(child);
    if (!WIFSTOPPED(status) || status >> 16 == PTRACE_EVENT_SECCOMP) {
      return status;
    }
    if (WSTOPSIG(status) != CALL_STOP && WSTOPSIG(status) != SIGCHLD) {
      show_stop("on the way", status);
    }
  }
}

static void go(pid_t child, int how) {
  need(ptrace(how, child, 0, 0) == 0, "go on");
}

static void set_call(pid_t child, long number) {
  need(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.orig_rax), number) == 0, "orig_rax");
}

static void set_rax(pid_t child, long value) {
  need(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.rax), value) == 0, "rax");
}

static void three_calls(void) {
  on_call(SYS_getppid, SECCOMP_RET_TRACE | 1234);
  for (int i = 0; i < 3; i++) {
    errno = 0;
    long result = syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
    say("result: %s %s", result == getpid() ? "the own id" : result > 0 ? "a value" : result == 0 ? "0" : "-1",
        error_name(errno));
  }
}

// The same calls without the option, and without a tracer.
static void nobody(void) {
  in_child("nobody traces", three_calls);
  pid_t child = start(three_calls);
  go(child, PTRACE_CONT);
  show_stop("without the option", await(child));
}

// With PTRACE_CONT there is the event alone, with PTRACE_SYSCALL between beginning and end.
static void order(void) {
  pid_t child = start(three_calls);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS));
  show_all(child, to_event(child, PTRACE_CONT));
  // The end of the first call, the beginning of the second, its event, its end.
  for (int i = 0; i < 2; i++) {
    go(child, PTRACE_SYSCALL);
    int status = await(child);
    show_all(child, status);
    while (registers(child).orig_rax != SYS_getppid) {
      go(child, PTRACE_SYSCALL);
      status = await(child);
    }
    if (i == 1) {
      show_all(child, status);
    }
  }
  go(child, PTRACE_SYSCALL);
  show_all(child, await(child));
  go(child, PTRACE_SYSCALL);
  show_all(child, await(child));
  show_all(child, to_event(child, PTRACE_SYSCALL));
  show_all(child, to_event(child, PTRACE_CONT));
}

// Another number, another result, no call, a number that is not there.
static void changes(void) {
  pid_t child = start(three_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, SYS_getpid);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, -1);
  set_rax(child, -EXDEV);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, 4000);
  show_stop("end", to_event(child, PTRACE_CONT));

  child = start(three_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, -1);
  go(child, PTRACE_SYSCALL);
  show_all(child, await(child));
  set_rax(child, 77);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, -5);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, -1);
  set_rax(child, 0);
  show_stop("end", to_event(child, PTRACE_CONT));
}

// Both the beginning's and the event's change are shown to the filter.
static void filtered_calls(void) {
  on_call(SYS_getppid, SECCOMP_RET_TRACE | 7);
  on_call(SYS_dup, SECCOMP_RET_ERRNO | EXDEV);
  on_call(SYS_getpgid, SECCOMP_RET_TRACE | 8);
  for (int i = 0; i < 3; i++) {
    errno = 0;
    long result = syscall(SYS_getppid, 99);
    say("getppid: %ld %s", result < 0 ? -1 : 1L, error_name(errno));
  }
  errno = 0;
  long result = syscall(SYS_getpriority, 0, 0);
  say("getpriority: %ld %s", result < 0 ? -1 : 1L, error_name(errno));
}

static void asked_again(void) {
  pid_t child = start(filtered_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  // To one that the filter refuses, to one that it leaves to the tracer, which has been asked, to one more.
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, SYS_dup);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, SYS_getpgid);
  ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.rdi), 0);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  set_call(child, SYS_dup);
  // Changed when it begins: the filter sees what it has become.
  for (;;) {
    go(child, PTRACE_SYSCALL);
    need(WIFSTOPPED(await(child)), "a stop");
    struct user_regs_struct now = registers(child);
    if (now.orig_rax == SYS_getpriority && (long)now.rax == -ENOSYS) {
      break;
    }
  }
  set_call(child, SYS_getpgid);
  set_rax(child, -EXDEV);
  go(child, PTRACE_SYSCALL);
  show_all(child, await(child));
  show_stop("end", to_event(child, PTRACE_CONT));
}

static void on_signal(int number) {
  say("handler of %s", signal_name(number));
}

static void special_calls(void) {
  signal(SIGUSR1, on_signal);
  on_call(SYS_clone, SECCOMP_RET_TRACE | 1);
  on_call(SYS_execve, SECCOMP_RET_TRACE | 2);
  on_call(SYS_kill, SECCOMP_RET_TRACE | 3);
  on_call(SYS_rt_sigreturn, SECCOMP_RET_TRACE | 4);
  on_call(SYS_mmap, SECCOMP_RET_TRACE | 5);
  on_call(SYS_wait4, SECCOMP_RET_TRACE | 6);
  on_call(SYS_exit_group, SECCOMP_RET_TRACE | 8);
  char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(page != MAP_FAILED, "mmap");
  page[5] = 6;
  kill(getpid(), SIGUSR1);
  pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (child == 0) {
    // Nobody traces it: no such call.
    syscall(SYS_kill, 0, 0);
    _exit(errno == ENOSYS ? 9 : 10);
  }
  int status = 0;
  need(syscall(SYS_wait4, child, &status, __WALL, NULL) == child, "wait4");
  show_status("the child", status);
  execl("/bin/true", "true", NULL);
}

// Those that the kernel serves in different ways.
static void kinds(bool whole) {
  pid_t child = start(special_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  int status;
  int least = 0;
  while (WIFSTOPPED(status = to_event(child, whole ? PTRACE_SYSCALL : PTRACE_CONT)) &&
         status >> 16 == PTRACE_EVENT_SECCOMP) {
    // The new program's own mappings are many.
    struct user_regs_struct now = registers(child);
    if (now.orig_rax != SYS_mmap || least < 2) {
      show_all(child, status);
    }
    least = now.orig_rax == SYS_execve ? 2 : least;
    if (now.orig_rax == SYS_kill) {
      // The signal's stop is passed by hand.
      go(child, PTRACE_CONT);
      show_stop("its signal", await(child));
      need(ptrace(PTRACE_CONT, child, 0, SIGUSR1) == 0, "go on");
      status = await(child);
      show_all(child, status);
    }
  }
  show_stop("end", status);
}

static void dies(void) {
  on_call(SYS_getppid, SECCOMP_RET_KILL_PROCESS);
  on_call(SYS_getpgid, SECCOMP_RET_TRAP | 5);
  on_call(SYS_getpriority, SECCOMP_RET_TRACE | 5);
  syscall(SYS_getpgid, 0);
  syscall(SYS_getpriority, 0, 0);
  say("still there");
}

// A signal for a refused call, and an end for one that the tracer has chosen.
static void refusals(void) {
  pid_t child = start(dies);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  go(child, PTRACE_CONT);
  int status = await(child);
  show_all(child, status);
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, child, 0, &info);
  say("errno %d, call %s", info.si_errno, name_of(info.si_syscall));
  status = to_event(child, PTRACE_CONT);
  show_all(child, status);
  set_call(child, SYS_getppid);
  go(child, PTRACE_SYSCALL);
  show_all(child, await(child));
  go(child, PTRACE_CONT);
  show_stop("end", await(child));

  // Killed and released in its event.
  child = start(three_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  kill(child, SIGKILL);
  show_stop("killed", await(child));
  child = start(three_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, SECCOMP_OPTIONS);
  need(to_event(child, PTRACE_CONT) >> 16 == PTRACE_EVENT_SECCOMP, "an event");
  need(ptrace(PTRACE_DETACH, child, 0, 0) == 0, "detach");
  reap("detached", child);
}

struct metadata {
  uint64_t place;
  uint64_t flags;
};

static void two_filters(void) {
  struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  need(install(SECCOMP_FILTER_FLAG_LOG, allow, 1) == 0, "a filter");
  on_call(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV);
  raise(SIGSTOP);
  errno = 0;
  say("getppid: %d %s", getppid() < 0 ? -1 : 1, error_name(errno));
  raise(SIGSTOP);
  errno = 0;
  say("getppid: %d %s", getppid() < 0 ? -1 : 1, error_name(errno));
}

static void show_filters(pid_t child) {
  struct sock_filter code[8];
  memset(code, 0, sizeof code);
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, 0));
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, code));
  say("%x %x", code[0].code, code[0].k);
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 1, code));
  say("%x %x, %x", code[1].code, code[1].k, code[2].k);
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 2, code));
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, -1, code));
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, bad_pointer()));
  struct metadata data = {0, 99};
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, sizeof data, &data));
  say("%lu %lu", data.place, data.flags);
  data = (struct metadata){1, 99};
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 100, &data));
  say("%lu %lu", data.place, data.flags);
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 4, &data));
  data = (struct metadata){0, 99};
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 12, &data));
  say("%lu %lu", data.place, data.flags);
  data.place = 2;
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 16, &data));
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 16, bad_pointer()));
}

static void inspected(void) {
  pid_t child = start(two_filters);
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, 0));
  go(child, PTRACE_CONT);
  show_stop("with filters", await(child));
  show_filters(child);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, SUSPEND));
  go(child, PTRACE_CONT);
  show_stop("without them", await(child));
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, 0));
  go(child, PTRACE_CONT);
  show_stop("end", await(child));
}

static void unprivileged(void) {
  pid_t child = start(two_filters);
  go(child, PTRACE_CONT);
  show_stop("with filters", await(child));
  become_ordinary();
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, 0));
  SHOW(ptrace(PTRACE_SECCOMP_GET_METADATA, child, 16, 0));
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, SUSPEND));
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, SUSPEND | 0x400));
  SHOW(ptrace(PTRACE_KILL, child, 0, 0));
  show_stop("end", await(child));
}

static void filtered(void) {
  pid_t child = start(two_filters);
  go(child, PTRACE_CONT);
  show_stop("with filters", await(child));
  on_call(SYS_getppid, SECCOMP_RET_ALLOW);
  SHOW(ptrace(PTRACE_SECCOMP_GET_FILTER, child, 0, 0));
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, SUSPEND));
  SHOW(ptrace(PTRACE_KILL, child, 0, 0));
  show_stop("end", await(child));
}

int main(void) {
  nobody();
  order();
  changes();
  asked_again();
  kinds(false);
  kinds(true);
  refusals();
  inspected();
  in_child("unprivileged", unprivileged);
  in_child("filtered", filtered);
  return 0;
}
