// The files of /proc/PID that debuggers and those who measure read: their shapes, what they count, what they take.
#include "check.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>

static char text[65536];

static const char *load(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    say("%s: %s", path, error_name(errno));
    return NULL;
  }
  ssize_t total = 0;
  ssize_t count;
  while ((count = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0) {
    total += count;
  }
  if (count < 0) {
    say("read %s: %s", path, error_name(errno));
  }
  close(fd);
  text[total] = 0;
  return count < 0 ? NULL : text;
}

static long store(const char *path, const char *value) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) {
    say("%s for writing: %s", path, error_name(errno));
    return -1;
  }
  long result = write(fd, value, strlen(value));
  say("write \"%s\" to %s: %s", value, path, result < 0 ? error_name(errno) : "done");
  close(fd);
  return result;
}

static void modes(const char *directory) {
  static const char *const names[] = {"arch_status", "attr", "attr/current", "attr/prev", "auxv", "coredump_filter", "io",
                                      "numa_maps", "oom_adj", "oom_score", "oom_score_adj", "personality", "sched",
                                      "schedstat", "stack", "syscall", "timers", "timerslack_ns", "wchan"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, names[i]);
    struct stat stat;
    if (lstat(path, &stat) < 0) {
      say("%s in %s: %s", names[i], directory, error_name(errno));
    } else {
      say("%s %o size %ld links %ld", names[i], (unsigned)stat.st_mode, (long)stat.st_size, (long)stat.st_nlink);
    }
  }
}

static long counter(const char *path, const char *key) {
  if (load(path) == NULL) {
    return -1;
  }
  char *found = strstr(text, key);
  return found == NULL ? -1 : atol(found + strlen(key));
}

static void *read_elsewhere(void *argument) {
  int *ends = argument;
  char buffer[100];
  need(read(ends[0], buffer, 100) == 100, "read");
  say("the thread has read %ld in %ld calls", counter("/proc/thread-self/io", "rchar: "),
      counter("/proc/thread-self/io", "syscr: ") > 0 ? 1L : 0L);
  return NULL;
}

static void io(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  char buffer[3000] = "";
  long before = counter("/proc/self/io", "wchar: ");
  long calls = counter("/proc/self/io", "syscw: ");
  need(write(ends[1], buffer, 3000) == 3000, "write");
  CHECK(counter("/proc/self/io", "wchar: ") == before + 3000);
  CHECK(counter("/proc/self/io", "syscw: ") == calls + 1);
  before = counter("/proc/self/io", "rchar: ");
  // What the look before has read counts, too, when it is looked at again.
  long own = (long)strlen(text);
  need(read(ends[0], buffer, 3000) == 3000, "read");
  CHECK(counter("/proc/self/io", "rchar: ") == before + own + 3000);
  calls = counter("/proc/self/io", "syscw: ");
  SHOW(write(ends[1], bad_pointer(), 10));
  SHOW(write(-1, buffer, 10));
  SHOW(write(ends[0], buffer, 10));
  long after = counter("/proc/self/io", "syscw: ");
  // The three lines above are calls themselves.
  say("of three failed writes %ld count", after - calls - 3);
  need(write(ends[1], buffer, 100) == 100, "write");
  pthread_t thread;
  need(pthread_create(&thread, NULL, read_elsewhere, ends) == 0, "pthread_create");
  pthread_join(thread, NULL);
  before = counter("/proc/self/io", "wchar: ");
  pid_t child = fork();
  if (child == 0) {
    _exit(write(ends[1], buffer, 500) != 500);
  }
  reap("a child that writes 500 bytes", child);
  say("the parent's count grows by %ld", counter("/proc/self/io", "wchar: ") - before - 44);
  close(ends[0]);
  close(ends[1]);
}

static void adjustments(void) {
  store("/proc/self/oom_adj", "3");
  show_file("/proc/self/oom_adj");
  show_file("/proc/self/oom_score_adj");
  store("/proc/self/oom_adj", "15");
  show_file("/proc/self/oom_score_adj");
  store("/proc/self/oom_adj", "16");
  store("/proc/self/oom_adj", "-18");
  store("/proc/self/oom_adj", "x");
  store("/proc/self/oom_score_adj", "500");
  show_file("/proc/self/oom_adj");
  store("/proc/self/oom_score_adj", "0");
  store("/proc/self/oom_adj", "1");
  store("/proc/self/oom_adj", "0");
}

