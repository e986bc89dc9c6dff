// Time namespaces: offsets, who may set them and when, and what tells time by them.
#include "check.h"
#include <linux/futex.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>

#define OFFSETS "/proc/self/timens_offsets"

static long long seconds_of(clockid_t clock) {
  struct timespec now;
  need(clock_gettime(clock, &now) == 0, "clock_gettime");
  return now.tv_sec;
}

static long long asked(clockid_t clock) {
  struct timespec now;
  need(syscall(SYS_clock_gettime, clock, &now) == 0, "clock_gettime");
  return now.tv_sec;
}

static const char *store(const char *text) {
  int fd = open(OFFSETS, O_WRONLY);
  if (fd < 0) {
    return error_name(errno);
  }
  ssize_t count = write(fd, text, strlen(text));
  const char *result = count < 0 ? error_name(errno) : "taken";
  close(fd);
  return result;
}

static void set(const char *text) { say("\"%s\": %s", text, store(text)); }

static bool same_file(const char *one, const char *other) {
  char first[64] = "", second[64] = "";
  need(readlink(one, first, sizeof first - 1) > 0 && readlink(other, second, sizeof second - 1) > 0, "readlink");
  return strcmp(first, second) == 0;
}

static void refused(void) {
  show_file(OFFSETS);
  set("monotonic 1 0");
  need(unshare(CLONE_NEWTIME) == 0, "unshare");
  CHECK(!same_file("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
  static const char *const texts[] = {"x",      "1 10",   "1 10 -10",       "1 10 1000000000", "0 10 0",  "1 10 0\na",
                                      "1 9223372036 0", "1 -9223372036 0", "1 92233720360 0", "9 1 1", "monotonic a 0", ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    set(texts[i]);
  }
  show_file(OFFSETS);
  set("7 5 5");
  set("monotonic 7200 500000000\nboottime 86400 0\n");
  show_file(OFFSETS);
  set("boottime 10 0\nboottime 20 0\nboottime 30 0");
  show_file(OFFSETS);
  struct stat status;
  need(stat(OFFSETS, &status) == 0, OFFSETS);
  say("mode %o", status.st_mode);
  pid_t child = fork();
  if (child == 0) {
    CHECK(same_file("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
    set("boottime 1 0");
    _exit(0);
  }
  reap("child", child);
  set("boottime 1 0");
  become_ordinary();
  set("boottime 2 0");
}

static long long before[16];

static void show_ahead(const char *what) {
  static const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME};
  static const char *const names[] = {"realtime", "monotonic", "raw", "coarse", "boottime"};
  for (size_t i = 0; i < 5; i++) {
    long long ahead = seconds_of(clocks[i]) - before[clocks[i]];
    long long also = asked(clocks[i]) - before[clocks[i]];
    // What has passed since is less than the half of 1000 s.
    say("%s, %s: %lld, %lld", what, names[i], (ahead + 500) / 1000 * 1000, (also + 500) / 1000 * 1000);
  }
}

static void note(void) {
  for (int i = 0; i < 8; i++) {
    struct timespec now;
    before[i] = clock_gettime(i, &now) == 0 ? now.tv_sec : 0;
  }
}

static long up_to_now(void) {
  FILE *file = fopen("/proc/uptime", "r");
  long value = -1;
  need(fscanf(file, "%ld.", &value) == 1, "uptime");
  fclose(file);
  return value;
}

static long started(void) {
  FILE *file = fopen("/proc/self/stat", "r");
  char text[1024];
  need(fgets(text, sizeof text, file) != NULL, "stat");
  fclose(file);
  char *at = strrchr(text, ')') + 2;
  for (int i = 3; i < 22; i++) {
    at = strchr(at, ' ') + 1;
  }
  return atol(at) / 100;
}

static long booted(void) {
  FILE *file = fopen("/proc/stat", "r");
  char line[4096];
  long value = -1;
  while (fgets(line, sizeof line, file) != NULL) {
    sscanf(line, "btime %ld", &value);
  }
  fclose(file);
  return value;
}

static int until(int kind, clockid_t clock, long long when) {
  struct timespec time = {when, 0};
  if (kind == 0) {
    return clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL);
  }
  if (kind == 1) {
    int fd = timerfd_create(clock, 0);
    struct itimerspec setting = {{0, 0}, time};
    need(timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL) == 0, "timerfd_settime");
    uint64_t count = 0;
    need(read(fd, &count, sizeof count) == sizeof count, "read");
    close(fd);
    return (int)count;
  }
  static uint32_t word;
  return (int)syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &time, NULL, FUTEX_BITSET_MATCH_ANY) == -1 ? errno : 0;
}

