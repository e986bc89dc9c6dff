// What ioctl tells of a process or a thread through its pidfd, and pidfds of threads.
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "check.h"

#define THREAD O_EXCL
#define SELF_THREAD (-10000)
#define SELF_PROCESS (-10001)
#define GET_INFO(size) ((unsigned long)_IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, size))
#define NAMESPACE(number) ((unsigned long)_IO(0xff, number))

enum { PID = 1, CREDS = 2, CGROUP = 4, EXIT = 8, COREDUMP = 16, ALL = 31 };

struct info {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
  uint32_t coredump, spare;
  uint64_t more[4];
};

static int open_pid(pid_t pid, unsigned flags) {
  return (int)syscall(SYS_pidfd_open, pid, flags);
}

static int send(int fd, int number, siginfo_t *info, unsigned flags) {
  return (int)syscall(SYS_pidfd_send_signal, fd, number, info, flags);
}

static struct info get(const char *what, int fd, uint64_t mask, unsigned long size) {
  struct info info;
  memset(&info, 0x77, sizeof info);
  info.mask = mask;
  int result = ioctl(fd, GET_INFO(size), &info);
  if (result < 0) {
    say("%s: %s", what, error_name(errno));
    memset(&info, 0, sizeof info);
    return info;
  }
  say("%s: %d, mask %#lx", what, result, (unsigned long)info.mask);
  return info;
}

static void show_all(const char *what, int fd, pid_t pid, pid_t tgid, pid_t ppid) {
  struct info info = get(what, fd, ALL, 72);
  say(" pid %d tgid %d ppid %d cgroup %d", info.pid == (uint32_t)pid, info.tgid == (uint32_t)tgid,
      info.ppid == (uint32_t)ppid, info.cgroup != 0);
  say(" %u/%u %u/%u %u/%u %u/%u", info.ruid, info.rgid, info.euid, info.egid, info.suid, info.sgid, info.fsuid,
      info.fsgid);
  say(" exit %#x coredump %#x", (unsigned)info.exit_code, info.coredump);
}

static void sizes(void) {
  int fd = open_pid(getpid(), 0);
  for (unsigned long size = 48; size <= 104; size += 4) {
    struct info info = get("size", fd, PID, size);
    say(" more %#lx %#lx", (unsigned long)info.more[0], (unsigned long)info.more[3]);
  }
  get("nothing asked", fd, 0, 64);
  get("identity", fd, PID, 72);
  get("coredump", fd, COREDUMP, 72);
  SHOW(ioctl(fd, GET_INFO(64), NULL));
  SHOW(ioctl(fd, GET_INFO(64), bad_pointer()));
  SHOW(ioctl(fd, (unsigned long)_IOC(_IOC_READ, 0xff, 11, 64), bad_pointer()));
  SHOW(ioctl(fd, NAMESPACE(0), NULL));
  SHOW(ioctl(fd, NAMESPACE(12), NULL));
  long generation = 7;
  SHOW(ioctl(fd, _IOR('v', 1, long), &generation));
  SHOW(ioctl(fd, _IOR('v', 1, long), NULL));
  SHOW(ioctl(STDOUT_FILENO, GET_INFO(64), &generation) == -1);
  close(fd);
}

static void namespaces(void) {
  static const char *const names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time",
                                      "time_for_children", "user", "uts"};
  int fd = open_pid(getpid(), 0);
  for (int i = 1; i <= 10; i++) {
    int found = ioctl(fd, NAMESPACE(i), NULL);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", names[i - 1]);
    struct stat named, opened;
    need(stat(path, &named) == 0 && fstat(found, &opened) == 0, path);
    say("%s: same %d flags %x %d", names[i - 1], named.st_ino == opened.st_ino, (unsigned)fcntl(found, F_GETFL),
        fcntl(found, F_GETFD));
    close(found);
  }
  SHOW(ioctl(fd, NAMESPACE(1), 1));
  pid_t above = getppid();
  pid_t child = fork();
  if (child == 0) {
    need(setgid(1001) == 0 && setuid(1000) == 0, "setuid");
    SHOW(ioctl(fd, NAMESPACE(9), NULL));
    SHOW(ioctl(fd, NAMESPACE(4), 1));
    show_all("of a superior", fd, getppid(), getppid(), above);
    _exit(0);
  }
  reap("ordinary", child);
  close(fd);
}

static void ends(const char *what, void (*body)(void)) {
  pid_t child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    body();
    _exit(7);
  }
  int fd = open_pid(child, 0);
  int status;
  waitpid(child, &status, WUNTRACED);
  show_all(what, fd, child, child, getpid());
  kill(child, SIGCONT);
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
  struct info zombie = get(" zombie", fd, ALL, 72);
  say(" pid %d exit %#x coredump %#x", zombie.pid == (uint32_t)child, (unsigned)zombie.exit_code, zombie.coredump);
  SHOW(ioctl(fd, NAMESPACE(9), NULL));
  SHOW(ioctl(fd, NAMESPACE(9), 1));
  struct pollfd ready = {fd, POLLIN, 0};
  SHOW(poll(&ready, 1, 0));
  say(" %#x", (unsigned)ready.revents);
  waitpid(child, &status, 0);
  SHOW(poll(&ready, 1, 0));
  say(" %#x", (unsigned)ready.revents);
  get(" reaped", fd, PID | CREDS, 72);
  struct info gone = get(" reaped", fd, EXIT, 64);
  say(" pid %d cgroup %d as waited for %d", gone.pid, gone.cgroup != 0, gone.exit_code == status);
  SHOW(ioctl(fd, NAMESPACE(9), 1));
  SHOW(send(fd, 0, NULL, 0));
  close(fd);
}

