// The flags that chattr sets on files in memory: who may set which, how they are told, and what they forbid.
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#include "check.h"

static char base[64];

static int getattr(const char *path, void *attributes, size_t size, unsigned flags) {
  return (int)syscall(468, AT_FDCWD, path, attributes, size, flags);
}

static int setattr(const char *path, const void *attributes, size_t size, unsigned flags) {
  return (int)syscall(469, AT_FDCWD, path, attributes, size, flags);
}

static int flags_of(const char *path) {
  int fd = open(path, O_RDONLY | O_NONBLOCK), flags = -1;
  need(fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0, path);
  close(fd);
  return flags;
}

static void set(const char *path, int flags) {
  int fd = open(path, O_RDONLY);
  need(fd >= 0 && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0, path);
  close(fd);
}

static void show_attributes(const char *path) {
  struct statx now;
  need(statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, &now) == 0, path);
  say("%s: %#llx of %#llx", path, (unsigned long long)now.stx_attributes & 0x70,
      (unsigned long long)now.stx_attributes_mask & 0x70);
}

static void every_flag(void) {
  int fd = open("f", O_RDWR);
  for (unsigned bit = 1; bit != 0; bit <<= 1) {
    int flags = (int)bit, now = -1;
    int result = ioctl(fd, FS_IOC_SETFLAGS, &flags);
    const char *error = result < 0 ? error_name(errno) : "0";
    ioctl(fd, FS_IOC_GETFLAGS, &now);
    say("flag %#x: %s, now %#x", bit, error, (unsigned)now);
  }
  for (unsigned bit = 1; bit != 0; bit <<= 1) {
    struct fsxattr attributes = {.fsx_xflags = bit};
    int result = ioctl(fd, FS_IOC_FSSETXATTR, &attributes);
    const char *error = result < 0 ? error_name(errno) : "0";
    ioctl(fd, FS_IOC_FSGETXATTR, &attributes);
    say("attribute %#x: %s, now %#x", bit, error, attributes.fsx_xflags);
  }
  for (uint64_t bit = 1; bit < 1ULL << 40; bit <<= 1) {
    uint64_t attributes[3] = {bit, 0, 0};
    int result = setattr("f", attributes, 24, 0);
    const char *error = result < 0 ? error_name(errno) : "0";
    getattr("f", attributes, 24, 0);
    say("file_setattr %#lx: %s, now %#lx", (long)bit, error, (long)attributes[0]);
  }
  struct fsxattr sized = {.fsx_extsize = PAGE};
  SHOW(ioctl(fd, FS_IOC_FSSETXATTR, &sized));
  sized = (struct fsxattr){.fsx_projid = 3};
  SHOW(ioctl(fd, FS_IOC_FSSETXATTR, &sized));
  sized = (struct fsxattr){.fsx_nextents = 3};
  SHOW(ioctl(fd, FS_IOC_FSSETXATTR, &sized));
  SHOW(ioctl(fd, FS_IOC_GETFLAGS, bad_pointer()));
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, bad_pointer()));
  SHOW(ioctl(fd, FS_IOC_FSGETXATTR, bad_pointer()));
  close(fd);
  set("f", 0);
  int none = 0;
  fd = open("p", O_RDWR);
  SHOW(ioctl(fd, FS_IOC_GETFLAGS, &none));
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &none));
  close(fd);
  fd = memfd_create("memory", 0);
  none = FS_NODUMP_FL;
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &none));
  SHOW(ioctl(fd, FS_IOC_GETFLAGS, &none));
  say("%#x", (unsigned)none);
  close(fd);
}

