// What becomes of set-ID bits when a file's content changes: they stay if who writes has CAP_FSETID.
#include "check.h"
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define NAME "file"

static mode_t first;

static void show_mode(const char *what) {
  struct stat status;
  need(stat(NAME, &status) == 0, NAME);
  say("%o %s: %o", first, what, (unsigned)status.st_mode & 07777);
}

static int fresh(mode_t mode) {
  unlink(NAME);
  int fd = open(NAME, O_RDWR | O_CREAT, 0600);
  need(fd >= 0 && write(fd, "content", 7) == 7 && fchmod(fd, mode) == 0, NAME);
  first = mode;
  return fd;
}

static void changes(mode_t mode) {
  int fd = fresh(mode);
  need(write(fd, "x", 1) == 1, "write");
  show_mode("write");
  need(write(fd, "x", 1) == 1, "write");
  show_mode("another write");
  close(fd);
  fd = fresh(mode);
  need(pwrite(fd, "x", 1, 100) == 1, "pwrite");
  show_mode("pwrite");
  close(fd);
  fd = fresh(mode);
  need(ftruncate(fd, 3) == 0, "ftruncate");
  show_mode("ftruncate");
  close(fd);
  fd = fresh(mode);
  need(truncate(NAME, 3) == 0, "truncate");
  show_mode("truncate");
  close(fd);
  close(fresh(mode));
  fd = open(NAME, O_WRONLY | O_TRUNC);
  show_mode("O_TRUNC");
  close(fd);
  close(fresh(mode));
  fd = open(NAME, O_WRONLY | O_APPEND);
  need(write(fd, "x", 1) == 1, "write");
  show_mode("append");
  close(fd);
  fd = fresh(mode);
  need(write(fd, "", 0) == 0, "write");
  show_mode("nothing written");
  need(fchown(fd, 0, 0) == 0, "fchown");
  show_mode("fchown");
  need(write(fd, "x", 1) == 1, "write");
  show_mode("write after it");
  need(fchmod(fd, mode) == 0, "fchmod");
  show_mode("fchmod");
  need(write(fd, "x", 1) == 1, "write");
  show_mode("write after it");
  close(fd);
}

static void without_capability(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  need(syscall(SYS_capget, &header, data) == 0, "capget");
  data[0].effective &= ~(1U << CAP_FSETID);
  need(syscall(SYS_capset, &header, data) == 0, "capset");
  say("without CAP_FSETID");
  changes(06755);
  changes(04644);
}

int main(void) {
  umask(0);
  changes(04755);
  changes(02755);
  changes(06755);
  changes(0644);
  without_capability();
  unlink(NAME);
  return 0;
}
