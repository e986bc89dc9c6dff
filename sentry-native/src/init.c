// PID 1 of a sandbox: starts the first guest process under its filter, then the sentry with the
// filter's listener, and reaps until the sentry has ended; everything else dies with it.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "guest_filter.h"
#include "launcher.h"
#include "layout.h"
#include "policy.h"

#define CAPABILITY(name) (1UL << CAP_##name)

// SYS_PTRACE: guest memory; KILL: guests have another id, so do SYS_NICE: their processors, and
// SYS_RESOURCE: their stacks; SYS_CHROOT: to leave even the small root.
#define SENTRY_CAPABILITIES                                                      \
  (CAPABILITY(SYS_PTRACE) | CAPABILITY(KILL) | CAPABILITY(SYS_NICE) |            \
   CAPABILITY(SYS_RESOURCE) | CAPABILITY(SYS_CHROOT))
#define GOFER_CAPABILITIES                                                               \
  (CAPABILITY(CHOWN) | CAPABILITY(DAC_OVERRIDE) | CAPABILITY(DAC_READ_SEARCH) |          \
   CAPABILITY(FOWNER) | CAPABILITY(FSETID) | CAPABILITY(SYS_CHROOT))

void limit_capabilities(unsigned long mask) {
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++) {
    if ((mask & (1UL << capability)) == 0 && prctl(PR_CAPBSET_DROP, capability) != 0) {
      die("drop a capability");
    }
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    die("forbid new privileges");
  }
}

static void drop_all_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capset, &header, data) != 0) {
    die("drop all capabilities");
  }
}

void arrange_descriptors(const struct descriptors *all, const int *wanted, int count) {
  int high[MOST_CHANNELS + MOST_BINDS + 8];
  for (int i = 0; i < count; i++) {
    high[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 64);
    if (high[i] < 0) {
      die("arrange descriptors");
    }
  }
  dup2(all->null, STDIN_FILENO);
  dup2(all->log, STDOUT_FILENO);
  dup2(all->log, STDERR_FILENO);
  for (int i = 0; i < count; i++) {
    if (dup2(high[i], 3 + i) < 0) {
      die("arrange descriptors");
    }
  }
}

char **read_arguments(const char *state, const char *name, char *const *extra) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", state, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0 || status.st_size < 1 || status.st_size > 1 << 20) {
    die("read %s", name);
  }
  char *text = calloc(1, (size_t)status.st_size + 1);
  char **arguments = calloc((size_t)status.st_size + 128, sizeof *arguments);
  if (text == NULL || arguments == NULL || read(fd, text, (size_t)status.st_size) != status.st_size) {
    die("read %s", name);
  }
  close(fd);
  int count = 0;
  for (char *next = text; next < text + status.st_size; next += strlen(next) + 1) {
    arguments[count++] = next;
  }
  while (extra != NULL && *extra != NULL) {
    arguments[count++] = *extra++;
  }
  return arguments;
}

// Becomes the JVM, with an environment of where java finds its own libraries (it would look for
// /proc/self/exe otherwise, which the gofer does not have), and of how many heaps malloc may have:
// one for each of twenty threads would be mostly empty.
__attribute__((noreturn)) static void execute_java(char **arguments) {
  char *slash = strrchr(arguments[0], '/');
  char *variable = NULL;
  if (slash == NULL || asprintf(&variable, "LD_LIBRARY_PATH=%.*s/../lib",
                                (int)(slash - arguments[0]), arguments[0]) < 0) {
    die("not an absolute path: %s", arguments[0]);
  }
  char *const environment[] = {variable, "MALLOC_ARENA_MAX=2", NULL};
  execve(arguments[0], arguments, environment);
  die("start %s", arguments[0]);
}

static void append_arguments(char **arguments, char *const *extra) {
  while (*arguments != NULL) {
    arguments++;
  }
  while (*extra != NULL) {
    *arguments++ = *extra++;
  }
}

static char *format_number(const char *format, int number) {
  char *text = NULL;
  if (asprintf(&text, format, number) < 0) {
    die("out of memory");
  }
  return text;
}

