// Calls that a filter leaves to a listener: received, answered, let pass, given descriptors, interrupted, left alone.
#include "check.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define ASKED SYS_getpriority

static int install(unsigned flags) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ASKED, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof code[0], code};
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void send_fd(int socket, int fd) {
  char data = 'x', space[CMSG_SPACE(sizeof fd)];
  struct iovec vector = {&data, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  struct cmsghdr *control = CMSG_FIRSTHDR(&message);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(control), &fd, sizeof fd);
  need(sendmsg(socket, &message, 0) == 1, "sendmsg");
}

static int receive_fd(int socket) {
  char data, space[CMSG_SPACE(sizeof(int))];
  struct iovec vector = {&data, 1};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  need(recvmsg(socket, &message, 0) == 1, "recvmsg");
  int fd;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

static int listener;
static pid_t asking;

// A child behind a filter; its listener comes here. What it finds it tells by its status.
static void start(int (*body)(void), unsigned flags) {
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  asking = fork();
  if (asking == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    int fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | flags);
    need(fd >= 0, "a listener");
    send_fd(pair[1], fd);
    close(fd);
    close(pair[0]);
    close(pair[1]);
    _exit(body());
  }
  listener = receive_fd(pair[0]);
  close(pair[0]);
  close(pair[1]);
}

static void finish(void) {
  reap("the child", asking);
  close(listener);
}

static struct seccomp_notif notice;

static long receive(void) {
  memset(&notice, 0, sizeof notice);
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice);
}

static long reply(uint64_t id, int64_t value, int error, unsigned flags) {
  struct seccomp_notif_resp response = {id, value, error, flags};
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static long add(uint64_t id, int fd, unsigned target, unsigned flags, unsigned fd_flags) {
  struct seccomp_notif_addfd addition = {id, flags, (unsigned)fd, target, fd_flags};
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addition);
}

static int ask_thrice(void) {
  errno = 0;
  long first = syscall(ASKED, 1, 2, 3, 4, 5, 6);
  long second = syscall(ASKED, 7);
  int error = errno;
  long third = syscall(ASKED, 0, 0);
  return first == 4711 && second == -1 && error == EXDEV && third == 20 ? 7 : 8;
}

static void answered(void) {
  start(ask_thrice, 0);
  struct pollfd poll_fd = {listener, POLLIN | POLLOUT, 0};
  SHOW(poll(&poll_fd, 1, 20000));
  say("events %x", (unsigned)poll_fd.revents);
  SHOW(receive());
  CHECK(notice.pid == (uint32_t)asking && notice.flags == 0);
  CHECK(notice.data.nr == ASKED && notice.data.arch == AUDIT_ARCH_X86_64 && notice.data.instruction_pointer != 0);
  for (int i = 0; i < 6; i++) {
    say("argument %d: %llu", i, (unsigned long long)notice.data.args[i]);
  }
  SHOW(poll(&poll_fd, 1, 0));
  say("events %x", (unsigned)poll_fd.revents);
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notice.id));
  SHOW(reply(notice.id + 1, 1, 0, 0));
  SHOW(reply(notice.id, 1, 0, 2));
  SHOW(reply(notice.id, 1, 0, 1));
  SHOW(reply(notice.id, 4711, 0, 0));
  uint64_t old = notice.id;
  SHOW(receive());
  CHECK(notice.id == old + 1 && notice.data.args[0] == 7);
  SHOW(reply(notice.id, 99, -EXDEV, 0));
  SHOW(receive());
  SHOW(reply(notice.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
  SHOW(reply(old, 0, 0, 0) == -1 && errno == ENOENT);
  reap("the child", asking);
  SHOW(poll(&poll_fd, 1, 20000));
  say("events %x", (unsigned)poll_fd.revents);
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notice.id));
  notice.pid = 1;
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notice));
  // Nobody will ever ask.
  SHOW(receive());
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, bad_pointer()));
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, bad_pointer()));
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, bad_pointer()));
  SHOW(ioctl(listener, 0x4711));
  char byte;
  SHOW(read(listener, &byte, 1));
  close(listener);
}

static int use_descriptors(void) {
  char text[8] = "";
  long fd = syscall(ASKED, 1);
  if (fd < 0 || lseek((int)fd, 0, SEEK_SET) != 0 || read((int)fd, text, 5) != 5 || strcmp(text, "hello") != 0) {
    return 1;
  }
  if (read(50, text, 1) != 0 || fcntl(50, F_GETFD) != FD_CLOEXEC) {
    return 2;
  }
  return syscall(ASKED, 2) == 51 && fcntl(51, F_GETFD) == 0 ? 3 : 4;
}

