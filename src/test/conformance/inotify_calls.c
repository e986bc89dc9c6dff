// inotify(7): the calls' arguments and errors, reading, waiting, merging, limits.
#include "inotify_events.h"
#include <poll.h>
#include <sys/epoll.h>

static void arguments(void) {
  SHOW(inotify_init1(1));
  SHOW(inotify_init1(IN_CLOEXEC | IN_NONBLOCK | O_APPEND));
  int fd = inotify_init();
  need(fd >= 0, "inotify_init");
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL));
  close(fd);
  fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL));
  make_file("f", "f");
  mkdir("d", 0755);
  symlink("f", "s");
  SHOW(inotify_add_watch(-1, "f", IN_OPEN));
  SHOW(inotify_add_watch(-1, "f", 0));
  SHOW(inotify_add_watch(fd, "f", 0));
  SHOW(inotify_add_watch(fd, "f", 0x10000));
  SHOW(inotify_add_watch(fd, "none", IN_OPEN));
  SHOW(inotify_add_watch(fd, "", IN_OPEN));
  SHOW(inotify_add_watch(fd, NULL, IN_OPEN));
  SHOW(inotify_add_watch(0, "f", IN_OPEN));
  SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_ONLYDIR));
  SHOW(inotify_add_watch(fd, "f/x", IN_OPEN));
  SHOW(inotify_add_watch(fd, "f", IN_ONESHOT));
  SHOW(inotify_add_watch(fd, "f", IN_OPEN | IN_MASK_CREATE));
  SHOW(inotify_add_watch(fd, "d", IN_OPEN | IN_MASK_CREATE));
  SHOW(inotify_add_watch(fd, "d", IN_OPEN | IN_ONLYDIR));
  SHOW(inotify_add_watch(fd, "s", IN_OPEN));
  SHOW(inotify_add_watch(fd, "s", IN_OPEN | IN_DONT_FOLLOW));
  SHOW(inotify_rm_watch(fd, 2));
  SHOW(inotify_rm_watch(fd, 2));
  SHOW(inotify_rm_watch(fd, -1));
  SHOW(inotify_rm_watch(0, 1));
  SHOW(inotify_rm_watch(99, 1));
  SHOW(inotify_add_watch(fd, "d", IN_OPEN));
  drain(fd, "watch removed");
  char byte;
  SHOW(write(fd, &byte, 1));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(pread(fd, &byte, 1, 0));
  struct stat status;
  SHOW(fstat(fd, &status));
  say("mode %o", status.st_mode);
  char link[64] = "";
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  SHOW(readlink(name, link, sizeof link - 1));
  say("%s", link);
  close(fd);
}

static void masks(void) {
  int fd = inotify_init1(IN_NONBLOCK);
  SHOW(inotify_add_watch(fd, "f", IN_OPEN));
  SHOW(inotify_add_watch(fd, "f", IN_ATTRIB | IN_MASK_ADD));
  close(open("f", O_RDONLY));
  chmod("f", 0600);
  drain(fd, "mask added");
  SHOW(inotify_add_watch(fd, "f", IN_CLOSE));
  close(open("f", O_RDONLY));
  chmod("f", 0600);
  drain(fd, "mask replaced");
  SHOW(inotify_add_watch(fd, "f", IN_ALL_EVENTS | IN_ONESHOT));
  close(open("f", O_RDONLY));
  drain(fd, "once");
  SHOW(inotify_add_watch(fd, "f", IN_OPEN));
  chmod("f", 0000);
  drain(fd, "nothing");
  close(fd);
}

static void not_permitted(void) {
  become_ordinary();
  int fd = inotify_init1(IN_NONBLOCK);
  SHOW(inotify_add_watch(fd, "f", IN_OPEN));
  SHOW(inotify_add_watch(fd, "d", IN_OPEN));
}

static void reading(void) {
  int fd = inotify_init1(IN_NONBLOCK);
  char buffer[512];
  inotify_add_watch(fd, "d", IN_CREATE | IN_DELETE);
  SHOW(read(fd, buffer, 1));
  SHOW(read(fd, buffer, sizeof buffer));
  SHOW(close(open("d/fifteen-letters", O_CREAT | O_WRONLY, 0600)));
  SHOW(close(open("d/x", O_CREAT | O_WRONLY, 0600)));
  int there = -1;
  SHOW(ioctl(fd, FIONREAD, &there));
  say("there %d", there);
  SHOW(ioctl(fd, FIONREAD, bad_pointer()));
  SHOW(ioctl(fd, FIONBIO + 1000, &there));
  SHOW(read(fd, buffer, 0));
  SHOW(read(fd, buffer, 16));
  SHOW(read(fd, buffer, 47));
  SHOW(read(fd, buffer, 50));
  SHOW(ioctl(fd, FIONREAD, &there));
  say("there %d", there);
  SHOW(read(fd, bad_pointer(), 64));
  SHOW(unlink("d/x"));
  SHOW(read(fd, bad_pointer(), 64));
  make_file("d/x", "x");
  SHOW(read(fd, buffer, sizeof buffer));
  SHOW(ioctl(fd, FIONREAD, &there));
  say("there %d", there);
  SHOW(unlink("d/x"));
  SHOW(unlink("d/fifteen-letters"));
  SHOW(read(fd, buffer, sizeof buffer));
  close(fd);
}