static void by_path(void) {
  uint64_t attributes[5] = {1, 1, 1, 7, 7};
  for (size_t size = 8; size <= 40; size += 8) {
    SHOW(getattr("f", attributes, size, 0));
  }
  say("%ld %ld", (long)attributes[3], (long)attributes[4]);
  SHOW(getattr("f", attributes, 5000, 0));
  SHOW(getattr("p", attributes, 24, 0));
  SHOW(getattr("f", attributes, 24, 1));
  SHOW(getattr("", attributes, 24, 0));
  SHOW(getattr("", attributes, 24, AT_EMPTY_PATH));
  SHOW(getattr("none", attributes, 24, 0));
  SHOW(getattr("link", attributes, 24, 0));
  SHOW(getattr("link", attributes, 24, AT_SYMLINK_NOFOLLOW));
  SHOW(getattr("f", bad_pointer(), 24, 0));
  memset(attributes, 0, sizeof attributes);
  SHOW(setattr("f", attributes, 16, 0));
  SHOW(setattr("f", attributes, 32, 0));
  attributes[3] = 1;
  SHOW(setattr("f", attributes, 32, 0));
  SHOW(setattr("p", attributes, 24, 0));
  SHOW(setattr("f", bad_pointer(), 24, 0));
  attributes[0] = FS_XFLAG_NODUMP;
  SHOW(setattr("link", attributes, 24, 0));
  say("%#x", (unsigned)flags_of("f"));
  set("f", 0);
}

// What is done to a file and a directory with the same flags.
static void forbidden(const char *what, int flags) {
  say("%s", what);
  int before = open("f", O_RDWR);
  int appending = open("f", O_RDWR | O_APPEND);
  set("f", flags);
  set("d", flags);
  show_attributes("f");
  show_attributes("d");
  const char *names[] = {"f", "d"};
  for (int i = 0; i < 2; i++) {
    const char *name = names[i];
    say("%s", name);
    SHOW(chmod(name, 0755));
    SHOW(chown(name, 0, 0));
    struct timespec times[2] = {{1, 0}, {1, 0}};
    SHOW(utimensat(AT_FDCWD, name, times, 0));
    SHOW(utimensat(AT_FDCWD, name, NULL, 0));
    SHOW(setxattr(name, "trusted.name", "value", 5, 0));
    SHOW(removexattr(name, "trusted.other"));
    SHOW(rename(name, "other"));
    SHOW(access(name, W_OK));
  }
  SHOW(unlink("f"));
  SHOW(link("f", "second"));
  SHOW(rename("plain", "f"));
  SHOW(truncate("f", 1));
  SHOW(open("f", O_WRONLY) >= 0);
  SHOW(open("f", O_WRONLY | O_TRUNC) >= 0);
  SHOW(open("f", O_RDONLY | O_TRUNC) >= 0);
  SHOW(open("f", O_RDONLY) >= 0);
  SHOW(open("f", O_WRONLY | O_APPEND) >= 0);
  SHOW(write(before, "x", 1));
  SHOW(ftruncate(before, 2));
  SHOW(fallocate(before, 0, 0, 10));
  SHOW(fallocate(before, FALLOC_FL_KEEP_SIZE, 0, 20));
  SHOW(fallocate(before, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1));
  SHOW(fcntl(before, F_SETFL, O_APPEND));
  SHOW(fcntl(appending, F_SETFL, O_APPEND | O_NONBLOCK));
  SHOW(fcntl(appending, F_SETFL, 0));
  SHOW(fchmod(before, 0600));
  SHOW(open("d/new", O_WRONLY | O_CREAT, 0600) >= 0);
  SHOW(open("d/old", O_WRONLY) >= 0);
  SHOW(mkdir("d/directory", 0700));
  SHOW(rename("plain", "d/moved"));
  SHOW(unlink("d/old"));
  SHOW(rmdir("d"));
  SHOW(open("d", O_RDWR | O_TMPFILE, 0600) >= 0);
  SHOW(rename("d/old", "d/renamed"));
  set("f", 0);
  set("d", 0);
  rename("d/moved", "plain");
  unlink("d/new");
  rmdir("d/directory");
  close(before);
  close(appending);
}

