// Events of traced tasks: forks, threads, programs, ends; who waits for whom.
#include <pthread.h>
#include <sched.h>

#include "ptrace_tracee.h"

#define ALL_EVENTS                                                                              \
  (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |        \
   PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESYSGOOD)

static unsigned long message(pid_t task) {
  unsigned long value = 0;
  need(ptrace(PTRACE_GETEVENTMSG, task, 0, &value) == 0, "PTRACE_GETEVENTMSG");
  return value;
}

static void go(pid_t task, int signal) {
  need(ptrace(PTRACE_CONT, task, 0, signal) == 0, "PTRACE_CONT");
}

static void forks(void) {
  pid_t child = fork();
  if (child == 0) {
    _exit(4);
  }
  reap("child", child);
  child = vfork();
  if (child == 0) {
    _exit(6);
  }
  reap("vfork child", child);
}

// Each new process stops by itself, and is the tracer's from the beginning.
static void follow_forks(void) {
  pid_t child = start(forks);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, ALL_EVENTS));
  for (int round = 0; round < 2; round++) {
    go(child, 0);
    int status = await(child);
    show_stop("parent", status);
    pid_t grandchild = (pid_t)message(child);
    CHECK(grandchild > 0);
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, child, 0, &info);
    say("signal %d code %x", info.si_signo, (unsigned)info.si_code);
    show_stop("grandchild", await(grandchild));
    SHOW(ptrace(PTRACE_GETSIGINFO, grandchild, 0, &info));
    say("signal %d code %d pid %d", info.si_signo, info.si_code, info.si_pid);
    struct user_regs_struct now = registers(grandchild);
    say("grandchild rax %lld", now.rax);
    go(grandchild, 0);
    if (round == 1) {
      go(child, 0);
    }
    show_stop("grandchild", await(grandchild));
    say("message %lx", message(grandchild));
    go(grandchild, 0);
    show_stop("grandchild", await(grandchild));
    SHOW(ptrace(PTRACE_CONT, grandchild, 0, 0));
    if (round == 0) {
      go(child, 0);
    }
    status = await(child);
    show_stop("parent", status);
    if (status >> 16 == PTRACE_EVENT_VFORK_DONE) {
      CHECK(message(child) == (unsigned long)grandchild);
      go(child, 0);
      status = await(child);
      show_stop("parent", status);
    }
    need(WIFSTOPPED(status) && WSTOPSIG(status) == SIGCHLD, "SIGCHLD");
  }
  go(child, SIGCHLD);
  show_stop("parent", await(child));
  say("message %lx", message(child));
  go(child, 0);
  show_stop("parent", await(child));
}

static void *thread_body(void *argument) {
  return argument;
}

static void threads(void) {
  pthread_t thread;
  need(pthread_create(&thread, NULL, thread_body, NULL) == 0, "a thread");
  pthread_join(thread, NULL);
  // The end of the process would be the end that its tracer sees of the thread.
  sleep_ms(100);
}

static void follow_threads(void) {
  pid_t child = start(threads);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT));
  go(child, 0);
  show_stop("first", await(child));
  pid_t thread = (pid_t)message(child);
  // By waitpid of that very thread, which has no exit signal.
  int status = 0;
  CHECK(waitpid(thread, &status, 0) == thread);
  show_stop("thread", status);
  SHOW(ptrace(PTRACE_CONT, thread, 0, 0));
  show_stop("thread", await(thread));
  say("message %lx", message(thread));
  go(child, 0);
  SHOW(waitpid(child, &status, WNOHANG));
  go(thread, 0);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  SHOW(waitid(P_PID, (id_t)thread, &info, WEXITED | WNOWAIT));
  CHECK(info.si_pid == thread);
  say("code %d status %d", info.si_code, info.si_status);
  show_stop("thread", await(thread));
  SHOW(waitpid(thread, &status, __WALL));
  show_stop("first", await(child));
  go(child, 0);
  show_stop("first", await(child));
}

static void execute(void) {
  char *const arguments[] = {"true", NULL};
  execv("/bin/nothing of the kind", arguments);
  execv("/bin/true", arguments);
}

