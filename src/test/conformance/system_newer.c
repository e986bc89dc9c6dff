// Smaller calls: how much of a file is cached, memory of killed processes, home nodes, security modules, quotas,
// handles, types of file systems, the kernel's log.
#include "check.h"
#include <limits.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define SYS_cachestat_ 451
#define SYS_mrelease 448
#define SYS_home_node 450
#define SYS_shadow 453
#define SYS_lsm_get 459
#define SYS_lsm_set 460
#define SYS_lsm_list 461
#define SYS_quota_fd 443

static void cached(void) {
  uint64_t range[2] = {0, 0}, counts[5];
  int fd = open("data", O_CREAT | O_RDWR, 0644), ends[2];
  char page[PAGE] = {1};
  for (int i = 0; i < 4; i++) {
    need(write(fd, page, PAGE) == PAGE, "write");
  }
  SHOW(syscall(SYS_cachestat_, fd, range, counts, 0));
  CHECK(counts[0] == 4 && counts[3] == 0);
  range[0] = 2 * PAGE;
  range[1] = 1;
  SHOW(syscall(SYS_cachestat_, fd, range, counts, 0));
  say("cached %lu", (unsigned long)counts[0]);
  range[0] = 100 * PAGE;
  SHOW(syscall(SYS_cachestat_, fd, range, counts, 0));
  say("cached %lu", (unsigned long)counts[0]);
  SHOW(syscall(SYS_cachestat_, fd, range, counts, 1));
  SHOW(syscall(SYS_cachestat_, fd, bad_pointer(), counts, 0));
  SHOW(syscall(SYS_cachestat_, fd, range, bad_pointer(), 0));
  SHOW(syscall(SYS_cachestat_, 99, range, counts, 0));
  SHOW(syscall(SYS_cachestat_, open("data", O_PATH), range, counts, 0));
  need(pipe(ends) == 0, "pipe");
  range[0] = range[1] = 0;
  SHOW(syscall(SYS_cachestat_, ends[0], range, counts, 0));
  SHOW(syscall(SYS_cachestat_, open(".", O_RDONLY), range, counts, 0));
  int shared = memfd_create("x", 0);
  need(write(shared, page, PAGE) == PAGE, "write");
  SHOW(syscall(SYS_cachestat_, shared, range, counts, 0));
  say("cached %lu", (unsigned long)counts[0]);
}

static void killed(void) {
  pid_t child = fork();
  if (child == 0) {
    pause();
  }
  int fd = (int)syscall(SYS_pidfd_open, child, 0);
  SHOW(syscall(SYS_mrelease, fd, 0));
  SHOW(syscall(SYS_mrelease, fd, 1));
  SHOW(syscall(SYS_mrelease, 99, 0));
  SHOW(syscall(SYS_mrelease, 1, 0));
  kill(child, SIGKILL);
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
  SHOW(syscall(SYS_mrelease, fd, 0));
  reap("killed", child);
  SHOW(syscall(SYS_mrelease, fd, 0));
}

static void nodes(void) {
  char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(syscall(SYS_home_node, page, PAGE, 0L, 0L));
  SHOW(syscall(SYS_home_node, page, 0L, 0L, 0L));
  SHOW(syscall(SYS_home_node, page + 1, PAGE, 0L, 0L));
  SHOW(syscall(SYS_home_node, page, PAGE, 0L, 1L));
  SHOW(syscall(SYS_home_node, page, PAGE, 100000L, 0L));
  SHOW(syscall(SYS_home_node, page, LONG_MIN, 0L, 0L));
  SHOW(syscall(SYS_home_node, -PAGE, 2 * PAGE, 0L, 0L));
  SHOW(syscall(SYS_shadow, 0L, PAGE, 0));
}

static void modules(void) {
  uint64_t list[64] = {0};
  uint32_t size = 4;
  char context[64] = {0};
  SHOW(syscall(SYS_lsm_list, list, &size, 0));
  CHECK(size % 8 == 0 && size != 0);
  size = sizeof list;
  SHOW(syscall(SYS_lsm_list, list, &size, 1));
  SHOW(syscall(SYS_lsm_list, list, bad_pointer(), 0));
  CHECK(syscall(SYS_lsm_list, list, &size, 0) == size / 8);
  SHOW(syscall(SYS_lsm_list, bad_pointer(), &size, 0));
  SHOW(syscall(SYS_lsm_get, 0, context, &size, 0));
  SHOW(syscall(SYS_lsm_get, 100, context, NULL, 0));
  SHOW(syscall(SYS_lsm_get, 100, context, bad_pointer(), 0));
  SHOW(syscall(SYS_lsm_get, 103, context, &size, 1));
  SHOW(syscall(SYS_lsm_get, 103, context, &size, 2));
  SHOW(syscall(SYS_lsm_set, 100, context, 8, 0));
  SHOW(syscall(SYS_lsm_set, 100, context, 32, 1));
  SHOW(syscall(SYS_lsm_set, 100, bad_pointer(), 32, 0));
  SHOW(syscall(SYS_lsm_set, 100, context, 5000, 0));
  SHOW(syscall(SYS_lsm_set, 100, context, 64, 0));
}

