// Calls that the tracer makes in the task's stead (PTRACE_SYSEMU), and calls that it changes by their description
// (PTRACE_SET_SYSCALL_INFO).
#include "ptrace_tracee.h"

#define SYSEMU 31
#define SYSEMU_SINGLESTEP 32
#define SET_SYSCALL_INFO 0x4212

static void go(pid_t child, int how) {
  need(ptrace(how, child, 0, 0) == 0, "go on");
}

static void poke(pid_t child, size_t place, long value) {
  need(ptrace(PTRACE_POKEUSR, child, place, value) == 0, "POKEUSR");
}

#define REGISTER(name) offsetof(struct user, regs.name)

static const char *name_of(long number) {
  switch (number) {
    case SYS_getppid: return "getppid";
    case SYS_getpgid: return "getpgid";
    case SYS_write: return "write";
    case SYS_exit_group: return "exit_group";
    case SYS_rt_sigreturn: return "rt_sigreturn";
    case SYS_kill: return "kill";
    case -1: return "none";
    default: return "another call";
  }
}

static void show_call(pid_t child, int status) {
  show_stop("stop", status);
  if (!WIFSTOPPED(status)) {
    return;
  }
  struct user_regs_struct now = registers(child);
  unsigned long message = 99;
  need(ptrace(PTRACE_GETEVENTMSG, child, 0, &message) == 0, "GETEVENTMSG");
  siginfo_t info;
  need(ptrace(PTRACE_GETSIGINFO, child, 0, &info) == 0, "GETSIGINFO");
  struct ptrace_syscall_info call;
  long size = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
  say("%s, message %lu, code %x, op %d of %ld", name_of((long)now.orig_rax), message, (unsigned)info.si_code, call.op,
      size);
  say("rax %s", (long)now.rax == -ENOSYS ? "ENOSYS" : (long)now.rax < 0 ? "an error" : "a value");
}

static void three_calls(void) {
  for (int i = 0; i < 3; i++) {
    errno = 0;
    long result = syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
    say("result: %ld %s", result > 1000 ? 1000 : result, error_name(errno));
  }
}

// Only beginnings are seen, and nothing comes of the calls but what the tracer says.
static void emulate(bool sysgood) {
  pid_t child = start(three_calls);
  ptrace(PTRACE_SETOPTIONS, child, 0, sysgood ? PTRACE_O_TRACESYSGOOD : 0);
  go(child, SYSEMU);
  show_call(child, await(child));
  poke(child, REGISTER(rax), 5);
  go(child, SYSEMU);
  // What it says of that is emulated, too.
  int status = await(child);
  show_call(child, status);
  struct user_regs_struct now = registers(child);
  poke(child, REGISTER(rax), (long)now.rdx);
  go(child, SYSEMU);
  show_call(child, await(child));
  poke(child, REGISTER(rax), -EXDEV);
  // Begun by emulation, it is not made, though its end is seen.
  go(child, PTRACE_SYSCALL);
  show_call(child, await(child));
  go(child, PTRACE_SYSCALL);
  show_call(child, await(child));
  // Begun otherwise, it is made, though emulation is asked for in its middle: no end is seen.
  go(child, SYSEMU);
  status = await(child);
  show_call(child, status);
  go(child, PTRACE_CONT);
  show_stop("end", await(child));
}

static volatile int handled;

static void handler(int number) {
  handled = number;
}

static void with_signal(void) {
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  say("handled %d", handled);
}

// Signals are seen as ever; a handler's end is a call, and made by the tracer's leave only.
static void signals(void) {
  pid_t child = start(with_signal);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  go(child, PTRACE_CONT);
  show_stop("the signal", await(child));
  need(ptrace(SYSEMU, child, 0, SIGUSR1) == 0, "go on");
  show_call(child, await(child));
  struct user_regs_struct now = registers(child);
  // Back before the instruction, to come again.
  poke(child, REGISTER(rip), (long)now.rip - 2);
  poke(child, REGISTER(rax), SYS_rt_sigreturn);
  go(child, PTRACE_CONT);
  show_stop("end", await(child));
}

__attribute__((noipa)) static void stepped_code(void) {
  __asm__ volatile("int3; nop; nop; mov $110, %%eax; syscall; nop; nop" ::: "rax", "rcx", "r11", "memory");
}