static void follow_programs(void) {
  pid_t child = start(execute);
  go(child, 0);
  show_stop("without the option", await(child));
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, child, 0, &info);
  say("code %d, of itself: %d", info.si_code, info.si_pid == child);
  go(child, 0);
  show_stop("true", await(child));

  child = start(execute);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, ALL_EVENTS));
  go(child, 0);
  show_stop("with the option", await(child));
  CHECK(message(child) == (unsigned long)child);
  struct user_regs_struct now = registers(child);
  say("rax %lld orig_rax %lld rbx %llx", now.rax, now.orig_rax, now.rbx);
  need(ptrace(PTRACE_SYSCALL, child, 0, 0) == 0, "PTRACE_SYSCALL");
  show_stop("the end of execve", await(child));
  now = registers(child);
  say("rax %lld orig_rax %lld", now.rax, now.orig_rax);
  go(child, 0);
  show_stop("end", await(child));
  say("message %lx", message(child));
  go(child, 0);
  show_stop("true", await(child));
}

static void *executing(void *argument) {
  execute();
  return argument;
}

static void execute_in_thread(void) {
  pthread_t thread;
  need(pthread_create(&thread, NULL, executing, NULL) == 0, "a thread");
  pause();
}

static void follow_thread_program(void) {
  pid_t child = start(execute_in_thread);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
  go(child, 0);
  show_stop("first", await(child));
  pid_t thread = (pid_t)message(child);
  go(child, 0);
  show_stop("thread", await(thread));
  go(thread, 0);
  show_stop("program", await(child));
  CHECK(message(child) == (unsigned long)thread);
  SHOW(ptrace(PTRACE_CONT, thread, 0, 0));
  go(child, 0);
  show_stop("program", await(child));
}

static void die(void) {
  raise(SIGTERM);
}

static void follow_deaths(void) {
  pid_t child = start(die);
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACEEXIT));
  go(child, 0);
  show_stop("signal", await(child));
  go(child, SIGTERM);
  show_stop("end", await(child));
  say("message %lx", message(child));
  go(child, 0);
  show_stop("end", await(child));

  child = start(die);
  kill(child, SIGKILL);
  show_stop("killed in a stop", await(child));

  child = start(die);
  SHOW(ptrace(PTRACE_KILL, child, 0, 0));
  show_stop("PTRACE_KILL", await(child));
}

// A tracer that is not the parent sees the end first; then the parent does.
static void foreign_tracer(void) {
  int ends[2];
  int ready[2];
  int go_on[2];
  need(pipe(ends) == 0 && pipe(ready) == 0 && pipe(go_on) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    char byte;
    need(read(ends[0], &byte, 1) == 1, "read");
    _exit(17);
  }
  pid_t tracer = fork();
  if (tracer == 0) {
    SHOW(ptrace(PTRACE_SEIZE, child, 0, 0));
    need(write(ends[1], "x", 1) == 1, "write");
    siginfo_t info;
    need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
    say("tracer sees %d", info.si_status);
    char byte;
    need(write(ready[1], "x", 1) == 1, "write");
    need(read(go_on[0], &byte, 1) == 1, "read");
    int status = await(child);
    need(WIFEXITED(status) && WEXITSTATUS(status) == 17, "the same status");
    need(waitpid(child, &status, __WALL) < 0 && errno == ECHILD, "no more of it");
    _exit(0);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  int status;
  SHOW(waitpid(child, &status, WNOHANG));
  need(write(go_on[1], "x", 1) == 1, "write");
  CHECK(waitpid(child, &status, 0) == child);
  show_status("parent", status);
  reap("tracer", tracer);
}

// With its tracer a task ends if that was the wish, and else runs on.
static void orphans(bool kill_them) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    char byte;
    _exit(read(ends[0], &byte, 1) == 1 ? 21 : 22);
  }
  pid_t tracer = fork();
  if (tracer == 0) {
    need(ptrace(PTRACE_SEIZE, child, 0, kill_them ? PTRACE_O_EXITKILL : 0) == 0, "PTRACE_SEIZE");
    need(ptrace(PTRACE_INTERRUPT, child, 0, 0) == 0, "PTRACE_INTERRUPT");
    show_stop("interrupted", await(child));
    _exit(0);
  }
  reap("tracer", tracer);
  if (!kill_them) {
    need(write(ends[1], "x", 1) == 1, "write");
  }
  reap("orphan", child);
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  follow_forks();
  follow_threads();
  follow_programs();
  follow_thread_program();
  follow_deaths();
  foreign_tracer();
  orphans(false);
  orphans(true);
  return 0;
}
