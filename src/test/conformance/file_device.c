// Device nodes: who may make them, what they are, and what opening one means where there is such a device or none.
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "check.h"

static void show_node(const char *name, int type, unsigned major, unsigned minor) {
  say("%s", name);
  SHOW(mknod(name, (mode_t)type | 0640, makedev(major, minor)));
  struct stat now;
  need(lstat(name, &now) == 0, name);
  say(" mode %o device %u:%u size %ld", now.st_mode, major(now.st_rdev), minor(now.st_rdev), (long)now.st_size);
  SHOW(mknod(name, (mode_t)type | 0640, makedev(major, minor)));
  int fd = open(name, O_RDWR | O_NONBLOCK);
  say(" opened: %s", fd < 0 ? error_name(errno) : "yes");
  SHOW(open(name, O_PATH) >= 0);
  SHOW(truncate(name, 0));
  if (fd >= 0) {
    char bytes[4] = "zzzz";
    SHOW(write(fd, bytes, 4));
    SHOW(read(fd, bytes, 4));
    need(fstat(fd, &now) == 0, "fstat");
    say(" opened is %u:%u", major(now.st_rdev), minor(now.st_rdev));
    close(fd);
  }
}

static void ordinary(void) {
  need(setgid(1000) == 0 && setuid(1000) == 0, "setuid");
  SHOW(mknod("all/null", S_IFCHR | 0666, makedev(1, 3)));
  SHOW(mknod("all/block", S_IFBLK | 0666, makedev(240, 3)));
  SHOW(mknod("all/white", S_IFCHR | 0666, makedev(0, 0)));
  SHOW(mknod("all/fifo", S_IFIFO | 0666, 0));
  SHOW(open("null", O_RDWR));
}

static void nested(void) {
  need(unshare(CLONE_NEWUSER) == 0, "unshare");
  SHOW(mknod("all/nested", S_IFCHR | 0666, makedev(1, 3)));
}

int main(void) {
  mkdir("m", 0755);
  need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0, "unshare");
  need(mount("none", "m", "tmpfs", 0, "mode=755") == 0 && chdir("m") == 0, "mount");
  mkdir("all", 0777);
  chmod("all", 0777);
  show_node("null", S_IFCHR, 1, 3);
  show_node("zero", S_IFCHR, 1, 5);
  show_node("full", S_IFCHR, 1, 7);
  show_node("nobody", S_IFCHR, 240, 7);
  show_node("block", S_IFBLK, 240, 7);
  show_node("great", S_IFCHR, 4000, 0xfffff);
  SHOW(rename("null", "other"));
  SHOW(link("other", "null"));
  SHOW(chmod("other", 0600));
  int fd = open("null", O_WRONLY);
  SHOW(write(fd, "text", 4));
  close(fd);
  need(chdir("..") == 0, "chdir");
  need(mount(NULL, "m", NULL, MS_REMOUNT | MS_BIND | MS_NODEV, NULL) == 0, "remount");
  SHOW(open("m/null", O_WRONLY));
  SHOW(open("m/block", O_RDONLY));
  SHOW(mknod("m/more", S_IFCHR | 0600, makedev(1, 3)));
  need(chdir("m") == 0, "chdir");
  in_child("ordinary", ordinary);
  in_child("nested", nested);
  return 0;
}
