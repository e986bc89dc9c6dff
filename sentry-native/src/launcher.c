// The launcher: makes the namespaces, starts sentry, gofer and the first guest process, stays as the
// monitor until the sandbox has ended, and then removes what is left of it.
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "newer.h"

// Host ids, for a sandbox made by root: the sentry's, and the guests'.
#define SENTRY_ID 65534
#define GUEST_ID 65533

#define MESSAGE_BYTES (256 * 1024)

int failure_pipe = -1;

void die(const char *format, ...) {
  int saved = errno;
  char text[512];
  va_list list;
  va_start(list, format);
  vsnprintf(text, sizeof text - 64, format, list);
  va_end(list);
  if (saved != 0) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, ": %s", strerror(saved));
  }
  dprintf(STDERR_FILENO, "skerry-launcher: %s\n", text);
  if (failure_pipe >= 0) {
    dprintf(failure_pipe, "%s", text);
  }
  _exit(1);
}

int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  ssize_t length = (ssize_t)strlen(text);
  int result = write(fd, text, (size_t)length) == length ? 0 : -1;
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static void usage(const char *problem) {
  errno = 0;
  die("%s; usage: skerry-launcher --state DIR --rootfs DIR --stub FILE [--writable] [--channels N] "
      "[--cgroup DIR]... [--ro PATH]... [--bind ro:PATH|rw:PATH]... [--caller PID]",
      problem);
}

static void add_path(const char **paths, int *count, const char *path) {
  if (*count == MOST_PATHS) {
    usage("too many paths");
  }
  if (path[0] != '/') {
    usage("a path is not absolute");
  }
  paths[(*count)++] = path;
}

static void add_bind(struct options *options, const char *text) {
  bool writable = strncmp(text, "rw:/", 4) == 0;
  if (!writable && strncmp(text, "ro:/", 4) != 0) {
    usage("a bind is not ro:/PATH or rw:/PATH");
  }
  if (options->bind_count == MOST_BINDS) {
    usage("too many binds");
  }
  options->binds[options->bind_count++] = (struct bind){text + 3, writable};
}

static struct options parse(int argc, char **argv) {
  static const struct option names[] = {
      {"state", required_argument, NULL, 's'},    {"rootfs", required_argument, NULL, 'r'},
      {"stub", required_argument, NULL, 'b'},     {"writable", no_argument, NULL, 'w'},
      {"channels", required_argument, NULL, 'n'}, {"cgroup", required_argument, NULL, 'c'},
      {"ro", required_argument, NULL, 'o'},       {"bind", required_argument, NULL, 'm'},
      {"caller", required_argument, NULL, 'p'},   {NULL, 0, NULL, 0},
  };
  struct options options = {.channels = 3, .rootless = geteuid() != 0};
  int option;
  while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
    switch (option) {
      case 's': options.state = optarg; break;
      case 'r': options.rootfs = optarg; break;
      case 'b': options.stub = optarg; break;
      case 'w': options.writable = true; break;
      case 'n': options.channels = atoi(optarg); break;
      case 'c': add_path(options.cgroups, &options.cgroup_count, optarg); break;
      case 'o': add_path(options.visible, &options.visible_count, optarg); break;
      case 'm': add_bind(&options, optarg); break;
      case 'p': options.caller = atoi(optarg); break;
      default: usage("unknown option");
    }
  }
  if (options.state == NULL || options.rootfs == NULL || options.stub == NULL || optind != argc) {
    usage("an option is missing");
  }
  if (options.state[0] != '/' || options.rootfs[0] != '/') {
    usage("a path is not absolute");
  }
  if (options.channels < 1 || options.channels > MOST_CHANNELS) {
    usage("channels are 1 to 8");
  }
  return options;
}

static int open_in_state(const char *name, int flags) {
  int fd = open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    die("open %s in the state directory", name);
  }
  return fd;
}