// Steps end after an instruction, or at a call's beginning, never at its end.
static void steps(int how) {
  pid_t child = start(stepped_code);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  go(child, PTRACE_CONT);
  show_stop("int3", await(child));
  unsigned long start_of_it = registers(child).rip;
  for (int i = 0; i < 6; i++) {
    go(child, how);
    int status = await(child);
    struct user_regs_struct now = registers(child);
    siginfo_t info;
    need(ptrace(PTRACE_GETSIGINFO, child, 0, &info) == 0, "GETSIGINFO");
    say("at %llu: %s code %x, %s, rax %s", now.rip - start_of_it, signal_name(WSTOPSIG(status)), (unsigned)info.si_code,
        (long)now.orig_rax == SYS_getppid ? "getppid" : (long)now.orig_rax == -1 ? "none" : "another",
        (long)now.rax == -ENOSYS ? "ENOSYS" : "a value");
  }
  kill(child, SIGKILL);
  show_stop("end", await(child));
}

static void describe(void) {
  errno = 0;
  long result = syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
  say("first: %s %s", result == getpid() ? "the own id" : "another", error_name(errno));
  errno = 0;
  result = syscall(SYS_getppid, 1, 2, 3, 4, 5, 6);
  say("second: %ld %s", result, error_name(errno));
  syscall(SYS_getppid, 1);
  syscall(SYS_getppid, 1);
}

static void to_call(pid_t child, int beginning) {
  for (;;) {
    go(child, PTRACE_SYSCALL);
    need(WIFSTOPPED(await(child)), "a stop");
    struct user_regs_struct now = registers(child);
    unsigned long message;
    ptrace(PTRACE_GETEVENTMSG, child, 0, &message);
    if ((now.orig_rax == SYS_getppid && beginning && message == 1) || (!beginning && message == 2)) {
      return;
    }
  }
}

struct info {
  struct ptrace_syscall_info call;
  char rest[64];
};

static void described(void) {
  pid_t child = start(describe);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  size_t size = sizeof(struct ptrace_syscall_info);
  say("size %zu", size);
  struct info info;
  memset(&info, 0, sizeof info);
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  to_call(child, 1);
  SHOW(ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info));
  SHOW(ptrace(SET_SYSCALL_INFO, child, size - 1, &info));
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, bad_pointer()));
  info.call.op = PTRACE_SYSCALL_INFO_EXIT;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  info.call.op = 77;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  info.call.op = PTRACE_SYSCALL_INFO_ENTRY;
  for (int at = 1; at < 4; at++) {
    ((char *)&info)[at] = 1;
    SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
    ((char *)&info)[at] = 0;
  }
  info.call.entry.nr = 1ULL << 32;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  info.call.entry.nr = 0xffffffff;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  info.call.entry.nr = SYS_getpid;
  info.call.arch = 0;
  info.call.instruction_pointer = 5;
  info.call.stack_pointer = 6;
  for (int i = 0; i < 6; i++) {
    info.call.entry.args[i] = 100 + (unsigned)i;
  }
  SHOW(ptrace(SET_SYSCALL_INFO, child, size + 50, &info));
  struct user_regs_struct now = registers(child);
  say("%lld: %lld %lld %lld %lld %lld %lld", now.orig_rax, now.rdi, now.rsi, now.rdx, now.r10, now.r8, now.r9);
  to_call(child, 0);
  SHOW(ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info));
  CHECK(info.call.exit.rval == child);
  to_call(child, 1);
  // No call at all; the arguments stay.
  SHOW(ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info));
  info.call.entry.nr = (uint64_t)-1;
  info.call.entry.args[0] = 55;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  say("rdi %lld", registers(child).rdi);
  to_call(child, 0);
  SHOW(ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info));
  say("%lld %d", (long long)info.call.exit.rval, info.call.exit.is_error);
  info.call.exit.rval = -EXDEV;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  to_call(child, 1);
  to_call(child, 0);
  SHOW(ptrace(PTRACE_GET_SYSCALL_INFO, child, size, &info));
  info.call.exit.is_error = 0;
  info.call.exit.rval = 4711;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  say("rax %lld", registers(child).rax);
  info.call.exit.is_error = 1;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  say("rax %lld", registers(child).rax);
  info.call.exit.rval = 0;
  SHOW(ptrace(SET_SYSCALL_INFO, child, size, &info));
  say("rax %lld", registers(child).rax);
  go(child, PTRACE_CONT);
  show_stop("end", await(child));
}

int main(void) {
  emulate(true);
  emulate(false);
  signals();
  steps(SYSEMU_SINGLESTEP);
  steps(PTRACE_SINGLESTEP);
  described();
  return 0;
}
