// Finds out by doing what this host's kernel offers: one line a feature, "name<TAB>yes|no<TAB>detail".
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpf.h"
#include "newer.h"

#define NOBODY 65534
#define ALL_NAMESPACES \
  (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

static void tell(const char *name, bool there, int error) {
  printf("%s\t%s\t%s\n", name, there ? "yes" : "no", there || error == 0 ? "" : strerror(error));
}

static pid_t clone_process(unsigned long flags) {
  fflush(stdout);
  return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

// The child's exit status is an error number; zero is success.
static int result_of(pid_t child) {
  int status;
  if (child < 0) {
    return errno;
  }
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EFAULT;
}

struct shared {
  volatile int listener;
  volatile int error;
};

// Every getppid of this process asks the parent, who shares its descriptors.
__attribute__((noreturn)) static void notified(struct shared *shared) {
  static const struct sock_filter program[] = {
      LOAD_NUMBER,
      JUMP_EQUAL(__NR_getppid, 0, 1),
      RETURN(SECCOMP_RET_USER_NOTIF),
      RETURN(SECCOMP_RET_ALLOW),
  };
  struct sock_fprog prog = {
      .len = sizeof program / sizeof program[0],
      .filter = (struct sock_filter *)program,
  };
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  int fd = (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
                        SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                        &prog);
  shared->error = fd < 0 ? errno : 0;
  __atomic_store_n(&shared->listener, fd < 0 ? -2 : fd, __ATOMIC_RELEASE);
  _exit(fd >= 0 && syscall(SYS_getppid) == 4711 ? 0 : EFAULT);
}

static void answer(int listener, int *sync, int *add) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  *sync = ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) == 0
              ? 0
              : errno;
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) {
    *add = errno;
    return;
  }
  struct seccomp_notif_addfd file = {.id = call.id, .srcfd = STDIN_FILENO};
  *add = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &file) >= 0 ? 0 : errno;
  struct seccomp_notif_resp response = {.id = call.id, .val = 4711};
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void probe_notifications(void) {
  struct shared *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    tell("seccomp-notify", false, errno);
    return;
  }
  shared->listener = -1;
  pid_t child = clone_process(CLONE_FILES);
  if (child == 0) {
    notified(shared);
  }
  while (child > 0 && __atomic_load_n(&shared->listener, __ATOMIC_ACQUIRE) == -1) {
    usleep(1000);
  }
  int sync = ENOSYS;
  int add = ENOSYS;
  if (child > 0 && shared->listener >= 0) {
    answer(shared->listener, &sync, &add);
  }
  int result = result_of(child);
  int error = shared->error != 0 ? shared->error : result;
  tell("seccomp-notify", error == 0, error);
  tell("seccomp-sync-wake-up", sync == 0, sync);
  tell("seccomp-addfd", add == 0, add);
}

static int mount_in_namespaces(void) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("probe", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=4096") != 0) {
    return errno;
  }
  return 0;
}

static void probe_namespaces(void) {
  pid_t child = clone_process(ALL_NAMESPACES);
  if (child == 0) {
    _exit(mount_in_namespaces());
  }
  int error = result_of(child);
  tell("namespaces", error == 0, error);

  child = clone_process(0);
  if (child == 0) {
    if (geteuid() == 0 && (setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0)) {
      _exit(errno);
    }
    _exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno);
  }
  error = result_of(child);
  tell("user-namespaces-unprivileged", error == 0, error);
}

// As the sentry does with a guest: a child in a user namespace of which the caller is the owner.
static void probe_guest_memory(void) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) {
    tell("process-vm", false, errno);
    return;
  }
  static uint64_t word = 0;
  pid_t child = clone_process(CLONE_NEWUSER);
  if (child == 0) {
    word = 4711;
    if (write(ready[1], "", 1) == 1) {
      pause();
    }
    _exit(1);
  }
  char byte;
  int error = child > 0 && read(ready[0], &byte, 1) == 1 ? 0 : EFAULT;
  uint64_t seen = 0;
  struct iovec here = {&seen, sizeof seen};
  struct iovec there = {&word, sizeof word};
  if (error == 0 && process_vm_readv(child, &here, 1, &there, 1, 0) != sizeof seen) {
    error = errno;
  }
  tell("process-vm", error == 0 && seen == 4711, error);

  int pidfd = child > 0 ? (int)syscall(SYS_pidfd_open, child, 0) : -1;
  bool taken = pidfd >= 0 && syscall(SYS_pidfd_getfd, pidfd, ready[1], 0) >= 0;
  tell("pidfd", taken, taken ? 0 : errno);
  if (child > 0) {
    kill(child, SIGKILL);
    result_of(child);
  }
}

static void probe_files(void) {
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  int fd = (int)syscall(SYS_openat2, root, "tmp", &how, sizeof how);
  tell("openat2", fd >= 0, fd >= 0 ? 0 : errno);

  int memory = memfd_create("probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  bool sealed = memory >= 0 && fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW) == 0;
  tell("memfd", sealed, sealed ? 0 : errno);

  int pair[2];
  bool packets = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;
  tell("unix-sockets", packets, packets ? 0 : errno);
}

int main(void) {
  probe_notifications();
  probe_namespaces();
  probe_guest_memory();
  probe_files();
  return 0;
}
