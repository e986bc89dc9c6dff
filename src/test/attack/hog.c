// Takes as much as it gets of one thing: hog WHAT [MOST]. Whatever it is, the sandbox has to stay.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MOST 5000

static char data[65536];

// Each returns a negative number when there is no more to be had.
static int one_file(int i) {
  return i < 0 ? 0 : open("/dev/null", O_RDONLY);
}

static int one_pipe(int i) {
  int ends[2];
  if (i < 0 || pipe2(ends, O_NONBLOCK) != 0) {
    return -1;
  }
  return (int)write(ends[1], data, sizeof data);
}

static int one_large_pipe(int i) {
  int ends[2];
  if (i < 0 || pipe2(ends, O_NONBLOCK) != 0) {
    return -1;
  }
  fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  for (int k = 0; k < 16; k++) {
    (void)!write(ends[1], data, sizeof data);
  }
  return 0;
}

static int one_socket(int i) {
  int ends[2];
  if (i < 0 || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends) != 0) {
    return -1;
  }
  while (write(ends[1], data, 32768) > 0) {
  }
  return 0;
}

static int one_directory(int i) {
  char name[300];
  memset(name, 'x', 240);
  sprintf(name + 240, "%d", i);
  return mkdir(name, 0700);
}

static int one_watch(int i) {
  static int inotify = -1;
  char name[32];
  if (inotify < 0) {
    inotify = inotify_init1(0);
  }
  sprintf(name, "d%d", i);
  mkdir(name, 0700);
  return inotify_add_watch(inotify, name, IN_ALL_EVENTS);
}

static int one_timer(int i) {
  timer_t timer;
  return i < 0 ? 0 : timer_create(CLOCK_REALTIME, NULL, &timer);
}

static int one_signal(int i) {
  union sigval value = {.sival_int = i};
  return sigqueue(getpid(), SIGRTMIN, value);
}

static int one_memory_file(int i) {
  int fd = i < 0 ? -1 : memfd_create("m", 0);
  return fd < 0 ? -1 : (int)write(fd, data, 4096);
}

static int one_lock(int i) {
  static int fd = -1;
  if (fd < 0) {
    fd = open("locked", O_RDWR | O_CREAT, 0600);
  }
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 2L * i, .l_len = 1};
  return fcntl(fd, F_SETLK, &lock);
}

// A directory with many names, read over and over by descriptors that stay open.
static int one_listing(int i) {
  static char records[400];
  for (int k = 0; i == 0 && k < 5000; k++) {
    sprintf(records, "name-%d", k);
    close(open(records, O_RDWR | O_CREAT, 0600));
  }
  int fd = open(".", O_RDONLY | O_DIRECTORY);
  return fd < 0 ? -1 : (int)syscall(SYS_getdents64, fd, records, sizeof records);
}

static int one_epoll_item(int i) {
  static int event = -1;
  struct epoll_event wanted = {.events = EPOLLIN};
  event = event < 0 ? eventfd(0, 0) : event;
  int epoll = i < 0 ? -1 : epoll_create1(0);
  return epoll < 0 ? -1 : epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted);
}

// A namespace stays as long as there is a descriptor of it.
static int another_namespace(bool first) {
  return unshare(CLONE_NEWIPC | (first ? CLONE_NEWUSER : 0)) == 0 && open("/proc/self/ns/ipc", O_RDONLY) >= 0 ? 0 : -1;
}

static int one_semaphore_set(int i) {
  if (i % 16 == 0 && another_namespace(i == 0) < 0) {
    return -1;
  }
  return semget(IPC_PRIVATE, 32000, 0600);
}

static int one_message_queue(int i) {
  static const long message = 1;
  int queue = i < 0 ? -1 : msgget(IPC_PRIVATE, 0600);
  if (queue < 0) {
    return -1;
  }
  while (msgsnd(queue, &message, 0, IPC_NOWAIT) == 0) {
  }
  return errno == EAGAIN ? 0 : -1;
}

// Each socket has the one before in a message, and nobody else has it.
static int one_chained_socket(int i) {
  static int last = -1;
  int ends[2];
  if (i < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
    close(last);
    return -1;
  }
  if (last >= 0) {
    struct iovec byte = {data, 1};
    union {
      struct cmsghdr header;
      char space[CMSG_SPACE(sizeof last)];
    } control = {.header = {CMSG_LEN(sizeof last), SOL_SOCKET, SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.header), &last, sizeof last);
    struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (sendmsg(ends[0], &message, 0) != 1) {
      return -1;
    }
    close(last);
  }
  close(ends[0]);
  last = ends[1];
  return 0;
}

static const struct {
  const char *name;
  int (*one)(int);
} kinds[] = {
    {"file", one_file},     {"pipe", one_pipe},           {"large_pipe", one_large_pipe},
    {"socket", one_socket}, {"directory", one_directory}, {"watch", one_watch},
    {"timer", one_timer},   {"signal", one_signal},       {"memory_file", one_memory_file},
    {"lock", one_lock},     {"listing", one_listing},     {"epoll_item", one_epoll_item},
    {"semaphore_set", one_semaphore_set}, {"message_queue", one_message_queue},
    {"chained_socket", one_chained_socket},
};

int main(int argc, char **argv) {
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  setrlimit(RLIMIT_NOFILE, &most);
  sigset_t signals;
  sigfillset(&signals);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  mkdir("/tmp.hog", 0700);
  if (chdir("/tmp.hog") != 0) {
    return 2;
  }
  for (unsigned k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
    if (argc > 1 && strcmp(argv[1], kinds[k].name) == 0) {
      int most = argc > 2 ? atoi(argv[2]) : MOST;
      int i = 0;
      while (i < most && kinds[k].one(i) >= 0) {
        i++;
      }
      printf("%s: %d, %s\n", argv[1], i, i < most ? strerror(errno) : "all");
      return 0;
    }
  }
  return 2;
}