// Times that are reached by this clock and not by the first namespace's, or the other way.
static void waits(long long ahead) {
  struct timespec start;
  clock_gettime(CLOCK_REALTIME, &start);
  say("sleep %d", until(0, CLOCK_MONOTONIC, seconds_of(CLOCK_MONOTONIC) + 1));
  say("sleep %d", until(0, CLOCK_BOOTTIME, asked(CLOCK_BOOTTIME) - (ahead > 0 ? 100 : 0)));
  say("timer %d", until(1, CLOCK_MONOTONIC, seconds_of(CLOCK_MONOTONIC) + 1));
  say("futex %s", error_name(until(2, CLOCK_MONOTONIC, seconds_of(CLOCK_MONOTONIC) + 1)));
  struct timespec end;
  clock_gettime(CLOCK_REALTIME, &end);
  CHECK(end.tv_sec - start.tv_sec < 60);
}

static char *self;

static void ahead_of_time(void) {
  note();
  int first = open("/proc/self/ns/time", O_RDONLY);
  long up = up_to_now(), begun = started(), boot = booted();
  need(unshare(CLONE_NEWTIME) == 0, "unshare");
  need(strcmp(store("monotonic 7000 0\nboottime 90000 0"), "taken") == 0, "offsets");
  show_ahead("not here");
  pid_t child = fork();
  if (child == 0) {
    show_ahead("child");
    say("uptime %ld, start %ld, btime %ld", (up_to_now() - up) / 1000 * 1000, (started() - begun) / 1000 * 1000,
        (booted() - boot - 500) / 1000 * 1000);
    struct sysinfo info;
    sysinfo(&info);
    say("sysinfo %ld", (info.uptime - up) / 1000 * 1000);
    waits(7000);
    pid_t grandchild = fork();
    if (grandchild == 0) {
      show_ahead("grandchild");
      _exit(0);
    }
    reap("grandchild", grandchild);
    SHOW(setns(first, CLONE_NEWTIME));
    show_ahead("back");
    CHECK(same_file("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
    _exit(0);
  }
  reap("child", child);
  child = fork();
  if (child == 0) {
    char text[32], boottime[32];
    sprintf(text, "%lld", before[CLOCK_MONOTONIC]);
    sprintf(boottime, "%lld", before[CLOCK_BOOTTIME]);
    execl(self, self, text, boottime, NULL);
    _exit(1);
  }
  reap("program", child);
  int entered = open("/proc/self/ns/time_for_children", O_RDONLY);
  SHOW(setns(entered, CLONE_NEWTIME));
  show_ahead("entered");
  child = vfork();
  if (child == 0) {
    _exit((int)((seconds_of(CLOCK_MONOTONIC) - before[CLOCK_MONOTONIC]) / 1000));
  }
  reap("vfork", child);
}

int main(int count, char **words) {
  self = words[0];
  if (count > 2) {
    before[CLOCK_MONOTONIC] = atoll(words[1]);
    before[CLOCK_BOOTTIME] = atoll(words[2]);
    say("program: %lld %lld", (seconds_of(CLOCK_MONOTONIC) - before[CLOCK_MONOTONIC]) / 1000,
        (seconds_of(CLOCK_BOOTTIME) - before[CLOCK_BOOTTIME]) / 1000);
    return 0;
  }
  in_child("refused", refused);
  in_child("ahead", ahead_of_time);
  return 0;
}