static void returns(void) {}

static void aborts(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  abort();
}

static void changes_user(void) {
  need(setresgid(11, 12, 13) == 0 && setresuid(21, 22, 23) == 0, "setresuid");
  int fd = open_pid(getpid(), 0);
  show_all("other user", fd, getpid(), getpid(), getppid());
  prctl(PR_SET_DUMPABLE, 1);
  show_all("dumpable", fd, getpid(), getpid(), getppid());
}

static int ready[2];
static int go[2];
static volatile int tid;

static void *thread(void *unused) {
  (void)unused;
  tid = gettid();
  char byte = 1;
  need(write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1, "a thread");
  return NULL;
}

static volatile int took;

static void on_signal(int number) {
  (void)number;
  took = gettid();
}

static void threads(void) {
  need(pipe(ready) == 0 && pipe(go) == 0, "pipe");
  pthread_t other;
  pthread_create(&other, NULL, thread, NULL);
  char byte;
  need(read(ready[0], &byte, 1) == 1, "a thread");
  SHOW(open_pid(tid, 0));
  SHOW(open_pid(getpid(), O_RDWR));
  int fd = open_pid(tid, THREAD);
  int first = open_pid(getpid(), THREAD | O_NONBLOCK);
  say("flags %o %o, %d", (unsigned)fcntl(fd, F_GETFL), (unsigned)fcntl(first, F_GETFL), fcntl(fd, F_GETFD));
  show_all("thread", fd, tid, getpid(), getppid());
  show_all("first thread", first, getpid(), getpid(), getppid());
  signal(SIGUSR1, on_signal);
  SHOW(send(fd, 0, NULL, 0));
  SHOW(send(fd, 0, NULL, 2));
  SHOW(send(fd, 0, NULL, 4));
  SHOW(send(first, SIGUSR1, NULL, 0));
  say("taken by the first: %d", took == getpid());
  siginfo_t claimed = {.si_signo = SIGUSR1, .si_code = SI_USER};
  SHOW(send(first, SIGUSR1, &claimed, 0));
  SHOW(send(fd, SIGUSR1, &claimed, 0));
  took = 0;
  SHOW(send(SELF_THREAD, SIGUSR1, NULL, 0));
  say("taken by the first: %d", took == getpid());
  SHOW(send(SELF_PROCESS, 0, NULL, 0));
  SHOW(send(SELF_PROCESS - 1, 0, NULL, 0));
  struct pollfd end = {fd, POLLIN, 0};
  SHOW(poll(&end, 1, 0));
  SHOW(waitid(P_PIDFD, (id_t)fd, NULL, WEXITED));
  need(write(go[1], &byte, 1) == 1, "write");
  SHOW(poll(&end, 1, 20000));
  pthread_join(other, NULL);
  while (poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) == 0) {
    sleep_ms(1);
  }
  say("%#x", (unsigned)end.revents);
  struct info gone = get("gone", fd, EXIT, 64);
  say(" exit %#x", (unsigned)gone.exit_code);
  SHOW(send(fd, 0, NULL, 0));
  SHOW(ioctl(fd, NAMESPACE(9), NULL));
  close(fd);
  close(first);
}

static void itself(void) {
  SHOW(syscall(SYS_pidfd_getfd, SELF_THREAD, 0, 0));
  struct info info;
  SHOW(ioctl(SELF_THREAD, GET_INFO(64), &info));
  SHOW(syscall(SYS_setns, SELF_PROCESS, CLONE_NEWUTS));
  SHOW(syscall(SYS_process_mrelease, SELF_PROCESS, 0));
  SHOW(syscall(SYS_process_mrelease, SELF_PROCESS - 1, 0));
  char *page = aligned_alloc(PAGE, PAGE);
  page[0] = 1;
  struct iovec piece = {page, PAGE};
  SHOW(syscall(SYS_process_madvise, SELF_THREAD, &piece, 1L, 20 /* MADV_COLD */, 0));
  SHOW(syscall(SYS_process_madvise, SELF_PROCESS, &piece, 1L, 20, 0));
  int fd = open_pid(getpid(), 0);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDONLY);
  show_all("opened again", again, getpid(), getpid(), getppid());
  struct stat stat;
  need(fstat(fd, &stat) == 0, "fstat");
  say("mode %o links %d", stat.st_mode, (int)stat.st_nlink);
}

static void with_clone(void) {
  int fd = -1;
  pid_t child = (pid_t)syscall(SYS_clone, CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWUSER | SIGCHLD, NULL, &fd, NULL, 0);
  if (child == 0) {
    pause();
  }
  show_all("in namespaces", fd, child, child, getpid());
  pid_t stranger = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, 0);
  if (stranger == 0) {
    get("from elsewhere", fd, ALL, 72);
    int self = open_pid(1, 0);
    show_all("as init", self, 1, 1, 0);
    _exit(0);
  }
  reap("stranger", stranger);
  kill(child, SIGKILL);
  reap("child", child);
}

int main(void) {
  sizes();
  namespaces();
  ends("returning", returns);
  ends("aborting", aborts);
  in_child_piped("user", changes_user);
  threads();
  itself();
  with_clone();
  return 0;
}