// A memory file with the stub: readable by the guest, whatever the permissions of the original.
static int load_stub(const char *path) {
  int from = open(path, O_RDONLY | O_CLOEXEC);
  int to = memfd_create("stub", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  if (to < 0 && errno == EINVAL) {
    to = memfd_create("stub", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  }
  char buffer[8192];
  ssize_t length = -1;
  while (from >= 0 && to >= 0 && (length = read(from, buffer, sizeof buffer)) > 0) {
    if (write(to, buffer, (size_t)length) != length) {
      length = -1;
      break;
    }
  }
  if (length < 0 || fchmod(to, 0555) != 0 ||
      fcntl(to, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0) {
    die("load the stub %s", path);
  }
  close(from);
  return to;
}

// Opens and binds in the state directory, which is the working directory.
static struct descriptors open_all(const struct options *options) {
  struct descriptors all = {.caller = -1};
  all.null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  all.log = open_in_state("log", O_WRONLY | O_CREAT | O_APPEND);
  all.spool = open_in_state("spool", O_WRONLY | O_CREAT | O_APPEND);
  all.stub = load_stub(options->stub);
  all.control = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "control.sock"};
  if (all.null < 0 || all.control < 0 ||
      bind(all.control, (struct sockaddr *)&address, sizeof address) != 0 ||
      chmod("control.sock", 0600) != 0 || listen(all.control, 16) != 0) {
    die("make control.sock");
  }
  for (int i = 0; i < options->channels; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
      die("socketpair");
    }
    for (int side = 0; side < 2; side++) {
      int size = MESSAGE_BYTES;
      setsockopt(pair[side], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    }
    all.sentry_channel[i] = pair[0];
    all.gofer_channel[i] = pair[1];
  }
  return all;
}

static void write_map(pid_t pid, const char *map, const char *text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, map);
  if (write_file(path, text) != 0) {
    die("write %s", path);
  }
}

// Without root there is one id to work with: a user namespace of the monitor's own makes it root.
static void become_root(void) {
  uid_t uid = geteuid();
  gid_t gid = getegid();
  char map[64];
  if (unshare(CLONE_NEWUSER) != 0) {
    die("unprivileged user namespaces are not allowed here");
  }
  write_map(getpid(), "setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", gid);
  write_map(getpid(), "gid_map", map);
  snprintf(map, sizeof map, "0 %u 1", uid);
  write_map(getpid(), "uid_map", map);
}

static pid_t clone_process(unsigned long flags) {
  return (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

static void join_cgroups(const struct options *options, pid_t pid) {
  for (int i = 0; i < options->cgroup_count; i++) {
    char path[4096];
    char number[16];
    snprintf(path, sizeof path, "%s/cgroup.procs", options->cgroups[i]);
    snprintf(number, sizeof number, "%d", pid);
    if (write_file(path, number) != 0) {
      die("join %s", options->cgroups[i]);
    }
  }
}

// The process that the sandbox shall not outlive: this one's parent, so that no other can have its number.
static int open_caller(pid_t caller) {
  if (caller == 0) {
    return -1;
  }
  int fd = (int)syscall(SYS_pidfd_open, caller, 0);
  if (fd < 0 || getppid() != caller) {
    die("watch the caller, process %d", caller);
  }
  return fd;
}

static void release(int go) {
  if (write(go, "", 1) != 1) {
    die("release a child");
  }
}

static void enter_directory(const struct options *options, const char *name) {
  if (chdir(options->state) != 0 || chdir(name) != 0) {
    die("enter %s", name);
  }
}

// Says which processes of the host's belong to the sandbox, whole or not at all.
static void write_pids(pid_t init) {
  FILE *file = fopen("pids.new", "we");
  if (file == NULL || fprintf(file, "monitor=%d\ninit=%d\n", getpid(), init) < 0 ||
      fclose(file) != 0 || rename("pids.new", "pids") != 0) {
    die("write pids");
  }
}

static void remove_remains(const struct options *options) {
  for (int i = 0; i < options->cgroup_count; i++) {
    for (int tries = 0; rmdir(options->cgroups[i]) != 0 && errno == EBUSY && tries < 200; tries++) {
      usleep(5000);
    }
  }
  if (chdir(options->state) == 0) {
    unlink("control.sock");
    umount2("mnt/sentry", MNT_DETACH);
    umount2("mnt/gofer", MNT_DETACH);
    rmdir("mnt/sentry");
    rmdir("mnt/gofer");
    rmdir("mnt");
  }
}

// How often the host ran out of memory for the sandbox, for the service to read after the end.
static void record_memory_events(const struct options *options) {
  static const char *const names[] = {"memory.oom_control", "memory.events"};
  for (int i = 0; i < options->cgroup_count; i++) {
    for (int k = 0; k < 2; k++) {
      char path[4096];
      char text[1024];
      snprintf(path, sizeof path, "%s/%s", options->cgroups[i], names[k]);
      int from = open(path, O_RDONLY | O_CLOEXEC);
      ssize_t length = from < 0 ? -1 : read(from, text, sizeof text);
      close(from);
      int to = length <= 0 ? -1 : open("memory.events", O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC, 0600);
      if (to >= 0 && write(to, text, (size_t)length) != length) {
        unlink("memory.events");
      }
      close(to);
    }
  }
}

static void await_end(pid_t child) {
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
}

// Waits for init's end, and brings it about when the caller ends first.
static void kill_with_caller(int caller, int init) {
  struct pollfd ends[] = {{.fd = init, .events = POLLIN}, {.fd = caller, .events = POLLIN}};
  while (poll(ends, 2, -1) < 0 && errno == EINTR) {
  }
  if (ends[0].revents == 0) {
    syscall(SYS_pidfd_send_signal, init, SIGKILL, NULL, 0);
  }
}

__attribute__((noreturn)) static void monitor(const struct options *options,
                                              const struct descriptors *all, char **sentry_arguments,
                                              char **gofer_arguments) {
  bool root = !options->rootless;
  if (!root) {
    become_root();
  }
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    die("make a private mount namespace");
  }
  roots_build(options);

  const unsigned long apart = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  int go_init[2];
  int go_gofer[2];
  if (pipe2(go_init, O_CLOEXEC) != 0 || pipe2(go_gofer, O_CLOEXEC) != 0) {
    die("pipe");
  }
  enter_directory(options, "mnt/sentry");
  pid_t init = clone_process(apart | CLONE_NEWPID);
  if (init < 0) {
    die("make the sandbox's namespaces");
  }
  if (init == 0) {
    init_run(options, all, sentry_arguments, go_init[0]);
  }
  int pidfd = (int)syscall(SYS_pidfd_open, init, 0);
  char map[64];
  snprintf(map, sizeof map, root ? "0 %d 1\n1 %d 1\n" : "0 0 1", SENTRY_ID, GUEST_ID);
  write_map(init, "uid_map", map);
  write_map(init, "gid_map", map);
  join_cgroups(options, init);

  enter_directory(options, "mnt/gofer");
  if (pidfd < 0 || setns(pidfd, CLONE_NEWPID) != 0) {
    die("enter the sandbox's PID namespace");
  }
  pid_t gofer_parent = clone_process(apart);
  if (gofer_parent < 0) {
    die("make the gofer's namespaces");
  }
  if (gofer_parent == 0) {
    gofer_run(options, all, gofer_arguments, go_gofer[0]);
  }
  // The whole range, so that files of every owner can be served.
  const char *everybody = root ? "0 0 4294967295" : "0 0 1";
  write_map(gofer_parent, "uid_map", everybody);
  write_map(gofer_parent, "gid_map", everybody);
  join_cgroups(options, gofer_parent);

  if (chdir(options->state) != 0) {
    die("enter the state directory");
  }
  write_pids(init);
  release(go_init[1]);
  release(go_gofer[1]);
  for (int i = 0; i < options->channels; i++) {
    close(all->sentry_channel[i]);
    close(all->gofer_channel[i]);
  }
  close(all->control);
  close(all->spool);
  close(failure_pipe);
  failure_pipe = -1;

  // First, since init's end waits until the last process of its namespace is reaped.
  await_end(gofer_parent);
  kill_with_caller(all->caller, pidfd);
  await_end(init);
  record_memory_events(options);
  remove_remains(options);
  _exit(0);
}

// What the caller left open, blocked, ignored or limited is not the sandbox's to inherit.
static void forget_the_caller(void) {
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number <= SIGRTMAX; number++) {
    signal(number, SIG_DFL);
  }
  signal(SIGPIPE, SIG_IGN);
  umask(077);
  struct rlimit cores = {0, 0};
  setrlimit(RLIMIT_CORE, &cores);
  struct rlimit descriptors = {MOST_DESCRIPTORS, MOST_DESCRIPTORS};
  if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) {
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
}

int main(int argc, char **argv) {
  struct options options = parse(argc, argv);
  forget_the_caller();
  if (chdir(options.state) != 0) {
    die("enter the state directory %s", options.state);
  }
  char **sentry_arguments = read_arguments(".", "sentry.argv", NULL);
  char **gofer_arguments = read_arguments(".", "gofer.argv", NULL);
  struct descriptors all = open_all(&options);
  all.caller = open_caller(options.caller);
  int failure[2];
  if (pipe2(failure, O_CLOEXEC) != 0) {
    die("pipe");
  }
  pid_t child = fork();
  if (child < 0) {
    die("fork");
  }
  if (child > 0) {
    // The start is done once the last write end is closed without a word.
    close(failure[1]);
    char text[512];
    ssize_t length = read(failure[0], text, sizeof text - 1);
    if (length <= 0) {
      return 0;
    }
    dprintf(STDERR_FILENO, "%.*s\n", (int)length, text);
    return 1;
  }
  failure_pipe = failure[1];
  setsid();
  dup2(all.null, STDIN_FILENO);
  dup2(all.log, STDOUT_FILENO);
  dup2(all.log, STDERR_FILENO);
  monitor(&options, &all, sentry_arguments, gofer_arguments);
}
