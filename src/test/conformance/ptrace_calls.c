// A tracer that follows system calls: the stops, what they tell, and what it may change.
#include "ptrace_tracee.h"

// Whether the stop is at a system call's beginning or end; other stops are shown.
static bool next_call(pid_t child, int *status) {
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  need(waitpid(child, status, 0) == child, "a stop");
  if (WIFSTOPPED(*status) && WSTOPSIG(*status) == CALL_STOP) {
    return true;
  }
  show_status("other stop", *status);
  return false;
}

static void some_calls(void) {
  syscall(SYS_getppid);
  syscall(SYS_close, -1);
  syscall(SYS_write, 1, "written by the tracee\n", 22);
  syscall(9999, 1, 2, 3, 4, 5, 6);
  raise(SIGUSR1);
}

static void show_info(pid_t child) {
  struct ptrace_syscall_info info;
  memset(&info, 0xee, sizeof info);
  long size = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    say("entry of %llu, size %ld, arch %x", info.entry.nr, size, info.arch);
    if (info.entry.nr == 9999) {
      say("arguments %llu %llu %llu %llu %llu %llu", info.entry.args[0], info.entry.args[1],
          info.entry.args[2], info.entry.args[3], info.entry.args[4], info.entry.args[5]);
    }
  } else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
    say("exit, error %d, size %ld", info.exit.is_error, size);
    if (info.exit.is_error) {
      say("that is %lld", info.exit.rval);
    }
  } else {
    say("op %d, size %ld", info.op, size);
  }
}

static void follow(void) {
  pid_t child = start(some_calls);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
  show_info(child);
  int status;
  for (int stops = 0; stops < 40; stops++) {
    if (next_call(child, &status)) {
      struct user_regs_struct now = registers(child);
      show_info(child);
      unsigned long message = 99;
      ptrace(PTRACE_GETEVENTMSG, child, 0, &message);
      say("call %lld, result %s, message %lu", now.orig_rax,
          (long)now.rax == -ENOSYS ? "ENOSYS" : (long)now.rax < 0 ? "an error" : "a value", message);
      siginfo_t info;
      ptrace(PTRACE_GETSIGINFO, child, 0, &info);
      CHECK(info.si_signo == SIGTRAP && info.si_code == CALL_STOP && info.si_pid == child);
    } else if (!WIFSTOPPED(status)) {
      return;
    } else {
      show_info(child);
    }
  }
}

static void ask_things(void) {
  say("getppid: %ld", syscall(SYS_getppid));
  long result = syscall(SYS_close, -1);
  say("close: %ld %s", result, error_name(errno));
  say("getuid or what: %ld", syscall(SYS_getuid));
}

// Other numbers, other arguments, no call at all, other results.
static void change(void) {
  pid_t child = start(ask_things);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  int status;
  for (int entered = 0; next_call(child, &status); entered = !entered) {
    struct user_regs_struct now = registers(child);
    if (now.orig_rax == SYS_getppid) {
      if (entered) {
        now.rax = 4711;
        SHOW(ptrace(PTRACE_SETREGS, child, 0, &now));
      }
    } else if (now.orig_rax == SYS_close && !entered) {
      now.orig_rax = -1;
      SHOW(ptrace(PTRACE_SETREGS, child, 0, &now));
    } else if (now.orig_rax == SYS_getuid && !entered) {
      SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.orig_rax), SYS_dup));
      SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.rdi), 12345));
    } else if ((long)now.orig_rax == -1 && entered) {
      say("no call, result %lld", now.rax);
    }
  }
}

