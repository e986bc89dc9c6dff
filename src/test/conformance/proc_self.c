// /proc as programs read it: the process's own directory, its files' shapes, and what is refused.
#include "check.h"
#include <dirent.h>
#include <limits.h>

static char text[65536];

static ssize_t load(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    say("%s: %s", path, error_name(errno));
    return -1;
  }
  ssize_t total = 0;
  for (ssize_t count; (count = read(fd, text + total, sizeof text - 1 - (size_t)total)) > 0;) {
    total += count;
  }
  close(fd);
  text[total] = 0;
  return total;
}

static const char *value_of(const char *key) {
  static char value[128];
  snprintf(value, sizeof value, "\n%s:", key);
  char *found = strstr(text, value);
  if (found == NULL) {
    return "missing";
  }
  found = strchr(found, ':') + 1;
  while (*found == ' ' || *found == '\t') {
    found++;
  }
  snprintf(value, sizeof value, "%.*s", (int)strcspn(found, "\n"), found);
  return value;
}

static void status(void) {
  need(load("/proc/self/status") > 0, "status");
  CHECK(strncmp(text, "Name:\tproc_self\n", 16) == 0);
  CHECK(atoi(value_of("Pid")) == getpid() && atoi(value_of("Tgid")) == getpid());
  CHECK(atoi(value_of("PPid")) == getppid());
  say("Uid %s, Gid %s", value_of("Uid"), value_of("Gid"));
  say("State %s", value_of("State"));
  say("Threads %s", value_of("Threads"));
  CHECK(atol(value_of("VmRSS")) > 0 && atol(value_of("VmSize")) > 0);
  static const char *const keys[] = {"Umask",  "FDSize", "Groups",  "VmPeak",  "VmSize", "VmHWM",  "VmRSS",
                                     "VmData", "VmStk",  "VmExe",   "Threads", "SigQ",   "SigPnd", "ShdPnd",
                                     "SigBlk", "SigIgn", "SigCgt",  "CapInh",  "CapPrm", "CapEff", "CapBnd",
                                     "CapAmb", "NoNewPrivs", "Seccomp", "Cpus_allowed", "Cpus_allowed_list",
                                     "voluntary_ctxt_switches"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(value_of(keys[i]), "missing") == 0) {
      say("%s is missing", keys[i]);
    }
  }
  signal(SIGUSR1, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR2);
  umask(027);
  need(load("/proc/self/status") > 0, "status");
  say("blocked %s", value_of("SigBlk"));
  // Signals 32 and 33 are libc's own, and as whoever started the program had them.
  say("ignored %llx", strtoull(value_of("SigIgn"), NULL, 16) & ~0x180000000ULL);
  say("pending %s", value_of("SigPnd"));
  say("umask %s", value_of("Umask"));
}

static void stat_line(void) {
  need(load("/proc/self/stat") > 0, "stat");
  char *end = strrchr(text, ')');
  CHECK(atoi(text) == getpid() && strncmp(strchr(text, '('), "(proc_self)", 11) == 0);
  int fields = 2;
  int parent = 0;
  for (char *field = strtok(end + 1, " \n"); field != NULL; field = strtok(NULL, " \n")) {
    fields++;
    if (fields == 3) {
      say("state %s", field);
    } else if (fields == 4) {
      parent = atoi(field);
    } else if (fields == 20) {
      say("threads %s", field);
    }
  }
  CHECK(parent == getppid());
  say("fields %d", fields);
  need(load("/proc/self/statm") > 0, "statm");
  long numbers[7] = {0};
  say("statm: %d numbers", sscanf(text, "%ld %ld %ld %ld %ld %ld %ld", &numbers[0], &numbers[1], &numbers[2],
                                  &numbers[3], &numbers[4], &numbers[5], &numbers[6]));
  CHECK(numbers[0] >= numbers[1] && numbers[1] > 0);
}

