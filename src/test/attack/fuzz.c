// System calls with arguments that are likely to be wrong: fuzz SEED FIRST COUNT. Every round is a
// process of its own, with descriptors of all kinds, and depends on seed and round only. Nothing may
// end the sandbox; the last line is "COUNT rounds".
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"

#define CALLS 150
#define WORDS 512
#define BUFFERS 6
#define PATIENCE_MILLIS 400

static uint64_t state;
static uint64_t *buffers[BUFFERS];
static char *page_end;
static pid_t self;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static uint64_t below(uint64_t most) {
  return next() % most;
}

static const char *const paths[] = {
    "/",           "/tmp",          ".",          "..",           "/tmp/f",      "/tmp/l",
    "/tmp/d",      "/tmp/d/x",      "/dev/null",  "/dev/zero",    "/dev/ptmx",   "/dev/tty",
    "/dev/full",   "/proc/self",    "/proc/self/maps", "/proc/self/fd/0", "/proc/self/exe",
    "/proc/self/mem", "/proc/1/environ", "/proc/self/task", "/proc/sys/kernel/hostname",
    "/proc/mounts", "/proc/self/status", "/sys",  "/bin/true",    "/bin",        "",
    "/tmp/fifo",   "/tmp/sock",     "/proc/self/root/tmp/f", "/proc/self/cwd/..", "/dev/pts/0",
    "/tmp//d/./../f/", "/proc/self/smaps", "/dev/shm/x", "/dev/fd/3", "tmpfs", "user.x", "proc",
};

static const uint64_t numbers[] = {
    0, 1, 2, 3, 7, 8, 16, 63, 64, 65, 127, 128, 255, 256, 511, 512, 1000, 1023, 1024, 1025, 4095, 4096,
    4097, 8192, 65535, 65536, 1 << 20, 1 << 24, INT_MAX - 1UL, INT_MAX, INT_MAX + 1UL, UINT_MAX,
    UINT_MAX + 1UL, LONG_MAX - 4095UL, LONG_MAX, LONG_MAX + 1UL, -1UL, -2UL, -100UL, -4095UL, -4096UL,
    STUB_BASE, STUB_BASE + 0x1000, STUB_SLOTS, STUB_SLOTS + 0x2000, STUB_END - 4096, STUB_BASE - 4096,
    0x7ffffffff000UL, 0x7fffffffefffUL, 0xffffffff80000000UL, 0x8000000000000000UL,
};

static uint64_t pointer(void) {
  switch (below(8)) {
    case 0: return (uint64_t)page_end - below(32);
    case 1: return (uint64_t)paths[below(sizeof paths / sizeof paths[0])];
    case 2: return (uint64_t)buffers[below(BUFFERS)] + below(64);
    default: return (uint64_t)buffers[below(BUFFERS)] + 8 * below(32);
  }
}

static uint64_t argument(void) {
  switch (below(12)) {
    case 0:
    case 1:
    case 2: return below(24);
    case 3:
    case 4: return numbers[below(sizeof numbers / sizeof numbers[0])];
    case 5: return 1UL << below(64);
    case 6: return (1UL << below(32)) | (1UL << below(32));
    case 7: return (uint64_t)paths[below(sizeof paths / sizeof paths[0])];
    case 8: return below(16) == 0 ? next() : (uint64_t)self;
    default: return pointer();
  }
}

static void fill(void) {
  uint64_t *buffer = buffers[below(BUFFERS)];
  for (unsigned i = 0; i < WORDS; i += 1 + below(8)) {
    buffer[i] = below(4) == 0 ? next() : argument();
  }
  if (below(4) == 0) {
    strcpy((char *)buffer, paths[below(sizeof paths / sizeof paths[0])]);
  }
}