static void many_kinds(void) {
  char *page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(page != MAP_FAILED, "mmap");
  page[PAGE] = 7;
  SHOW(mprotect(page, PAGE, PROT_READ));
  SHOW(munmap(page + 2 * PAGE, PAGE));
  page = mremap(page + PAGE, PAGE, 5 * PAGE, MREMAP_MAYMOVE);
  need(page != MAP_FAILED, "mremap");
  say("mremap keeps the content: %d", page[0]);
  make_file("mapped", "text in a file");
  int fd = open("mapped", O_RDONLY);
  char *text = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
  need(text != MAP_FAILED, "a mapping");
  close(fd);
  say("mapped: %s", text);
  SHOW(unlink("mapped"));
  void *end = sbrk(0);
  CHECK(sbrk(3 * PAGE) == end);
  memset(end, 1, 3 * PAGE);
  int there[2];
  int back[2];
  need(pipe(there) == 0 && pipe(back) == 0, "pipe");
  pid_t child = fork();
  char byte = 'x';
  if (child == 0) {
    sleep_ms(30);
    need(write(there[1], &byte, 1) == 1, "write");
    need(read(back[0], &byte, 1) == 1, "read");
    _exit(3);
  }
  SHOW(read(there[0], &byte, 1));
  need(write(back[1], &byte, 1) == 1, "write");
  reap("grandchild", child);
}

// Calls that the kernel serves in different ways give what they give untraced.
static void kinds(void) {
  pid_t child = start(many_kinds);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  int status;
  for (int stops = 0; stops < 1000; stops++) {
    need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
    need(waitpid(child, &status, 0) == child, "a stop");
    if (!WIFSTOPPED(status)) {
      break;
    }
    if (WSTOPSIG(status) != CALL_STOP) {
      show_status("stop", status);
    }
  }
  show_status("kinds", status);
}

// Without TRACESYSGOOD the stops look like any trap.
static void plain(void) {
  pid_t child = start(some_calls);
  int status;
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  need(waitpid(child, &status, 0) == child, "a stop");
  show_status("a call", status);
  show_info(child);
  need(ptrace(PTRACE_DETACH, child, 0, 0) == 0, "PTRACE_DETACH");
  reap("detached in a call", child);
}

static void on_alarm(int number) {
  say("handler of %s", signal_name(number));
}

static void interrupted(void) {
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGUSR1, &action, NULL);
  struct timespec long_time = {100, 0};
  int result = nanosleep(&long_time, NULL);
  say("nanosleep: %d %s", result, error_name(errno));
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  char byte;
  if (fork() == 0) {
    sleep_ms(1000);
    need(write(ends[1], "y", 1) == 1, "write");
    sleep_ms(1000);
    _exit(0);
  }
  SHOW(read(ends[0], &byte, 1));
}

// The restart codes, which nobody but a tracer sees.
static void restarts(void) {
  pid_t child = start(interrupted);
  ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD);
  int status;
  long asleep = -1;
  for (int stops = 0; stops < 1000; stops++) {
    need(ptrace(PTRACE_SYSCALL, child, 0, asleep > 0 ? 0 : asleep == 0 ? SIGUSR1 : 0) == 0, "go");
    if (asleep > 0) {
      await_sleep(child);
      kill(child, SIGUSR1);
    }
    asleep = -1;
    need(waitpid(child, &status, 0) == child, "a stop");
    if (!WIFSTOPPED(status)) {
      break;
    }
    struct user_regs_struct now = registers(child);
    long number = now.orig_rax;
    bool sleeps = number == SYS_clock_nanosleep || number == SYS_read || number == SYS_nanosleep;
    if (WSTOPSIG(status) == CALL_STOP) {
      if (sleeps && (long)now.rax == -ENOSYS) {
        static int times;
        asleep = times++ < 2 ? 1 : -1;
      } else if ((long)now.rax < -500) {
        say("%s ends with %lld", number == SYS_read ? "read" : "sleep", now.rax);
      } else if (number == SYS_rt_sigreturn || number == -1) {
        say("the handler returns");
      }
    } else if (WSTOPSIG(status) == SIGUSR1) {
      say("at the signal %s %lld", number == SYS_read ? "read" : "sleep", now.rax);
      asleep = 0;
    } else {
      show_status("stop", status);
    }
  }
  show_status("interrupted", status);
}

int main(void) {
  follow();
  change();
  kinds();
  plain();
  restarts();
  return 0;
}
