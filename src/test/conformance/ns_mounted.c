// Namespaces that are mounted on files: kept without a task, entered again, shown, and what cannot be mounted so.
#include "mount_tree.h"

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

static uint64_t number_of(const char *path) {
  struct stat status;
  need(stat(path, &status) == 0, path);
  return status.st_ino;
}

static void kept(void) {
  make_tree();
  touch("uts");
  touch("net");
  mkdir("directory", 0755);
  uint64_t mine = number_of("/proc/self/ns/uts");
  int own = open("/proc/self/ns/uts", O_RDONLY);
  pid_t child = fork();
  if (child == 0) {
    need(unshare(CLONE_NEWUTS) == 0 && sethostname("kept", 4) == 0, "unshare");
    pause();
  }
  char path[64];
  sprintf(path, "/proc/%d/ns/uts", child);
  while (number_of(path) == mine) {
    sched_yield();
  }
  for (char name[65] = ""; strcmp(name, "kept") != 0;) {
    int other = open(path, O_RDONLY);
    need(setns(other, CLONE_NEWUTS) == 0, "setns");
    close(other);
    gethostname(name, sizeof name);
  }
  SHOW(mount(path, "directory", NULL, MS_BIND, NULL));
  SHOW(mount(path, "uts", NULL, MS_BIND, NULL));
  uint64_t its = number_of(path);
  kill(child, SIGKILL);
  reap("the child", child);
  CHECK(number_of("uts") == its && its != mine);
  need(setns(own, 0) == 0, "back");
  struct utsname names;
  uname(&names);
  CHECK(strcmp(names.nodename, "kept") != 0);
  int fd = open("uts", O_RDONLY);
  SHOW(open("uts", O_RDWR));
  SHOW(open("uts", O_WRONLY | O_TRUNC));
  SHOW(ioctl(fd, NS_GET_NSTYPE));
  SHOW(setns(fd, CLONE_NEWNET));
  SHOW(setns(fd, CLONE_NEWUTS));
  uname(&names);
  say("%s", names.nodename);
  char link[256] = "";
  sprintf(path, "/proc/self/fd/%d", fd);
  need(readlink(path, link, sizeof link - 1) > 0, "readlink");
  say("%s", link);
  struct statfs system;
  SHOW(statfs("uts", &system));
  say("type %lx", (long)system.f_type);
  FILE *file = fopen("/proc/self/mountinfo", "r");
  char line[1024], root[256], place[256];
  while (fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "%*d %*d %*s %255s %255s", root, place) == 2 && strstr(place, "/uts") != NULL) {
      char *end = strstr(line, " - ");
      say("%.5s... on %s%s", root, place, end);
      CHECK(strtoull(root + 5, NULL, 10) == its);
    }
  }
  fclose(file);
  SHOW(mount("uts", "net", NULL, MS_BIND, NULL));
  CHECK(number_of("net") == its);
  SHOW(umount("uts"));
  close(fd);
  SHOW(umount("uts"));
  SHOW(umount("uts"));
  SHOW(umount("net"));
}

static void refused(void) {
  make_tree();
  touch("file");
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  char path[64];
  sprintf(path, "/proc/self/fd/%d", ends[0]);
  SHOW(mount(path, "file", NULL, MS_BIND, NULL));
  SHOW(mount("/proc/self/ns/mnt", "file", NULL, MS_BIND, NULL));
  SHOW(mount("/proc/self/ns/user", "file", NULL, MS_BIND, NULL));
  int fd = open("file", O_RDONLY);
  SHOW(ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWUSER);
}

int main(void) {
  run("kept", kept);
  run("refused", refused);
  return 0;
}