static void links(void) {
  char target[PATH_MAX] = "";
  char cwd[PATH_MAX];
  SHOW(readlink("/proc/self/exe", target, sizeof target) > 0);
  CHECK(strcmp(strrchr(target, '/'), "/proc_self") == 0);
  memset(target, 0, sizeof target);
  SHOW(readlink("/proc/self/cwd", target, sizeof target) > 0);
  CHECK(getcwd(cwd, sizeof cwd) != NULL && strcmp(cwd, target) == 0);
  memset(target, 0, sizeof target);
  SHOW(readlink("/proc/self/root", target, sizeof target));
  say("%s", target);
  memset(target, 0, sizeof target);
  SHOW(readlink("/proc/self", target, sizeof target) > 0);
  CHECK(atoi(target) == getpid());
  SHOW(readlink("/proc/self/exe", target, 3));
  int fd = open("a file", O_RDWR | O_CREAT, 0644);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  memset(target, 0, sizeof target);
  SHOW(readlink(path, target, sizeof target) > 0);
  CHECK(strcmp(strrchr(target, '/'), "/a file") == 0);
  unlink("a file");
  memset(target, 0, sizeof target);
  SHOW(readlink(path, target, sizeof target) > 0);
  CHECK(strcmp(strrchr(target, '/'), "/a file (deleted)") == 0);
  struct stat status_;
  SHOW(stat(path, &status_));
  SHOW(lstat(path, &status_));
  say("mode %o, size %ld", status_.st_mode, (long)status_.st_size);
  close(fd);
  SHOW(readlink(path, target, sizeof target));
  SHOW(open("/proc/self/fd/99", O_RDONLY));
}

static void descriptors(void) {
  int fd = open("/dev/null", O_RDWR | O_APPEND | O_CLOEXEC);
  DIR *directory = opendir("/proc/self/fd");
  need(directory != NULL, "/proc/self/fd");
  bool found = false;
  bool digits = true;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] != '.') {
      digits = digits && strspn(entry->d_name, "0123456789") == strlen(entry->d_name);
      found = found || atoi(entry->d_name) == fd;
    }
  }
  closedir(directory);
  say("found %d, numbers only %d", found, digits);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  need(load(path) > 0, "fdinfo");
  say("%.*s", (int)strcspn(strstr(text, "flags:"), "\n"), strstr(text, "flags:"));
  CHECK(strncmp(text, "pos:\t0\n", 7) == 0);
}

static void arguments(void) {
  ssize_t length = load("/proc/self/cmdline");
  CHECK(length > 0 && text[length - 1] == 0 && strcmp(strrchr(text, '/'), "/proc_self") == 0);
  length = load("/proc/self/environ");
  CHECK(length > 0 && memmem(text, (size_t)length, "HOME=/", 7) != NULL);
  SHOW(load("/proc/self/comm"));
  say("%s", text);
}

static void refusals(void) {
  SHOW(open("/proc/self/status", O_WRONLY) < 0);
  SHOW(unlink("/proc/self/status"));
  SHOW(mkdir("/proc/new", 0755));
  SHOW(open("/proc/new", O_RDWR | O_CREAT, 0644));
  SHOW(open("/proc/999999999", O_RDONLY));
  SHOW(open("/proc/0", O_RDONLY));
  SHOW(open("/proc/01", O_RDONLY));
  SHOW(chdir("/proc/self/task"));
  char path[32];
  snprintf(path, sizeof path, "%d/stat", getpid());
  SHOW(access(path, R_OK));
  SHOW(chdir("/"));
}

static void of_a_zombie(void) {
  pid_t child = fork();
  if (child == 0) {
    _exit(0);
  }
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/status", child);
  need(load(path) > 0, "status");
  say("State %s", value_of("State"));
  CHECK(atoi(value_of("PPid")) == getpid());
  snprintf(path, sizeof path, "/proc/%d/cmdline", child);
  SHOW(load(path));
  snprintf(path, sizeof path, "/proc/%d/exe", child);
  char target[16];
  SHOW(readlink(path, target, sizeof target));
  reap("child", child);
  snprintf(path, sizeof path, "/proc/%d", child);
  SHOW(access(path, F_OK));
}

static void systems(void) {
  static const struct {
    const char *path;
    const char *content;
  } files[] = {{"/proc/meminfo", "MemTotal:"},   {"/proc/cpuinfo", "processor\t: 0"}, {"/proc/stat", "cpu "},
               {"/proc/uptime", "."},            {"/proc/loadavg", "/"},             {"/proc/version", "Linux version"},
               {"/proc/filesystems", "tmpfs"},   {"/proc/mounts", "proc"},           {"/proc/self/mountinfo", " - proc "},
               {"/proc/sys/kernel/ostype", "Linux"}, {"/proc/sys/kernel/pid_max", "\n"},
               {"/proc/self/limits", "Max open files"}, {"/proc/self/oom_score_adj", "\n"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    ssize_t length = load(files[i].path);
    say("%s: has it %d", files[i].path, length > 0 && strstr(text, files[i].content) != NULL);
  }
}

int main(void) {
  status();
  stat_line();
  links();
  descriptors();
  arguments();
  refusals();
  of_a_zombie();
  systems();
  return 0;
}
