// Process ids that their maker chooses: clone3 with set_tid, ns_last_pid, ids of System V objects.
#include "check.h"
#include <linux/sched.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static pid_t wanted[4];

static long made(uint64_t flags, uint64_t count) {
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD, .set_tid = count == 0 ? 0 : (uintptr_t)wanted, .set_tid_size = count};
  long child = syscall(SYS_clone3, &args, sizeof args);
  if (child == 0) {
    _exit((int)getpid() & 0x7f);
  }
  return child;
}

static void attempt(const char *what, uint64_t flags, uint64_t count) {
  errno = 0;
  long child = made(flags, count);
  if (child < 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  say("%s: made", what);
  reap(what, (pid_t)child);
}

static void store(const char *what, const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  ssize_t written = write(fd, text, strlen(text));
  say("%s: %s", what, written < 0 ? error_name(errno) : "written");
  close(fd);
}

#define LAST_PID "/proc/sys/kernel/ns_last_pid"

static void in_a_namespace(void) {
  wanted[0] = 1000;
  errno = 0;
  long child = made(0, 1);
  say("1000 is %ld", child);
  wanted[0] = 1000;
  attempt("taken", 0, 1);
  reap("1000", 1000);
  wanted[0] = 1000;
  attempt("again", 0, 1);
  wanted[0] = 1;
  attempt("init's", 0, 1);
  wanted[0] = 0;
  attempt("zero", 0, 1);
  wanted[0] = -1;
  attempt("negative", 0, 1);
  wanted[0] = 1 << 22;
  attempt("too large", 0, 1);
  wanted[0] = 2000;
  attempt("too many levels", 0, 33);
  struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)bad_pointer(), .set_tid_size = 1};
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.set_tid = 0;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  args.set_tid = (uintptr_t)wanted;
  args.set_tid_size = 0;
  SHOW(syscall(SYS_clone3, &args, sizeof args));
  wanted[0] = 7;
  attempt("not 1 in a new namespace", CLONE_NEWPID, 1);
  wanted[0] = 1;
  wanted[1] = 2222;
  errno = 0;
  child = made(CLONE_NEWPID, 2);
  say("1 below is %ld here", child);
  reap("2222", 2222);
  store("last pid", LAST_PID, "3000");
  child = made(0, 0);
  say("behind 3000 is %ld", child);
  reap("it", (pid_t)child);
  store("too large", LAST_PID, "99999999");
  store("negative", LAST_PID, "-1");
  store("no number", LAST_PID, "x");
  struct stat status;
  need(stat(LAST_PID, &status) == 0, LAST_PID);
  say("mode %o", status.st_mode);
  wanted[0] = 4000;
  become_ordinary();
  attempt("without rights", 0, 1);
  store("without rights", LAST_PID, "5000");
}

static void objects(void) {
  need(unshare(CLONE_NEWIPC) == 0, "unshare");
  store("message queue", "/proc/sys/kernel/msg_next_id", "12345678");
  show_file("/proc/sys/kernel/msg_next_id");
  int first = msgget(IPC_PRIVATE, 0600);
  say("a queue is %d", first);
  show_file("/proc/sys/kernel/msg_next_id");
  store("the same", "/proc/sys/kernel/msg_next_id", "12345678");
  say("another is %d", msgget(IPC_PRIVATE, 0600));
  int third = msgget(IPC_PRIVATE, 0600);
  CHECK(third != first && third >= 0);
  SHOW(msgctl(first, IPC_RMID, NULL));
  store("shared memory", "/proc/sys/kernel/shm_next_id", "77");
  say("a segment is %d", shmget(IPC_PRIVATE, 4096, 0600));
  store("semaphores", "/proc/sys/kernel/sem_next_id", "2147483647");
  say("a set is %d", semget(IPC_PRIVATE, 1, 0600));
  store("negative", "/proc/sys/kernel/sem_next_id", "-2");
  store("any", "/proc/sys/kernel/sem_next_id", "-1");
  struct stat status;
  need(stat("/proc/sys/kernel/sem_next_id", &status) == 0, "sem_next_id");
  say("mode %o", status.st_mode);
  become_ordinary();
  store("without rights", "/proc/sys/kernel/sem_next_id", "5");
}

int main(void) {
  in_child("objects", objects);
  need(unshare(CLONE_NEWPID) == 0, "unshare");
  in_child("numbers", in_a_namespace);
  return 0;
}