static void open_descriptors(void) {
  int pair[2];
  while (open("/dev/null", O_RDWR) < 2) {
  }
  open("/tmp/f", O_RDWR | O_CREAT, 0666);
  open("/tmp", O_RDONLY | O_DIRECTORY);
  if (pipe(pair) == 0 && fcntl(pair[1], F_SETFL, O_NONBLOCK) == 0) {
    (void)!write(pair[1], "some bytes", 10);
  }
  eventfd(1, EFD_NONBLOCK);
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, pair[0], &event);
  timerfd_create(CLOCK_MONOTONIC, 0);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  signalfd(-1, &signals, 0);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  socket(AF_INET, SOCK_STREAM, 0);
  socket(AF_INET6, SOCK_DGRAM, 0);
  socket(AF_NETLINK, SOCK_RAW, 0);
  inotify_init1(IN_NONBLOCK);
  (void)!ftruncate(memfd_create("m", MFD_ALLOW_SEALING), 10000);
  open("/proc/self/status", O_RDONLY);
  open("/dev/ptmx", O_RDWR | O_NOCTTY);
  open("/tmp/p", O_PATH | O_CREAT, 0600);
}

static long call_number(void) {
  for (;;) {
    long number = (long)below(472);
    if (number != SYS_exit && number != SYS_exit_group && number != SYS_vfork) {
      return number;
    }
  }
}

static void play(uint64_t seed, uint64_t round) {
  state = seed * 0x9e3779b97f4a7c15UL + round * 0xbf58476d1ce4e5b9UL + 1;
  next();
  self = getpid();
  struct rlimit cores = {0, 0};
  setrlimit(RLIMIT_CORE, &cores);
  for (int i = 0; i < BUFFERS; i++) {
    buffers[i] = mmap(NULL, WORDS * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  page_end = (char *)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
  munmap(page_end, 4096);
  open_descriptors();
  if (round % 3 == 0 && (setgid(1000) != 0 || setuid(1000) != 0)) {
    _exit(2);
  }
  long favourite = call_number();
  for (int i = 0; i < CALLS; i++) {
    fill();
    long number = below(3) == 0 ? favourite : call_number();
    uint64_t a[6];
    for (int k = 0; k < 6; k++) {
      a[k] = argument();
    }
    if ((number == SYS_kill || number == SYS_tkill || number == SYS_tgkill) && (int)a[0] <= 1) {
      a[0] = self;
    }
    syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (syscall(SYS_getpid) != self) {
      break;
    }
  }
  syscall(SYS_exit_group, 0);
}

static long now_millis(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void reap(pid_t child) {
  long until = now_millis() + PATIENCE_MILLIS;
  while (waitpid(child, NULL, WNOHANG) == 0) {
    if (now_millis() > until) {
      // Which takes CAP_KILL, since the child may have become anybody.
      if (kill(child, SIGKILL) != 0) {
        dprintf(1, "a round cannot be ended: %s\n", strerror(errno));
        exit(1);
      }
      waitpid(child, NULL, 0);
      break;
    }
    usleep(500);
  }
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

int main(int argc, char **argv) {
  uint64_t seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
  uint64_t first = argc > 2 ? strtoul(argv[2], NULL, 0) : 0;
  uint64_t count = argc > 3 ? strtoul(argv[3], NULL, 0) : 200;
  for (int number = 1; number < 32; number++) {
    if (number != SIGCHLD) {
      signal(number, SIG_IGN);
    }
  }
  mkdir("/tmp", 01777);
  mkdir("/tmp/d", 0777);
  mkfifo("/tmp/fifo", 0666);
  for (uint64_t round = first; round < first + count; round++) {
    pid_t child = fork();
    if (child == 0) {
      for (int number = 1; number < 32; number++) {
        signal(number, SIG_DFL);
      }
      setpgid(0, 0);
      play(seed, round);
    }
    if (child > 0) {
      reap(child);
    }
    if (round % 50 == 49) {
      dprintf(1, "round %lu\n", round + 1);
    }
  }
  dprintf(1, "%lu rounds\n", count);
  return 0;
}
