// Attaching to what runs, sleeps or has stopped; stops of whole processes; steps; who may.
#include <pthread.h>

#include "ptrace_tracee.h"

static void go(pid_t task, int signal) {
  need(ptrace(PTRACE_CONT, task, 0, signal) == 0, "PTRACE_CONT");
}

static void show_info(pid_t task) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (SHOW(ptrace(PTRACE_GETSIGINFO, task, 0, &info)) == 0) {
    say("signal %d code %x", info.si_signo, (unsigned)info.si_code);
  }
}

static char task_state(pid_t task) {
  char path[40];
  char text[512] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", task);
  int fd = open(path, O_RDONLY);
  need(fd >= 0 && read(fd, text, sizeof text - 1) > 0, path);
  close(fd);
  return strrchr(text, ')')[2];
}

static int tracer_of(pid_t task) {
  char path[40];
  char text[4096] = "";
  snprintf(path, sizeof path, "/proc/%d/status", task);
  int fd = open(path, O_RDONLY);
  need(fd >= 0 && read(fd, text, sizeof text - 1) > 0, path);
  close(fd);
  return atoi(strstr(text, "TracerPid:") + 10);
}

static pid_t sleeper(int *end) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    // Not of an orphaned job, which would not stop.
    setpgid(0, 0);
    char byte;
    long result = read(ends[0], &byte, 1);
    _exit(result == 1 ? 10 : 11);
  }
  close(ends[0]);
  *end = ends[1];
  await_sleep(child);
  return child;
}

static void attach_sleeping(void) {
  int end;
  pid_t child = sleeper(&end);
  CHECK(tracer_of(child) == 0);
  SHOW(ptrace(PTRACE_ATTACH, child, 0, 0));
  show_stop("attached", await(child));
  CHECK(tracer_of(child) == getpid());
  say("state %c", task_state(child));
  show_info(child);
  struct user_regs_struct now = registers(child);
  say("rax %lld orig_rax %lld", (long long)now.rax, now.orig_rax);
  SHOW(ptrace(PTRACE_ATTACH, child, 0, 0));
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  CHECK(tracer_of(child) == 0);
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  need(write(end, "x", 1) == 1, "write");
  reap("detached", child);
}

static void seize_sleeping(void) {
  int end;
  pid_t child = sleeper(&end);
  SHOW(ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACESYSGOOD));
  int status;
  SHOW(waitpid(child, &status, WNOHANG));
  SHOW(ptrace(PTRACE_CONT, child, 0, 0));
  SHOW(ptrace(PTRACE_INTERRUPT, child, 0, 0));
  show_stop("interrupted", await(child));
  show_info(child);
  struct user_regs_struct now = registers(child);
  say("rax %lld orig_rax %lld", (long long)now.rax, now.orig_rax);
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  show_stop("restarted", await(child));
  now = registers(child);
  say("rax %lld orig_rax %lld", (long long)now.rax, now.orig_rax);
  SHOW(ptrace(PTRACE_INTERRUPT, child, 0, 0));
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  show_stop("end of the call", await(child));
  now = registers(child);
  say("rax %lld orig_rax %lld", (long long)now.rax, now.orig_rax);
  // The stop at the call's end was what the tracer wanted.
  go(child, 0);
  await_sleep(child);
  SHOW(ptrace(PTRACE_INTERRUPT, child, 0, 0));
  show_stop("interrupted", await(child));
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  need(write(end, "x", 1) == 1, "write");
  reap("detached", child);
}

static volatile int spinning = 1;

static void attach_running(void) {
  volatile int *begun =
      mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  need(begun != MAP_FAILED, "mmap");
  pid_t child = fork();
  if (child == 0) {
    *begun = 1;
    while (spinning) {
    }
    _exit(12);
  }
  while (*begun == 0) {
    sleep_ms(1);
  }
  SHOW(ptrace(PTRACE_ATTACH, child, 0, 0));
  show_stop("attached", await(child));
  CHECK((long)registers(child).orig_rax < 0);
  SHOW(ptrace(PTRACE_POKEDATA, child, &spinning, 0));
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  reap("detached", child);
}

// The stop of a process, seen by a tracer of each kind.
static void group_stops(bool seizes) {
  int end;
  pid_t child = sleeper(&end);
  if (seizes) {
    SHOW(ptrace(PTRACE_SEIZE, child, 0, 0));
  } else {
    SHOW(ptrace(PTRACE_ATTACH, child, 0, 0));
    show_stop("attached", await(child));
    go(child, 0);
  }
  kill(child, SIGTSTP);
  show_stop("signal", await(child));
  show_info(child);
  go(child, SIGTSTP);
  show_stop("process", await(child));
  show_info(child);
  say("state %c", task_state(child));
  if (seizes) {
    SHOW(ptrace(PTRACE_LISTEN, child, 0, 0));
    SHOW(ptrace(PTRACE_GETEVENTMSG, child, 0, &(long){0}));
    int status;
    SHOW(waitpid(child, &status, __WALL | WNOHANG));
    kill(child, SIGCONT);
    show_stop("continued", await(child));
    show_info(child);
    go(child, 0);
    show_stop("signal", await(child));
    go(child, SIGCONT);
  } else {
    kill(child, SIGCONT);
    go(child, 0);
    show_stop("signal", await(child));
    go(child, SIGCONT);
  }
  need(write(end, "x", 1) == 1, "write");
  show_stop("end", await(child));
}