static void wait_for_go(int go) {
  char byte;
  ssize_t length;
  do {
    length = read(go, &byte, 1);
  } while (length < 0 && errno == EINTR);
  if (length != 1) {
    errno = 0;
    die("the monitor has gone");
  }
}

// Waits until the ids are mapped (before, every id is nobody's), then becomes root of the new user
// namespace, which dies with the monitor.
static void become_mapped_root(const struct options *options, int go) {
  wait_for_go(go);
  if ((!options->rootless && setgroups(0, NULL) != 0) || setresgid(0, 0, 0) != 0 ||
      setresuid(0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    die("become root of the user namespace");
  }
}

// Two instructions where the stub will be: the filter lets a call from there through to the sentry.
static void *make_doorway(void) {
  static const unsigned char code[] = {0x0f, 0x05, 0xc3};  // syscall; ret
  void *page = mmap((void *)STUB_BASE, 4096, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (page == MAP_FAILED) {
    die("map the doorway to the stub");
  }
  memcpy(page, code, sizeof code);
  if (mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0) {
    die("map the doorway to the stub");
  }
  return page;
}

static void execute_stub(void *doorway, int stub, char *const *arguments, char *const *environment) {
  register long flags __asm__("r8") = AT_EMPTY_PATH;
  register char *const *variables __asm__("r10") = environment;
  long result = SYS_execveat;
  __asm__ volatile("call *%[doorway]"
                   : "+a"(result)
                   : [doorway] "b"(doorway), "D"((long)stub), "S"(""), "d"(arguments),
                     "r"(variables), "r"(flags)
                   : "rcx", "r11", "memory");
}

// The first guest process: an empty root, no capabilities, no descriptors, then the filter. Its
// execve of the stub is the first call that the sentry sees.
__attribute__((noreturn)) static void become_guest(int stub, volatile int *listener, bool other_id) {
  if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0 ||
      mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || chdir("/empty") != 0) {
    die("take the guest's namespaces");
  }
  if (mount("empty", "/empty", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0") != 0 ||
      chdir("/empty") != 0) {
    die("mount the guest's empty root");
  }
  if (write_file("/proc/self/oom_score_adj", "1000") != 0) {
    die("make the guest the first to go when memory runs out");
  }
  roots_enter();
  limit_capabilities(0);
  if (other_id && (setresgid(1, 1, 1) != 0 || setresuid(1, 1, 1) != 0)) {
    die("take the guest's id");
  }
  drop_all_capabilities();
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  // Shared with init, which executes nothing itself.
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
  char *const empty[] = {NULL};
  char *const arguments[] = {"guest", NULL};
  void *doorway = make_doorway();
  int fd = guest_filter_install();
  *listener = fd >= 0 ? fd : -errno;
  if (fd >= 0) {
    execute_stub(doorway, stub, arguments, empty);
  }
  _exit(1);
}

// Returns the listener of the first guest process. The guest shares this process's descriptors until
// its execve, so the listener appears here.
static int start_guest(int stub, bool other_id) {
  volatile int *listener = mmap(NULL, sizeof *listener, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (listener == MAP_FAILED) {
    die("mmap");
  }
  pid_t guest = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (guest < 0) {
    die("start the guest");
  }
  if (guest == 0) {
    become_guest(stub, listener, other_id);
  }
  while (*listener == 0) {
    int status;
    if (waitpid(guest, &status, WNOHANG) == guest) {
      errno = 0;
      die("the guest did not start");
    }
    usleep(200);
  }
  if (*listener < 0) {
    errno = -*listener;
    die("install the guest's filter");
  }
  return *listener;
}

static pid_t start_sentry(const struct options *options, const struct descriptors *all,
                          char **arguments, int listener) {
  int wanted[MOST_CHANNELS + 4] = {all->spool, all->control, listener, all->stub};
  char *extra[2 * MOST_CHANNELS + 16];
  int n = 0;
  for (int i = 0; i < options->channels; i++) {
    wanted[4 + i] = all->sentry_channel[i];
  }
  extra[n++] = "--channels";
  extra[n++] = format_number("%d", options->channels);
  extra[n] = NULL;
  append_arguments(arguments, extra);
  pid_t sentry = fork();
  if (sentry != 0) {
    return sentry;
  }
  roots_open_data();
  limit_capabilities(SENTRY_CAPABILITIES);
  arrange_descriptors(all, wanted, 4 + options->channels);
  execute_java(arguments);
}

// Init has nothing left to do but to wait.
static void confine_init(void) {
  limit_capabilities(0);
  drop_all_capabilities();
  if (policy_install("init") != 0) {
    die("confine init");
  }
}

void init_run(const struct options *options, const struct descriptors *all, char **sentry_arguments,
              int go) {
  signal(SIGTERM, SIG_IGN);
  close(all->caller);
  become_mapped_root(options, go);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
    die("mount the sandbox's /proc");
  }
  roots_enter();
  int listener = start_guest(all->stub, !options->rootless);
  pid_t sentry = start_sentry(options, all, sentry_arguments, listener);
  if (sentry < 0) {
    die("start the sentry");
  }
  close(listener);
  // Only the sentry may hold these: their end is how each side learns of the other's death.
  for (int i = 0; i < options->channels; i++) {
    close(all->sentry_channel[i]);
    close(all->gofer_channel[i]);
  }
  close(all->control);
  close(all->spool);
  close(failure_pipe);
  failure_pipe = -1;
  confine_init();
  for (;;) {
    int status;
    pid_t pid = wait(&status);
    if (pid == sentry) {
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
    if (pid < 0 && errno == ECHILD) {
      _exit(1);
    }
  }
}

// The directory of the gofer's own descriptors, through which it opens the files that it has handles
// for. A mount of its own, read-only: nothing else of the host's /proc can be reached from it.
static int clone_own_descriptors(void) {
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/proc/self/fd", OPEN_TREE_CLONE | O_CLOEXEC);
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
  };
  if (tree < 0 || syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes,
                          sizeof attributes) != 0) {
    die("keep the gofer's own descriptors");
  }
  return tree;
}

// The process that the monitor has made ends, so that the gofer becomes a child of init, which is the
// reaper of their PID namespace: init's end would otherwise wait for whoever reaps a dead monitor's.
static void become_child_of_init(void) {
  pid_t gofer = fork();
  if (gofer < 0) {
    die("start the gofer");
  }
  if (gofer > 0) {
    _exit(0);
  }
}

void gofer_run(const struct options *options, const struct descriptors *all, char **arguments,
               int go) {
  close(all->caller);
  become_mapped_root(options, go);
  become_child_of_init();
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    die("keep the gofer's mounts private");
  }
  int self = clone_own_descriptors();
  roots_enter();
  int wanted[MOST_CHANNELS + MOST_BINDS + 2];
  char *extra[2 * (MOST_BINDS + 1) + 5];
  int count = 0;
  int n = 0;
  while (count < options->channels) {
    wanted[count] = all->gofer_channel[count];
    count++;
  }
  extra[n++] = "--channels";
  extra[n++] = format_number("%d", count);
  extra[n++] = "--self";
  extra[n++] = format_number("%d", 3 + count);
  wanted[count++] = self;
  for (int i = 0; i <= options->bind_count; i++) {
    bool writable = i == 0 ? options->writable : options->binds[i - 1].writable;
    char *path = i == 0 ? "/rootfs" : format_number("/mounts/%d", i);
    wanted[count] = open(path, O_PATH | O_CLOEXEC);
    if (wanted[count] < 0) {
      die("open %s", path);
    }
    extra[n++] = "--mount";
    extra[n++] = format_number(writable ? "%d:rw" : "%d:ro", 3 + count);
    count++;
  }
  extra[n] = NULL;
  append_arguments(arguments, extra);
  limit_capabilities(GOFER_CAPABILITIES);
  arrange_descriptors(all, wanted, count);
  close(failure_pipe);
  execute_java(arguments);
}
