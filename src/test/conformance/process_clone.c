// clone(2) and clone3(2): flags that do not go together, where thread ids are stored, parents, pidfds.
#include "check.h"
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>

static long raw(unsigned long flags, int *parent_tid, int *child_tid) {
  return syscall(SYS_clone, flags, 0, parent_tid, child_tid, 0);
}

static void refused(const char *what, unsigned long flags) {
  long result = raw(flags, NULL, NULL);
  if (result == 0) {
    _exit(0);
  }
  say("%s: %s", what, result < 0 ? error_name(errno) : "made");
  if (result > 0) {
    waitpid((pid_t)result, NULL, __WALL);
  }
}

static void errors(void) {
  refused("thread without signals", CLONE_THREAD);
  refused("thread without memory", CLONE_THREAD | CLONE_SIGHAND);
  refused("signals without memory", CLONE_SIGHAND);
  refused("file systems both ways", CLONE_FS | CLONE_NEWNS);
  refused("detached", CLONE_DETACHED | SIGCHLD);
  refused("detached with a pidfd", CLONE_DETACHED | CLONE_PIDFD | SIGCHLD);
  refused("pidfd to nowhere", CLONE_PIDFD | SIGCHLD);
  refused("user and file system", CLONE_NEWUSER | CLONE_FS);
  refused("new pids in a thread", CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  refused("new ipc with undo", CLONE_NEWIPC | CLONE_SYSVSEM);
  SHOW(syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, NULL, NULL, 1UL << 63));
  SHOW(syscall(SYS_clone, CLONE_SETTLS | SIGCHLD, 0, NULL, NULL, (1UL << 47) - PAGE));
  struct clone_args args = {.flags = CLONE_SETTLS, .exit_signal = SIGCHLD, .tls = 1UL << 47};
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.flags = 0;
  SHOW(syscall(SYS_clone3, &args, 8));
  SHOW(syscall(SYS_clone3, &args, 5000));
  SHOW(syscall(SYS_clone3, bad_pointer(), sizeof args));
  args.exit_signal = 65;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.exit_signal = SIGCHLD;
  args.stack = 4096;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.stack = 0;
  args.stack_size = 4096;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.stack_size = 0;
  args.flags = CLONE_DETACHED;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.flags = 1ULL << 40;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.flags = 0;
  args.set_tid_size = 100;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.set_tid_size = 0;
  args.set_tid = 1;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
}

static void thread_ids(void) {
  static int parent_tid;
  static int child_tid;
  pid_t child = (pid_t)raw(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, &parent_tid, &child_tid);
  if (child == 0) {
    _exit(child_tid == getpid() ? 7 : 1);
  }
  CHECK(parent_tid == child);
  CHECK(child_tid == 0);
  reap("child knows itself", child);
  child = (pid_t)raw(CLONE_CHILD_SETTID | SIGCHLD, NULL, bad_pointer());
  if (child == 0) {
    _exit(8);
  }
  reap("bad address for the child", child);
  child = (pid_t)raw(CLONE_PARENT_SETTID | SIGCHLD, bad_pointer(), NULL);
  if (child == 0) {
    _exit(9);
  }
  CHECK(child > 0);
  reap("bad address for the parent", child);
}

static void to_directory(const char *format, pid_t pid, int flags) {
  char path[64];
  snprintf(path, sizeof path, format, pid, pid);
  int fd = open(path, flags);
  need(fd >= 0, path);
  say("%s, flags %#o", format, (unsigned)flags);
  SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  close(fd);
}

// The directory of a process is as good as a pidfd to send a signal to, and killall(1) does so.
static void directories(pid_t pid) {
  to_directory("/proc/%d", pid, O_RDONLY | O_DIRECTORY);
  to_directory("/proc/%d", pid, O_PATH);
  to_directory("/proc/%d/task/%d", pid, O_RDONLY);
  to_directory("/proc/%d/fd", pid, O_RDONLY);
  to_directory("/proc", pid, O_RDONLY);
}

