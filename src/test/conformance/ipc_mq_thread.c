// Notifications of a message queue for a thread: a cookie in a netlink socket, and the library's own thread on top.
#include "check.h"
#include <mqueue.h>
#include <pthread.h>
#include <sys/socket.h>

static mqd_t queue;
static int done[2];

static void told(union sigval value) {
  say("the thread has %d", value.sival_int);
  need(write(done[1], "x", 1) == 1, "write");
}

static void show_cookie(int fd) {
  unsigned char cookie[64] = {0};
  SHOW(recv(fd, cookie, sizeof cookie, MSG_DONTWAIT));
  say("%.9s, %d", (char *)cookie, cookie[31]);
}

static void raw(void) {
  char cookie[32] = "a cookie.";
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), pair[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_signo = 99, .sigev_value.sival_ptr = cookie};
  SHOW(syscall(SYS_mq_notify, queue, &event));
  event.sigev_signo = pair[0];
  SHOW(syscall(SYS_mq_notify, queue, &event));
  event.sigev_signo = 1;
  SHOW(syscall(SYS_mq_notify, queue, &event));
  event.sigev_signo = fd;
  event.sigev_value.sival_ptr = bad_pointer();
  SHOW(syscall(SYS_mq_notify, queue, &event));
  event.sigev_value.sival_ptr = cookie;
  SHOW(syscall(SYS_mq_notify, 99, &event));
  SHOW(syscall(SYS_mq_notify, 1, &event));
  SHOW(syscall(SYS_mq_notify, queue, &event));
  SHOW(syscall(SYS_mq_notify, queue, &event));
  show_cookie(fd);
  SHOW(mq_send(queue, "x", 1, 0));
  show_cookie(fd);
  SHOW(syscall(SYS_mq_notify, queue, &event));
  SHOW(mq_send(queue, "y", 1, 0));
  show_cookie(fd);
  SHOW(syscall(SYS_mq_notify, queue, NULL));
  show_cookie(fd);
  SHOW(syscall(SYS_mq_notify, queue, &event));
  mqd_t other = mq_open("/skerry-threads", O_RDWR);
  SHOW(mq_close(other));
  show_cookie(fd);
  char text[8192];
  while (mq_receive(queue, text, sizeof text, NULL) > 0) {
  }
  close(fd);
}

int main(void) {
  mq_unlink("/skerry-threads");
  queue = mq_open("/skerry-threads", O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL);
  need(queue >= 0, "mq_open");
  raw();
  mq_notify(queue, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = told, .sigev_value.sival_int = 47};
  SHOW(mq_notify(queue, &event));
  char byte;
  need(pipe(done) == 0 && mq_send(queue, "z", 1, 0) == 0 && read(done[0], &byte, 1) == 1, "a message");
  SHOW(mq_unlink("/skerry-threads"));
  return 0;
}
