// How traced tasks end under the eyes of their tracer: killed, by another thread's exit_group, with a core.
#include <pthread.h>
#include <sys/resource.h>

#include "ptrace_tracee.h"

#define OPTIONS (PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD)

static unsigned long message(pid_t task) {
  unsigned long value = 0;
  need(ptrace(PTRACE_GETEVENTMSG, task, 0, &value) == 0, "PTRACE_GETEVENTMSG");
  return value;
}

static void go(pid_t task, int signal) {
  need(ptrace(PTRACE_CONT, task, 0, signal) == 0, "PTRACE_CONT");
}

static void show_end(const char *what, pid_t task) {
  int status = await(task);
  show_stop(what, status);
  if (!WIFSTOPPED(status)) {
    return;
  }
  siginfo_t info;
  need(ptrace(PTRACE_GETSIGINFO, task, 0, &info) == 0, "GETSIGINFO");
  say("%s: message %lx, siginfo %s code %x", what, message(task), signal_name(info.si_signo), (unsigned)info.si_code);
}

static void show_call(const char *what, pid_t task) {
  struct user_regs_struct now = registers(task);
  long number = (long)now.orig_rax;
  long rax = (long)now.rax;
  say("%s: in %s, rax %ld", what,
      number == SYS_pause ? "pause" : number == SYS_exit_group ? "exit_group" : number == -1 ? "no call" : "another",
      rax < 0 ? rax : rax > 0 ? 1L : 0);
}

static void *sleep_forever(void *unused) {
  for (;;) {
    syscall(SYS_pause);
  }
  return unused;
}

static void *spin_forever(void *unused) {
  for (volatile int i = 0;; i++) {
  }
  return unused;
}

static void sleep_alone(void) {
  sleep_forever(NULL);
}

static void spin_alone(void) {
  spin_forever(NULL);
}

// A kill is seen like any end, and a second one changes nothing.
static void killed(const char *what, void (*body)(void), bool asleep) {
  pid_t child = start(body);
  need(ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) == 0, "options");
  go(child, 0);
  if (asleep) {
    await_sleep(child);
  }
  kill(child, SIGKILL);
  show_end(what, child);
  if (asleep) {
    show_call(what, child);
  }
  SHOW(kill(child, SIGTERM));
  SHOW(kill(child, SIGKILL));
  SHOW(waitpid(child, NULL, WNOHANG | __WALL));
  say("%s: message %lx", what, message(child));
  go(child, 0);
  show_end(what, child);
}

static void killed_in_stop(void) {
  pid_t child = start(sleep_alone);
  need(ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) == 0, "options");
  kill(child, SIGKILL);
  show_end("in a stop", child);
  go(child, 0);
  show_end("in a stop", child);

  child = start(sleep_alone);
  need(ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) == 0, "options");
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  show_stop("a call begins", await(child));
  kill(child, SIGKILL);
  show_end("in a call's stop", child);
  SHOW(ptrace(PTRACE_DETACH, child, 0, 0));
  reap("detached at its end", child);
}

static void exit_in_stop(void) {
  pid_t child = start(sleep_alone);
  need(ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) == 0, "options");
  kill(child, SIGTERM);
  go(child, 0);
  show_stop("SIGTERM", await(child));
  go(child, SIGTERM);
  show_end("by SIGTERM", child);
  SHOW(kill(child, SIGKILL));
  SHOW(waitpid(child, NULL, WNOHANG | __WALL));
  go(child, 0);
  show_end("by SIGTERM", child);
}

static int ends[2];

static void leave_together(void) {
  pthread_t thread;
  need(pthread_create(&thread, NULL, sleep_forever, NULL) == 0, "a thread");
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  _exit(33);
}

static pid_t with_thread(void (*body)(void), pid_t *thread) {
  need(pipe(ends) == 0, "pipe");
  pid_t child = start(body);
  need(ptrace(PTRACE_SETOPTIONS, child, 0, OPTIONS) == 0, "options");
  go(child, 0);
  show_stop("clone", await(child));
  *thread = (pid_t)message(child);
  show_stop("the thread", await(*thread));
  go(*thread, 0);
  go(child, 0);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/stat", child, *thread);
  await_sleep_in(path);
  return child;
}

// All threads are seen to end with the process, each by itself, in any order.
static void together(bool leader_first) {
  pid_t thread;
  pid_t child = with_thread(leave_together, &thread);
  need(write(ends[1], "x", 1) == 1, "write");
  show_end("the leader", child);
  show_call("the leader", child);
  show_end("the thread", thread);
  show_call("the thread", thread);
  if (leader_first) {
    go(child, 0);
    SHOW(waitpid(child, NULL, WNOHANG | __WALL));
    go(thread, 0);
    show_end("the thread", thread);
  } else {
    go(thread, 0);
    show_end("the thread", thread);
    go(child, 0);
  }
  show_end("the leader", child);
  close(ends[0]);
  close(ends[1]);
}

// A kill of the process, of which one task is not asked for its end.
static void kill_both(void) {
  pid_t thread;
  pid_t child = with_thread(leave_together, &thread);
  need(ptrace(PTRACE_INTERRUPT, thread, 0, 0) < 0, "not seized");
  kill(child, SIGKILL);
  show_end("the thread", thread);
  show_end("the leader", child);
  go(thread, 0);
  show_end("the thread", thread);
  go(child, 0);
  show_end("the leader", child);
  close(ends[0]);
  close(ends[1]);
}

static void dump_together(void) {
  struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &all);
  pthread_t thread;
  need(pthread_create(&thread, NULL, sleep_forever, NULL) == 0, "a thread");
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  abort();
}

// The core is there before the ends are seen.
static void with_core(void) {
  pid_t thread;
  pid_t child = with_thread(dump_together, &thread);
  need(write(ends[1], "x", 1) == 1, "write");
  show_stop("SIGABRT", await(child));
  go(child, SIGABRT);
  show_end("the leader", child);
  CHECK(access("core", F_OK) == 0);
  show_end("the thread", thread);
  show_call("the thread", thread);
  go(thread, 0);
  int status = await(thread);
  show_stop("the thread", status);
  CHECK(WCOREDUMP(status));
  go(child, 0);
  status = await(child);
  show_stop("the leader", status);
  CHECK(WCOREDUMP(status));
  SHOW(unlink("core"));
  close(ends[0]);
  close(ends[1]);
}

// A tracer that goes away lets the end go on.
static void orphans(void) {
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    sleep_forever(NULL);
  }
  pid_t tracer = fork();
  if (tracer == 0) {
    need(ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXIT) == 0, "PTRACE_SEIZE");
    kill(child, SIGKILL);
    show_end("the child", child);
    need(write(pair[1], "x", 1) == 1, "write");
    sleep_forever(NULL);
  }
  char byte;
  need(read(pair[0], &byte, 1) == 1, "read");
  int status;
  SHOW(waitpid(child, &status, WNOHANG));
  kill(tracer, SIGKILL);
  reap("tracer", tracer);
  reap("child", child);
}

int main(void) {
  killed("asleep", sleep_alone, true);
  killed("awake", spin_alone, false);
  killed_in_stop();
  exit_in_stop();
  together(true);
  together(false);
  kill_both();
  with_core();
  orphans();
  return 0;
}
