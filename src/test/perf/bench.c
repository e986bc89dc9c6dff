// What the kernel under this program costs: one line per row, name, unit and median, tab separated.
// `bench [--quick] [ROW...]`; `bench true` ends at once and is what the exec row runs.
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define PAGES 256
#define MOST_BATCHES 15

static const char *self;
static char file_path[256];
static char block[BLOCK];
static int data_fd = -1;
static int ends[4];
static pid_t partner;
static pthread_t partner_thread;
static _Atomic uint32_t turn;

static void fail(const char *what) {
  fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void need(bool holds, const char *what) {
  if (!holds) {
    fail(what);
  }
}

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void do_trivial(long times) {
  for (long i = 0; i < times; i++) {
    syscall(SYS_getppid);
  }
}

static void do_stat(long times) {
  struct stat info;
  for (long i = 0; i < times; i++) {
    need(stat(file_path, &info) == 0, "stat");
  }
}

static void do_open_read_close(long times) {
  for (long i = 0; i < times; i++) {
    int fd = open(file_path, O_RDONLY);
    need(fd >= 0, "open");
    need(read(fd, block, BLOCK) == BLOCK, "read");
    close(fd);
  }
}

static void do_pread(long times) {
  for (long i = 0; i < times; i++) {
    need(pread(data_fd, block, BLOCK, 0) == BLOCK, "pread");
  }
}

static void do_pwrite(long times) {
  for (long i = 0; i < times; i++) {
    need(pwrite(data_fd, block, BLOCK, 0) == BLOCK, "pwrite");
  }
}

static void do_small_file(long times) {
  char path[sizeof file_path + 8];
  snprintf(path, sizeof path, "%s.small", file_path);
  for (long i = 0; i < times; i++) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    need(fd >= 0, "create");
    need(write(fd, block, BLOCK / 4) == BLOCK / 4, "write");
    close(fd);
    need(unlink(path) == 0, "unlink");
  }
}

static void pipe_setup(void) { need(pipe(ends) == 0, "pipe"); }

static void pipe_teardown(void) {
  close(ends[0]);
  close(ends[1]);
}

static void do_pipe(long times) {
  char byte = 'x';
  for (long i = 0; i < times; i++) {
    need(write(ends[1], &byte, 1) == 1, "write");
    need(read(ends[0], &byte, 1) == 1, "read");
  }
}

static void ping_pong_setup(void) {
  need(pipe(ends) == 0 && pipe(ends + 2) == 0, "pipe");
  partner = fork();
  need(partner >= 0, "fork");
  if (partner == 0) {
    close(ends[1]);
    char byte;
    while (read(ends[0], &byte, 1) == 1) {
      need(write(ends[3], &byte, 1) == 1, "write");
    }
    _exit(0);
  }
}

static void ping_pong_teardown(void) {
  for (int i = 0; i < 4; i++) {
    close(ends[i]);
  }
  waitpid(partner, NULL, 0);
}

static void do_ping_pong(long times) {
  char byte = 'x';
  for (long i = 0; i < times; i++) {
    need(write(ends[1], &byte, 1) == 1, "write");
    need(read(ends[2], &byte, 1) == 1, "read");
  }
}

static void wait_for(pid_t child) {
  int status;
  need(waitpid(child, &status, 0) == child, "waitpid");
  need(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child");
}

static void do_fork(long times) {
  for (long i = 0; i < times; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      _exit(0);
    }
    wait_for(child);
  }
}

static void do_fork_exec(long times) {
  char *arguments[] = {(char *)self, "true", NULL};
  for (long i = 0; i < times; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      execv(self, arguments);
      _exit(127);
    }
    wait_for(child);
  }
}

static void do_mmap(long times) {
  for (long i = 0; i < times; i++) {
    volatile char *pages =
        mmap(NULL, PAGES * BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(pages != MAP_FAILED, "mmap");
    for (long page = 0; page < PAGES; page++) {
      pages[page * BLOCK] = 1;
    }
    need(munmap((void *)pages, PAGES * BLOCK) == 0, "munmap");
  }
}

static void *nothing(void *argument) { return argument; }

static void do_thread(long times) {
  for (long i = 0; i < times; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, nothing, NULL);
    need(errno == 0, "pthread_create");
    pthread_join(thread, NULL);
  }
}

static void futex_wait(uint32_t seen) {
  syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void futex_wake(void) { syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0); }

// The turn is 1 when it is the partner's, 0 when it is the main thread's, 2 when all is over.
static void *futex_partner(void *argument) {
  for (;;) {
    uint32_t seen = atomic_load(&turn);
    if (seen == 2) {
      return argument;
    }
    if (seen == 0) {
      futex_wait(0);
      continue;
    }
    atomic_store(&turn, 0);
    futex_wake();
  }
}