static void quotas(void) {
  SHOW(syscall(SYS_quotactl, 0x80000300, NULL, 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x80000100, NULL, 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x80000700, NULL, 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x80000700, "none", 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x80000700, "data", 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x80000700, bad_pointer(), 0, NULL));
  SHOW(syscall(SYS_quotactl, 0x800007ff, "data", 0, NULL));
  SHOW(syscall(SYS_quota_fd, 99, 0x80000700, 0, NULL));
  SHOW(syscall(SYS_quota_fd, 1, 0x800007ff, 0, NULL));
}

static void handles(void) {
  struct {
    unsigned bytes;
    int type;
    char data[128];
  } handle = {.bytes = 128};
  int mount;
  int proc = open("/proc/self", O_RDONLY);
  SHOW(syscall(SYS_name_to_handle_at, proc, "status", &handle, &mount, 0));
  SHOW(syscall(SYS_name_to_handle_at, proc, "none", &handle, &mount, 0));
  SHOW(syscall(SYS_name_to_handle_at, 99, "none", &handle, &mount, 0));
  SHOW(syscall(SYS_name_to_handle_at, proc, "", &handle, &mount, 0));
  SHOW(syscall(SYS_name_to_handle_at, proc, "status", &handle, &mount, 0x8000));
  SHOW(syscall(SYS_name_to_handle_at, proc, bad_pointer(), &handle, &mount, 0));
  SHOW(syscall(SYS_open_by_handle_at, 99, &handle, 0));
  SHOW(syscall(SYS_open_by_handle_at, proc, bad_pointer(), 0));
  handle.bytes = 0;
  SHOW(syscall(SYS_open_by_handle_at, proc, &handle, 0));
  handle.bytes = 129;
  SHOW(syscall(SYS_open_by_handle_at, proc, &handle, 0));
  handle.bytes = 8;
  SHOW(syscall(SYS_open_by_handle_at, proc, &handle, 0));
}

static void types(void) {
  char name[64] = "";
  struct stat status;
  struct statfs system;
  char space[64];
  long count = syscall(SYS_sysfs, 3);
  long index = syscall(SYS_sysfs, 1, "tmpfs");
  CHECK(index >= 0 && index < count);
  SHOW(syscall(SYS_sysfs, 2, index, name));
  say("%s", name);
  SHOW(syscall(SYS_sysfs, 1, "none"));
  SHOW(syscall(SYS_sysfs, 1, bad_pointer()));
  SHOW(syscall(SYS_sysfs, 2, 100000, name));
  SHOW(syscall(SYS_sysfs, 2, index, bad_pointer()));
  SHOW(syscall(SYS_sysfs, 4));
  need(stat("/proc", &status) == 0 && statfs("/proc", &system) == 0, "/proc");
  SHOW(syscall(SYS_ustat, status.st_dev, space));
  say("free %d", *(int *)space);
  SHOW(syscall(SYS_ustat, makedev(250, 77), space));
  SHOW(syscall(SYS_ustat, status.st_dev, bad_pointer()));
}

static void kernel_log(void) {
  char line[16];
  SHOW(syscall(SYS_syslog, 1, NULL, 0));
  SHOW(syscall(SYS_syslog, 2, NULL, 1));
  SHOW(syscall(SYS_syslog, 2, line, -1));
  SHOW(syscall(SYS_syslog, 2, line, 0));
  SHOW(syscall(SYS_syslog, 3, NULL, 0));
  SHOW(syscall(SYS_syslog, 3, line, -1));
  SHOW(syscall(SYS_syslog, 3, line, 0));
  SHOW(syscall(SYS_syslog, 8, NULL, 9));
  SHOW(syscall(SYS_syslog, 8, NULL, 0));
  SHOW(syscall(SYS_syslog, 11, NULL, 0));
  CHECK(syscall(SYS_syslog, 10, NULL, 0) >= 4096);
  need(syscall(SYS_setresuid, 1000, 1000, 1000) == 0, "setresuid");
  SHOW(syscall(SYS_syslog, 3, line, 16));
  SHOW(syscall(SYS_syslog, 10, NULL, 0));
  SHOW(syscall(SYS_syslog, 5, NULL, 0));
  SHOW(syscall(SYS_open_by_handle_at, AT_FDCWD, "\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 0));
}

int main(void) {
  cached();
  killed();
  nodes();
  modules();
  quotas();
  handles();
  types();
  in_child("the log", kernel_log);
  return 0;
}