static void descriptors(void) {
  start(use_descriptors, 0);
  int file = open("given", O_CREAT | O_RDWR | O_TRUNC, 0600);
  need(write(file, "hello", 5) == 5, "write");
  need(receive() == 0, "receive");
  SHOW(add(notice.id + 5, file, 0, 0, 0));
  SHOW(add(notice.id, 99, 0, 0, 0));
  SHOW(add(notice.id, file, 5, 0, 0));
  SHOW(add(notice.id, file, 0, 8, 0));
  SHOW(add(notice.id, file, 0, 0, 1));
  SHOW(add(notice.id, file, 1 << 30, SECCOMP_ADDFD_FLAG_SETFD, 0));
  SHOW(add(notice.id, file, 50, SECCOMP_ADDFD_FLAG_SETFD, O_CLOEXEC));
  long fd = add(notice.id, file, 0, 0, 0);
  CHECK(fd > 2);
  SHOW(reply(notice.id, fd, 0, 0));
  need(receive() == 0, "receive");
  SHOW(add(notice.id, file, 51, SECCOMP_ADDFD_FLAG_SETFD | SECCOMP_ADDFD_FLAG_SEND, 0));
  finish();
}

static void handler(int number) {
  (void)number;
}

static int be_interrupted(void) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL);
  errno = 0;
  if (syscall(ASKED, 1) != -1 || errno != EINTR) {
    return 1;
  }
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, NULL);
  return syscall(ASKED, 2) == 5 ? 2 : 3;
}

static void signals(void) {
  start(be_interrupted, 0);
  need(receive() == 0, "receive");
  kill(asking, SIGUSR1);
  uint64_t old = notice.id;
  need(receive() == 0, "receive");
  CHECK(notice.id != old && notice.data.args[0] == 2);
  SHOW(reply(old, 0, 0, 0));
  old = notice.id;
  kill(asking, SIGUSR1);
  need(receive() == 0, "receive");
  CHECK(notice.id != old && notice.data.args[0] == 2);
  SHOW(reply(notice.id, 5, 0, 0));
  finish();
  start(be_interrupted, 32);
  need(receive() == 0, "receive");
  kill(asking, SIGUSR1);
  sleep_ms(100);
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notice.id));
  kill(asking, SIGKILL);
  finish();
}

static int ask_twice(void) {
  return syscall(ASKED, 1) == 3 && syscall(ASKED, 2) == 4 ? 5 : 6;
}

// What is received to no good address stays to be received; before it is, and after its reply, nothing can be done.
static void not_received(void) {
  start(ask_twice, 0);
  struct pollfd poll_fd = {listener, POLLIN, 0};
  SHOW(poll(&poll_fd, 1, 20000));
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, bad_pointer()));
  char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(page != MAP_FAILED, "mmap");
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, page));
  SHOW(poll(&poll_fd, 1, 0));
  need(receive() == 0, "receive");
  uint64_t first = notice.id;
  SHOW(reply(first + 1, 1, 0, 0));
  SHOW(reply(first, 3, 0, 0));
  SHOW(poll(&poll_fd, 1, 20000));
  // The next one is there, and not received.
  SHOW(reply(first + 2, 4, 0, 0));
  SHOW(add(first + 2, 0, 0, 0, 0));
  SHOW(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &(uint64_t){first + 2}));
  need(receive() == 0, "receive");
  say("the id is %llu more", (unsigned long long)(notice.id - first));
  SHOW(reply(notice.id, 4, 0, 0));
  finish();
}

static int ask_nobody(void) {
  errno = 0;
  return syscall(ASKED, 1) == -1 && errno == ENOSYS && getppid() == -1 ? 1 : 2;
}

static void left_alone(void) {
  start(ask_nobody, 0);
  need(receive() == 0, "receive");
  close(listener);
  reap("the child", asking);
}

static void installing(void) {
  uint16_t sizes[3];
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, sizes));
  say("%d %d %d", sizes[0], sizes[1], sizes[2]);
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 1, sizes));
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, bad_pointer()));
  unsigned action = SECCOMP_RET_USER_NOTIF;
  SHOW(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action));
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  int fd = install(SECCOMP_FILTER_FLAG_NEW_LISTENER);
  CHECK(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
  SHOW(install(SECCOMP_FILTER_FLAG_NEW_LISTENER));
  SHOW(install(32));
  SHOW(install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC));
  SHOW(install(0));
  char name[64], link[64] = "";
  sprintf(name, "/proc/self/fd/%d", fd);
  need(readlink(name, link, sizeof link - 1) > 0, "readlink");
  say("%s", link);
  SHOW(ioctl(fd, _IOW('!', 4, uint64_t), 2L));
  SHOW(ioctl(fd, _IOW('!', 4, uint64_t), 1L));
  close(fd);
  SHOW(syscall(ASKED, 0, 0));
}

int main(void) {
  answered();
  descriptors();
  signals();
  not_received();
  left_alone();
  in_child("installing", installing);
  return 0;
}