static void futex_setup(void) {
  atomic_store(&turn, 0);
  errno = pthread_create(&partner_thread, NULL, futex_partner, NULL);
  need(errno == 0, "pthread_create");
}

static void futex_teardown(void) {
  atomic_store(&turn, 2);
  futex_wake();
  pthread_join(partner_thread, NULL);
}

static void do_futex(long times) {
  for (long i = 0; i < times; i++) {
    atomic_store(&turn, 1);
    futex_wake();
    while (atomic_load(&turn) == 1) {
      futex_wait(1);
    }
  }
}

static void ignore(int number) { (void)number; }

static void signal_setup(void) { signal(SIGUSR1, ignore); }

static void do_signal(long times) {
  pid_t process = getpid();
  for (long i = 0; i < times; i++) {
    kill(process, SIGUSR1);
  }
}

struct row {
  const char *name;
  void (*run)(long times);
  void (*setup)(void);
  void (*teardown)(void);
};

static const struct row rows[] = {
    {"getppid", do_trivial, NULL, NULL},
    {"stat", do_stat, NULL, NULL},
    {"open-read4k-close", do_open_read_close, NULL, NULL},
    {"pread4k-tmpfs", do_pread, NULL, NULL},
    {"pwrite4k-tmpfs", do_pwrite, NULL, NULL},
    {"create-write1k-unlink", do_small_file, NULL, NULL},
    {"pipe-write-read", do_pipe, pipe_setup, pipe_teardown},
    {"pipe-ping-pong", do_ping_pong, ping_pong_setup, ping_pong_teardown},
    {"fork-exit-wait", do_fork, NULL, NULL},
    {"fork-exec-wait", do_fork_exec, NULL, NULL},
    {"mmap-touch256-munmap", do_mmap, NULL, NULL},
    {"thread-create-join", do_thread, NULL, NULL},
    {"futex-ping-pong", do_futex, futex_setup, futex_teardown},
    {"signal-self", do_signal, signal_setup, NULL},
};

#define ROWS (sizeof rows / sizeof rows[0])

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left;
  double b = *(const double *)right;
  return (a > b) - (a < b);
}

static double batch(const struct row *row, long times) {
  double start = now_ns();
  row->run(times);
  return now_ns() - start;
}

// The number of repetitions that takes about the given time; also warms everything up.
static long calibrate(const struct row *row, double wanted_ns) {
  long times = 1;
  for (;;) {
    double took = batch(row, times);
    if (took >= wanted_ns / 2) {
      long scaled = (long)((double)times * wanted_ns / took);
      return scaled < 1 ? 1 : scaled;
    }
    times *= 2;
  }
}

static void measure(const struct row *row, bool quick) {
  int batches = quick ? 7 : MOST_BATCHES;
  double samples[MOST_BATCHES];
  if (row->setup != NULL) {
    row->setup();
  }
  long times = calibrate(row, quick ? 10e6 : 40e6);
  for (int i = 0; i < batches; i++) {
    samples[i] = batch(row, times) / (double)times;
  }
  if (row->teardown != NULL) {
    row->teardown();
  }
  qsort(samples, (size_t)batches, sizeof samples[0], ascending);
  printf("%s\tus\t%.3f\n", row->name, samples[batches / 2] / 1000);
  fflush(stdout);
}

static void make_file(void) {
  const char *directory = getenv("BENCH_TMP");
  if (directory == NULL) {
    directory = "/tmp";
  }
  int length =
      snprintf(file_path, sizeof file_path, "%s/bench-%ld", directory, (long)getpid());
  need(length > 0 && (size_t)length < sizeof file_path, "BENCH_TMP");
  data_fd = open(file_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  need(data_fd >= 0, file_path);
  need(write(data_fd, block, BLOCK) == BLOCK, "write");
}

static bool asked(const struct row *row, char **names, int count) {
  for (int i = 0; i < count; i++) {
    if (strcmp(row->name, names[i]) == 0) {
      return true;
    }
  }
  return count == 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "true") == 0) {
    return 0;
  }
  self = argv[0];
  bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
  int first = quick ? 2 : 1;
  make_file();
  int found = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (asked(&rows[i], argv + first, argc - first)) {
      measure(&rows[i], quick);
      found++;
    }
  }
  close(data_fd);
  unlink(file_path);
  if (found == 0) {
    fprintf(stderr, "bench: no such row\n");
    return 2;
  }
  return 0;
}
