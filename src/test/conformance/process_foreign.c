// What one process may do to another's memory and files: process_vm_readv, process_madvise, kcmp, pidfd_getfd.
#include "check.h"
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/uio.h>

static char data[3 * PAGE] __attribute__((aligned(4096))) = "first";
static pid_t child;
static int child_end;

static void start_child(void) {
  int ends[2];
  int ready[2];
  need(pipe(ends) == 0 && pipe(ready) == 0, "pipe");
  child = fork();
  if (child == 0) {
    close(ends[1]);
    strcpy(data, "child");
    need(write(ready[1], "x", 1) == 1, "write");
    char byte;
    while (read(ends[0], &byte, 1) > 0) {
    }
    say("the child holds %s", data);
    _exit(0);
  }
  close(ends[0]);
  child_end = ends[1];
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  close(ready[0]);
  close(ready[1]);
}

static void memory(void) {
  char text[64] = "";
  struct iovec local = {text, 6};
  struct iovec remote = {data, 6};
  SHOW(process_vm_readv(child, &local, 1, &remote, 1, 0));
  say("%s", text);
  struct iovec parts[3] = {{text, 2}, {text + 10, 0}, {text + 20, 10}};
  SHOW(process_vm_readv(child, parts, 3, &remote, 1, 0));
  say("%.2s %.4s", text, text + 20);
  struct iovec pieces[2] = {{data, 3}, {bad_pointer(), 3}};
  SHOW(process_vm_readv(child, &local, 1, pieces, 2, 0));
  pieces[0].iov_base = bad_pointer();
  SHOW(process_vm_readv(child, &local, 1, pieces, 2, 0));
  SHOW(process_vm_readv(child, &local, 1, &remote, 1, 1));
  SHOW(process_vm_readv(child, &local, 1, &remote, 1025, 0));
  SHOW(process_vm_readv(child, bad_pointer(), 1, &remote, 1, 0));
  SHOW(process_vm_readv(child, &local, 0, &remote, 1, 0));
  SHOW(process_vm_readv(child, &local, 1, &remote, 0, 0));
  SHOW(process_vm_readv(1 << 22, &local, 1, &remote, 1, 0));
  SHOW(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
  say("%s", text);
  strcpy(text, "written");
  local.iov_len = 8;
  remote.iov_len = 8;
  SHOW(process_vm_writev(child, &local, 1, &remote, 1, 0));
  remote.iov_base = (void *)"constant";
  SHOW(process_vm_writev(child, &local, 1, &remote, 1, 0));
  local = (struct iovec){data, sizeof data};
  remote = (struct iovec){data, sizeof data};
  SHOW(process_vm_writev(child, &local, 1, &remote, 1, 0));
  strcpy(text, "the end");
  local = (struct iovec){text, 8};
  remote = (struct iovec){data, 8};
  SHOW(process_vm_writev(child, &local, 1, &remote, 1, 0));
}

static long advise(int pidfd, void *address, size_t length, int advice, unsigned flags) {
  struct iovec range = {address, length};
  return syscall(SYS_process_madvise, pidfd, &range, 1L, advice, flags);
}

static void advice(void) {
  int pidfd = pidfd_open(child, 0);
  int own = pidfd_open(getpid(), 0);
  SHOW(advise(pidfd, data, sizeof data, MADV_COLD, 0));
  SHOW(advise(own, data, sizeof data, MADV_COLD, 0));
  SHOW(advise(own, data, PAGE, MADV_WILLNEED, 0));
  SHOW(advise(pidfd, data, PAGE, MADV_DONTNEED, 0));
  SHOW(advise(pidfd, data, PAGE, 77, 0));
  SHOW(advise(pidfd, data, PAGE, MADV_COLD, 1));
  SHOW(advise(pidfd, data + 1, PAGE, MADV_COLD, 0));
  SHOW(advise(pidfd, NULL, PAGE, MADV_COLD, 0));
  SHOW(advise(0, data, PAGE, MADV_COLD, 0));
  SHOW(advise(-1, data, PAGE, MADV_COLD, 0));
  SHOW(syscall(SYS_process_madvise, pidfd, bad_pointer(), 1L, MADV_COLD, 0));
  struct iovec two[2] = {{data, PAGE}, {NULL, PAGE}};
  SHOW(syscall(SYS_process_madvise, pidfd, two, 2L, MADV_COLD, 0));
  SHOW(syscall(SYS_process_madvise, pidfd, two, 1025L, MADV_COLD, 0));
  close(pidfd);
  close(own);
}

static long compare(int type, unsigned long one, unsigned long two) {
  long result = syscall(SYS_kcmp, getpid(), child, type, one, two);
  return result > 0 ? 1 : result;
}

static void comparing(void) {
  SHOW(compare(0, 1, 1));
  SHOW(compare(0, 1, 77));
  SHOW(compare(0, 77, 1));
  SHOW(compare(1, 0, 0));
  SHOW(compare(2, 0, 0));
  SHOW(compare(3, 0, 0));
  SHOW(compare(4, 0, 0));
  SHOW(compare(99, 0, 0));
  SHOW(syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0));
  SHOW(syscall(SYS_kcmp, getpid(), 1 << 22, 1, 0, 0));
  int twin = dup(1);
  SHOW(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, twin));
  int other = open("/dev/null", O_RDONLY);
  long there = syscall(SYS_kcmp, getpid(), getpid(), 0, 1, other);
  long back = syscall(SYS_kcmp, getpid(), getpid(), 0, other, 1);
  CHECK(there + back == 3);
  close(twin);
  close(other);
}

static void descriptors(void) {
  int pidfd = pidfd_open(child, 0);
  int fd = pidfd_getfd(pidfd, 1, 0);
  CHECK(fd >= 0);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(syscall(SYS_kcmp, getpid(), getpid(), 0, 1, fd));
  SHOW(pidfd_getfd(pidfd, 77, 0));
  SHOW(pidfd_getfd(pidfd, 1, 1));
  SHOW(pidfd_getfd(1, 1, 0));
  SHOW(pidfd_getfd(-1, 1, 0));
  SHOW(pidfd_open(child, 1));
  SHOW(pidfd_open(-1, 0));
  SHOW(pidfd_open(1 << 22, 0));
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, 99, NULL, 0));
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0x100));
  SHOW(syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
  close(fd);
  close(child_end);
  reap("child", child);
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
  SHOW(pidfd_getfd(pidfd, 1, 0));
  SHOW(advise(pidfd, data, PAGE, MADV_COLD, 0));
  close(pidfd);
}

static void strangers(void) {
  if (geteuid() != 0) {
    return;
  }
  start_child();
  pid_t middle = fork();
  if (middle == 0) {
    become_ordinary();
    char text[8];
    struct iovec local = {text, 6};
    struct iovec remote = {data, 6};
    SHOW(process_vm_readv(child, &local, 1, &remote, 1, 0));
    int pidfd = pidfd_open(child, 0);
    SHOW(pidfd_getfd(pidfd, 1, 0));
    SHOW(advise(pidfd, data, PAGE, MADV_COLD, 0));
    SHOW(syscall(SYS_kcmp, getpid(), child, 1, 0, 0));
    SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
    _exit(0);
  }
  reap("ordinary", middle);
  close(child_end);
  reap("child", child);
}

int main(void) {
  start_child();
  memory();
  advice();
  comparing();
  descriptors();
  strangers();
  return 0;
}
