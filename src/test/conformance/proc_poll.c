// Files of /proc that can be waited for: which they are, changes of mounts and of the host's name.
#include "mount_tree.h"

#include <poll.h>
#include <sys/epoll.h>

static void show_poll(const char *what, int fd) {
  struct pollfd one = {fd, POLLIN | POLLOUT | POLLPRI, 0};
  int count = poll(&one, 1, 0);
  say("%s: %d, %#x", what, count, one.revents);
}

static void kinds(void) {
  static const char *const names[] = {"mounts",   "self/mounts",  "self/mountinfo", "self/mountstats", "uptime",      "stat",
                                      "meminfo",  "self/stat",    "self/status",    "self/maps",       "self/comm",   "self/uid_map",
                                      "swaps",    "self/net/tcp", "sysvipc/msg",    "tty/drivers",     "self/ns/mnt", "self/attr/current",
                                      "self/fd",  "sys",          "sys/kernel/hostname", "sys/kernel/pid_max", "sys/kernel/ostype"};
  int set = epoll_create1(0);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[64];
    sprintf(path, "/proc/%s", names[i]);
    int fd = open(path, O_RDONLY);
    if (fd < 0) {
      say("%s: %s", path, error_name(errno));
      continue;
    }
    struct epoll_event event = {.events = EPOLLIN};
    int result = epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
    say("%s: %s", path, result == 0 ? "can be waited for" : error_name(errno));
    show_poll(path, fd);
    close(fd);
  }
  close(set);
}

static void mounts(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("b", 0755);
  int table = open("/proc/self/mounts", O_RDONLY);
  int details = open("/proc/self/mountinfo", O_RDONLY);
  show_poll("opened", table);
  need(mount("x", "a", "tmpfs", 0, NULL) == 0, "mount");
  show_poll("mounted", table);
  show_poll("again", table);
  show_poll("the other", details);
  need(mount("a", "b", NULL, MS_BIND, NULL) == 0, "bind");
  show_poll("bound", table);
  need(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "remount");
  show_poll("read-only", table);
  need(umount("b") == 0, "umount");
  show_poll("unmounted", table);
  need(mount("a", "b", NULL, MS_MOVE, NULL) == 0, "move");
  show_poll("moved", table);
  int set = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLPRI};
  need(epoll_ctl(set, EPOLL_CTL_ADD, details, &event) == 0, "add");
  SHOW(epoll_wait(set, &event, 1, 0));
  SHOW(epoll_wait(set, &event, 1, 0));
  pid_t child = fork();
  if (child == 0) {
    await_sleep(getppid());
    need(mount("x", "a", "tmpfs", 0, NULL) == 0, "mount");
    _exit(0);
  }
  SHOW(epoll_wait(set, &event, 1, -1));
  say("events %#x", event.events);
  reap("mounter", child);
  need(unshare(CLONE_NEWNS) == 0, "unshare");
  SHOW(epoll_wait(set, &event, 1, 0));
  need(umount("a") == 0, "umount");
  // The file tells of the namespace that it was opened in.
  SHOW(epoll_wait(set, &event, 1, 0));
}

static void names(void) {
  need(unshare(CLONE_NEWUTS) == 0, "unshare");
  int host = open("/proc/sys/kernel/hostname", O_RDONLY);
  int domain = open("/proc/sys/kernel/domainname", O_RDONLY);
  show_poll("host", host);
  need(sethostname("changed", 7) == 0, "sethostname");
  show_poll("host, changed", host);
  show_poll("host, again", host);
  show_poll("domain", domain);
  int fd = open("/proc/sys/kernel/domainname", O_WRONLY);
  need(write(fd, "other", 5) == 5, "write");
  show_poll("domain, written", domain);
}

int main(void) {
  kinds();
  in_child("mounts", mounts);
  in_child("names", names);
  return 0;
}