static void attach_stopped(bool seizes) {
  int end;
  pid_t child = sleeper(&end);
  kill(child, SIGSTOP);
  int status;
  need(waitpid(child, &status, WUNTRACED) == child, "a stop");
  say("state %c", task_state(child));
  SHOW(ptrace(seizes ? PTRACE_SEIZE : PTRACE_ATTACH, child, 0, 0));
  show_stop("attached", await(child));
  show_info(child);
  say("state %c", task_state(child));
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  for (int tries = 0; tries < 500 && task_state(child) != 'T'; tries++) {
    sleep_ms(2);
  }
  say("state %c", task_state(child));
  kill(child, SIGCONT);
  need(write(end, "x", 1) == 1, "write");
  reap("detached", child);
}

static void known_steps(void) {
  __asm__ volatile("int3; nop; nop; mov $39, %%eax; syscall; nop; nop" : : : "rax", "rcx", "r11");
}

static void steps(void) {
  pid_t child = start(known_steps);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD));
  go(child, 0);
  show_stop("int3", await(child));
  unsigned long before = registers(child).rip;
  for (int i = 0; i < 6; i++) {
    need(ptrace(PTRACE_SINGLESTEP, child, 0, 0) == 0, "PTRACE_SINGLESTEP");
    show_stop("step", await(child));
    struct user_regs_struct now = registers(child);
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, child, 0, &info);
    say("by %ld, code %d, trap flag %llx, address %s", (long)(now.rip - before), info.si_code,
        now.eflags & 0x100, info.si_addr == (void *)now.rip ? "here" : "elsewhere");
    before = now.rip;
  }
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  reap("detached", child);
}

static void handler(int number) {
  say("handler of %d", number);
}

static void with_handler(void) {
  signal(SIGUSR1, handler);
  signal(SIGUSR2, SIG_IGN);
  raise(SIGUSR2);
  raise(SIGUSR1);
  raise(SIGTERM);
  say("alive");
}

// A step into a handler; other signals; none.
static void deliveries(void) {
  pid_t child = start(with_handler);
  go(child, 0);
  show_stop("an ignored signal", await(child));
  go(child, SIGUSR2);
  show_stop("a signal", await(child));
  need(ptrace(PTRACE_SINGLESTEP, child, 0, SIGUSR1) == 0, "PTRACE_SINGLESTEP");
  show_stop("in the handler", await(child));
  CHECK(registers(child).rip == (unsigned long)handler);
  show_info(child);
  go(child, 0);
  show_stop("a deadly signal", await(child));
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, child, 0, &info);
  info.si_signo = SIGUSR1;
  SHOW(ptrace(PTRACE_SETSIGINFO, child, 0, &info));
  go(child, SIGUSR1);
  show_stop("end", await(child));
}

static int watched;

static void watch_body(void) {
  __asm__ volatile("int3");
  for (int i = 0; i < 3; i++) {
    *(volatile int *)&watched += 5;
    getppid();
  }
}

// A watchpoint of the processor's.
static void watches(void) {
  pid_t child = start(watch_body);
  go(child, 0);
  show_stop("int3", await(child));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[0]), &watched));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[7]), 1 | 0xdUL << 16));
  for (int i = 0; i < 3; i++) {
    go(child, 0);
    show_stop("written", await(child));
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, child, 0, &info);
    long status;
    long word;
    ptrace(PTRACE_PEEKUSR, child, offsetof(struct user, u_debugreg[6]), &status);
    ptrace(PTRACE_PEEKDATA, child, &watched, &word);
    say("code %d, status %lx, value %d", info.si_code, status & 0xf, (int)word);
    SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[6]), 0));
  }
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[7]), 0));
  go(child, 0);
  show_stop("end", await(child));
}

static void try_it(pid_t target) {
  SHOW(ptrace(PTRACE_ATTACH, target, 0, 0));
  SHOW(ptrace(PTRACE_SEIZE, target, 0, 0));
  char byte;
  struct iovec here = {&byte, 1};
  struct iovec there = {&byte, 1};
  SHOW(syscall(SYS_process_vm_readv, target, &here, 1L, &there, 1L, 0L));
  SHOW(syscall(SYS_process_vm_writev, target, &here, 1L, &there, 1L, 0L));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", target);
  int fd = open(path, O_RDWR);
  say("mem: %s", fd < 0 ? error_name(errno) : "open");
  _exit(0);
}

// Another user, and one of more rights.
static void permissions(void) {
  int end;
  pid_t child = sleeper(&end);
  pid_t other = fork();
  if (other == 0) {
    become_ordinary();
    try_it(child);
  }
  reap("ordinary", other);
  close(end);
  reap("sleeper", child);
}

static void *thread_body(void *argument) {
  // Not the thread that traces.
  SHOW(ptrace(PTRACE_CONT, *(pid_t *)argument, 0, 0));
  int status;
  SHOW(waitpid(*(pid_t *)argument, &status, __WNOTHREAD | __WALL | WNOHANG));
  return NULL;
}

static void other_thread(void) {
  int end;
  pid_t child = sleeper(&end);
  need(ptrace(PTRACE_ATTACH, child, 0, 0) == 0, "PTRACE_ATTACH");
  show_stop("attached", await(child));
  pthread_t thread;
  need(pthread_create(&thread, NULL, thread_body, &child) == 0, "a thread");
  pthread_join(thread, NULL);
  close(end);
  go(child, 0);
  show_stop("end", await(child));
}

int main(void) {
  attach_sleeping();
  seize_sleeping();
  attach_running();
  group_stops(false);
  group_stops(true);
  attach_stopped(false);
  attach_stopped(true);
  steps();
  deliveries();
  watches();
  permissions();
  other_thread();
  return 0;
}