static void filter(void) {
  store("/proc/self/coredump_filter", "0x33");
  show_file("/proc/self/coredump_filter");
  static const char *const values[] = {"0x7f", "3", "0777", "0xfff", "x", "", "-1", "0x33"};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    store("/proc/self/coredump_filter", values[i]);
    show_file("/proc/self/coredump_filter");
  }
  int fd = open("/proc/self/coredump_filter", O_WRONLY);
  SHOW(write(fd, "5\0x", 3));
  SHOW(write(fd, "\0", 1));
  close(fd);
  show_file("/proc/self/coredump_filter");
  store("/proc/self/coredump_filter", "0x21");
  pid_t child = fork();
  if (child == 0) {
    show_file("/proc/self/coredump_filter");
    execl("/bin/cat", "cat", "/proc/self/coredump_filter", NULL);
    _exit(127);
  }
  reap("a child", child);
  store("/proc/self/coredump_filter", "0x33");
}

static void timers(void) {
  const char *list = load("/proc/self/timers");
  say("no timers: \"%s\"", list);
  timer_t first;
  timer_t second;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 0x1234};
  need(timer_create(CLOCK_MONOTONIC, &event, &first) == 0, "timer_create");
  need(timer_create(CLOCK_REALTIME, NULL, &second) == 0, "timer_create");
  list = load("/proc/self/timers");
  CHECK(strstr(list, "ID: 0\n") != NULL && strstr(list, "ID: 1\n") != NULL);
  CHECK(strstr(list, "signal: 10/0000000000001234\nnotify: signal/pid.") != NULL);
  CHECK(strstr(list, "signal: 14/0000000000000001\n") != NULL);
  char *pid = strstr(text, "pid.");
  CHECK(pid != NULL && atoi(pid + 4) == getpid());
  CHECK(strstr(list, "ClockID: 1\n") != NULL && strstr(list, "ClockID: 0\n") != NULL);
  timer_delete(first);
  timer_delete(second);
}

static void calls(void) {
  const char *now = load("/proc/self/syscall");
  CHECK(strncmp(now, "0 0x", 4) == 0);
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  await_sleep(child);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/syscall", child);
  now = load(path);
  CHECK(now != NULL && atoi(now) == SYS_pause);
  int fields = 1;
  for (const char *at = text; *at != 0; at++) {
    fields += *at == ' ';
  }
  say("%d fields", fields);
  kill(child, SIGKILL);
  siginfo_t info;
  waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
  load(path);
  snprintf(path, sizeof path, "/proc/%d/io", child);
  CHECK(load(path) != NULL);
  reap("the child", child);
}

static void others(void) {
  CHECK(strncmp(load("/proc/self/sched"), "proc_task (", 11) == 0);
  CHECK(atoi(text + 11) == getpid());
  CHECK(strstr(text, "se.sum_exec_runtime") != NULL && strstr(text, "nr_switches") != NULL);
  CHECK(strstr(text, "policy                                       :                    0\n") != NULL);
  CHECK(strstr(text, "prio                                         :                  120\n") != NULL);
  load("/proc/self/attr/current");
  store("/proc/self/attr/current", "x");
  load("/proc/self/attr/prev");
  CHECK(load("/proc/self/stack") != NULL);
  char *page = mmap(NULL, PAGE * 3, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page[0] = 1;
  char line[64];
  need(load("/proc/self/numa_maps") != NULL, "numa_maps");
  CHECK(strstr(text, "proc_task") != NULL && strstr(text, " stack ") != NULL && strstr(text, "kernelpagesize_kB=4") != NULL);
  snprintf(line, sizeof line, "%lx default", (unsigned long)page);
  munmap(page, PAGE * 3);
}

// What an ordinary user sees of root's process.
static void from_outside(void) {
  static const char *const names[] = {"io", "syscall", "stack", "numa_maps", "timers", "sched", "coredump_filter", "auxv"};
  char path[64];
  pid_t parent = getppid();
  become_ordinary();
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", parent, names[i]);
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? -1 : read(fd, text, sizeof text);
    say("%s: %s", names[i], count < 0 ? error_name(errno) : "can be read");
    close(fd);
  }
}

int main(void) {
  modes("/proc/self");
  modes("/proc/thread-self");
  SHOW(access("/proc/thread-self/coredump_filter", F_OK));
  io();
  adjustments();
  filter();
  timers();
  calls();
  others();
  in_child("an ordinary user", from_outside);
  return 0;
}