static void inherited(void) {
  set("d", FS_NODUMP_FL | FS_NOATIME_FL);
  make_file("d/made", "text");
  mkdir("d/below", 0700);
  mkdir("d/below/deeper", 0700);
  say("%#x %#x %#x", (unsigned)flags_of("d/made"), (unsigned)flags_of("d/below"), (unsigned)flags_of("d/below/deeper"));
  link("plain", "d/linked");
  say("%#x", (unsigned)flags_of("d/linked"));
  struct timespec times[2] = {{1, 0}, {1000, 0}};
  utimensat(AT_FDCWD, "d/made", times, 0);
  char byte;
  int fd = open("d/made", O_RDONLY);
  need(read(fd, &byte, 1) == 1, "read");
  struct stat now;
  fstat(fd, &now);
  say("read at %ld", (long)now.st_atime);
  close(fd);
  set("d/made", 0);
  fd = open("d/made", O_RDONLY);
  need(read(fd, &byte, 1) == 1, "read");
  fstat(fd, &now);
  say("read later %d", now.st_atime > 1000);
  close(fd);
  set("d", 0);
}

static void ordinary(void) {
  int fd = open("own", O_RDWR | O_CREAT, 0600);
  need(fd >= 0 && fchown(fd, 1000, 1000) == 0 && chmod(base, 0777) == 0, "a file");
  int theirs = open("f", O_RDONLY);
  need(setgid(1000) == 0 && setuid(1000) == 0, "setuid");
  int flags = FS_IMMUTABLE_FL;
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &flags));
  flags = FS_APPEND_FL;
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &flags));
  flags = FS_NODUMP_FL;
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &flags));
  SHOW(ioctl(theirs, FS_IOC_SETFLAGS, &flags));
  SHOW(ioctl(theirs, FS_IOC_GETFLAGS, &flags));
  flags = 1;
  SHOW(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static void in_overlay(void) {
  need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0, "unshare");
  mkdir("layers", 0755);
  need(mount("none", "layers", "tmpfs", 0, NULL) == 0 && chdir("layers") == 0, "tmpfs");
  mkdir("lower", 0755);
  mkdir("upper", 0755);
  mkdir("work", 0755);
  mkdir("all", 0755);
  make_file("lower/f", "text");
  make_file("lower/kept", "text");
  mkdir("lower/d", 0755);
  set("lower/kept", FS_NODUMP_FL);
  need(mount("none", "all", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work") == 0, "overlay");
  need(chdir("all") == 0, "chdir");
  say("%#x %#x", (unsigned)flags_of("f"), (unsigned)flags_of("kept"));
  set("f", FS_IMMUTABLE_FL);
  set("d", FS_APPEND_FL);
  say("%#x %#x", (unsigned)flags_of("f"), (unsigned)flags_of("d"));
  show_attributes("f");
  SHOW(open("f", O_WRONLY));
  SHOW(chmod("f", 0600));
  SHOW(unlink("f"));
  SHOW(rename("f", "g"));
  SHOW(open("d/made", O_WRONLY | O_CREAT, 0600) >= 0);
  SHOW(unlink("d/made"));
  SHOW(rmdir("d"));
  set("f", 0);
  set("d", 0);
  SHOW(unlink("f"));
  SHOW(unlink("d/made"));
  SHOW(rmdir("d"));
}

int main(void) {
  snprintf(base, sizeof base, "/dev/shm/flags.%d", getpid());
  need(mkdir(base, 0755) == 0 && chdir(base) == 0, base);
  make_file("f", "text");
  make_file("plain", "text");
  mkdir("d", 0755);
  make_file("d/old", "text");
  mkfifo("p", 0600);
  need(symlink("f", "link") == 0, "symlink");
  every_flag();
  by_path();
  forbidden("immutable", FS_IMMUTABLE_FL);
  forbidden("append only", FS_APPEND_FL);
  inherited();
  in_child("overlay", in_overlay);
  in_child("ordinary", ordinary);
  need(chdir("/") == 0, "chdir");
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", base);
  return system(command) != 0;
}