static void merging(void) {
  int fd = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(fd, "d", IN_ALL_EVENTS);
  int a = open("d/a", O_CREAT | O_RDWR, 0600);
  int b = open("d/b", O_CREAT | O_RDWR, 0600);
  drain(fd, "opened");
  for (int i = 0; i < 3; i++) {
    need(write(a, "x", 1) == 1, "write");
  }
  need(write(b, "x", 1) == 1 && write(a, "x", 1) == 1, "write");
  fchmod(a, 0600);
  fchmod(a, 0600);
  drain(fd, "merged");
  close(a);
  close(b);
  unlink("d/a");
  unlink("d/b");
  int first = inotify_add_watch(fd, "f", IN_OPEN);
  inotify_rm_watch(fd, first);
  int second = inotify_add_watch(fd, "f", IN_OPEN);
  inotify_rm_watch(fd, second);
  say("watches %d %d", first, second);
  drain(fd, "never merged");
  close(fd);
}

static void *opener(void *argument) {
  (void)argument;
  sleep_ms(50);
  close(open("d/y", O_CREAT | O_WRONLY, 0600));
  return NULL;
}

static void waiting(void) {
  int fd = inotify_init();
  inotify_add_watch(fd, "d", IN_CREATE);
  struct pollfd one = {fd, POLLIN | POLLOUT, 0};
  SHOW(poll(&one, 1, 0));
  int epoll = epoll_create1(0);
  struct epoll_event wanted = {EPOLLIN | EPOLLET, {.u32 = 5}};
  SHOW(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &wanted));
  pid_t child = fork();
  if (child == 0) {
    opener(NULL);
    _exit(0);
  }
  char buffer[512];
  SHOW(read(fd, buffer, sizeof buffer));
  reap("child", child);
  SHOW(unlink("d/y"));
  child = fork();
  if (child == 0) {
    opener(NULL);
    _exit(0);
  }
  SHOW(poll(&one, 1, 2000));
  say("events %#x", one.revents);
  struct epoll_event got;
  SHOW(epoll_wait(epoll, &got, 1, 1000));
  say("events %#x", got.events);
  SHOW(epoll_wait(epoll, &got, 1, 0));
  reap("child", child);
  SHOW(fcntl(fd, F_SETFL, O_NONBLOCK));
  drain(fd, "created");
  SHOW(poll(&one, 1, 0));
  SHOW(unlink("d/y"));
  close(fd);
}

static void overflow(void) {
  int limit = 0;
  FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  need(file != NULL && fscanf(file, "%d", &limit) == 1, "the limit");
  fclose(file);
  int fd = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(fd, "f", IN_ATTRIB);
  inotify_add_watch(fd, "s", IN_ATTRIB | IN_DONT_FOLLOW);
  struct timespec times[2] = {{1, 0}, {2, 0}};
  for (int i = 0; i < limit; i++) {
    utimensat(AT_FDCWD, i % 2 == 0 ? "f" : "s", times, AT_SYMLINK_NOFOLLOW);
  }
  int there = 0;
  ioctl(fd, FIONREAD, &there);
  say("at the limit: %s", there == limit * 16 ? "yes" : "no");
  for (int i = 0; i < 5; i++) {
    utimensat(AT_FDCWD, i % 2 == 0 ? "f" : "s", times, AT_SYMLINK_NOFOLLOW);
  }
  ioctl(fd, FIONREAD, &there);
  say("beyond the limit: %d more", there / 16 - limit);
  struct inotify_event event;
  long count = 0;
  while (read(fd, &event, sizeof event) == sizeof event) {
    count++;
  }
  char mask[64];
  append_mask(mask, sizeof mask, event.mask);
  say("%ld beyond, last wd %d%s", count - limit, event.wd, mask);
  close(fd);
}

static void details(void) {
  int fd = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(fd, "d", IN_CREATE | IN_EXCL_UNLINK);
  inotify_add_watch(fd, "f", IN_OPEN | IN_ONESHOT);
  inotify_add_watch(fd, "s", IN_ALL_EVENTS | IN_DONT_FOLLOW);
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
  FILE *file = fopen(name, "r");
  need(file != NULL, name);
  char line[256];
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned wd, device, mask, ignored;
    unsigned long inode;
    if (sscanf(line, "inotify wd:%x ino:%lx sdev:%x mask:%x ignored_mask:%x", &wd, &inode, &device,
               &mask, &ignored) == 5) {
      say("wd %u mask %#x ignored %#x", wd, mask, ignored);
    }
  }
  fclose(file);
  close(fd);
}

int main(void) {
  arguments();
  masks();
  chmod(".", 0755);
  in_child_piped("ordinary user", not_permitted);
  chmod("f", 0644);
  reading();
  merging();
  waiting();
  overflow();
  details();
  return 0;
}