static void by_pidfd(void) {
  int fd = -1;
  pid_t child = (pid_t)raw(CLONE_PIDFD | SIGCHLD, &fd, NULL);
  if (child == 0) {
    pause();
  }
  CHECK(fd >= 0);
  say("closes on exec %d", fcntl(fd, F_GETFD));
  struct pollfd ready = {fd, POLLIN, 0};
  SHOW(poll(&ready, 1, 0));
  directories(child);
  SHOW(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
  SHOW(poll(&ready, 1, 5000));
  say("events %#x", ready.revents);
  siginfo_t info = {0};
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT));
  say("code %d, status %d", info.si_code, info.si_status);
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, (id_t)fd, &info, WEXITED));
  SHOW(waitid(P_PIDFD, STDOUT_FILENO, &info, WEXITED));
  SHOW(waitid(P_PIDFD, 999, &info, WEXITED));
  SHOW(poll(&ready, 1, 0));
  say("events %#x", ready.revents);
  struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&fd, .exit_signal = 0};
  child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) {
    _exit(3);
  }
  ready.fd = fd;
  SHOW(poll(&ready, 1, 5000));
  SHOW(waitpid(child, NULL, 0));
  int status = 0;
  CHECK(waitpid(child, &status, __WCLONE) == child);
  show_status("silent child", status);
}

static void family(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    pid_t sibling = (pid_t)raw(CLONE_PARENT | SIGCHLD, NULL, NULL);
    if (sibling == 0) {
      _exit(4);
    }
    need(write(ends[1], &sibling, sizeof sibling) == sizeof sibling, "write");
    _exit(waitpid(sibling, NULL, 0) < 0 ? errno : 0);
  }
  pid_t sibling = 0;
  need(read(ends[0], &sibling, sizeof sibling) == sizeof sibling, "read");
  reap("child", child);
  reap("its sibling", sibling);
  SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  int flag = 0;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &flag, 0, 0, 0));
  say("subreaper %d", flag);
  child = fork();
  if (child == 0) {
    pid_t parent = getppid();
    pid_t grandchild = fork();
    if (grandchild == 0) {
      while (getppid() != parent) {
        sleep_ms(5);
      }
      need(prctl(PR_GET_CHILD_SUBREAPER, &flag, 0, 0, 0) == 0, "prctl");
      _exit(6 + flag);
    }
    need(write(ends[1], &grandchild, sizeof grandchild) == sizeof grandchild, "write");
    _exit(5);
  }
  pid_t grandchild = 0;
  need(read(ends[0], &grandchild, sizeof grandchild) == sizeof grandchild, "read");
  reap("child", child);
  reap("adopted", grandchild);
  SHOW(waitpid(-1, NULL, 0));
}

static volatile sig_atomic_t told;

static void on_signal(int signal) {
  told = signal;
}

static void exit_signals(void) {
  signal(SIGUSR1, on_signal);
  pid_t child = (pid_t)raw(SIGUSR1, NULL, NULL);
  if (child == 0) {
    _exit(2);
  }
  SHOW(waitpid(child, NULL, 0));
  int status = 0;
  while (waitpid(child, &status, __WALL) < 0 && errno == EINTR) {
  }
  show_status("told by USR1", status);
  CHECK(told == SIGUSR1);
  struct clone_args args = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
  signal(SIGUSR2, SIG_IGN);
  child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) {
    struct sigaction one;
    struct sigaction two;
    sigaction(SIGUSR1, NULL, &one);
    sigaction(SIGUSR2, NULL, &two);
    say("handled %d, ignored %d", one.sa_handler != SIG_DFL, two.sa_handler == SIG_IGN);
    _exit(0);
  }
  reap("cleared", child);
}

int main(void) {
  errors();
  thread_ids();
  by_pidfd();
  family();
  exit_signals();
  return 0;
}
