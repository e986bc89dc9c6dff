// POSIX message queues (mq_overview(7)).
// link: -static -lrt
#include "check.h"
#include <mqueue.h>
#include <poll.h>
#include <sched.h>

static mqd_t opened(const char *name, int flags, long messages, long size) {
  struct mq_attr attributes = {.mq_maxmsg = messages, .mq_msgsize = size};
  return mq_open(name, flags, 0600, messages == 0 ? NULL : &attributes);
}

static void show_attributes(mqd_t queue) {
  struct mq_attr attributes;
  SHOW(mq_getattr(queue, &attributes));
  say("flags %#lx of %ld size %ld now %ld", attributes.mq_flags, attributes.mq_maxmsg,
      attributes.mq_msgsize, attributes.mq_curmsgs);
}

// The line that a descriptor of a queue reads as, with the process id made plain.
static void show_line(mqd_t queue, pid_t pid) {
  char line[100] = "";
  lseek(queue, 0, SEEK_SET);
  SHOW(read(queue, line, 6));
  SHOW(read(queue, line + 6, sizeof line - 7));
  char *number = strstr(line, "NOTIFY_PID:");
  need(number != NULL, "NOTIFY_PID");
  CHECK(atoi(number + 11) == pid);
  say("%zu: %.*s", strlen(line), (int)(number - line), line);
}

static void opening(void) {
  SHOW(opened("/skerry", O_RDWR, 0, 0));
  SHOW(opened("/", O_RDWR | O_CREAT, 0, 0));
  SHOW(opened("/a/b", O_RDWR | O_CREAT, 0, 0));
  SHOW(opened("none", O_RDWR | O_CREAT, 0, 0));
  SHOW(syscall(SYS_mq_open, "", O_RDWR | O_CREAT, 0600, NULL));
  SHOW(syscall(SYS_mq_open, "..", O_RDWR | O_CREAT, 0600, NULL));
  SHOW(syscall(SYS_mq_open, bad_pointer(), O_RDWR | O_CREAT, 0600, NULL));
  SHOW(syscall(SYS_mq_open, "skerry", O_RDWR | O_CREAT, 0600, bad_pointer()));
  char name[300];
  memset(name, 'n', sizeof name);
  name[256] = 0;
  SHOW(syscall(SYS_mq_open, name, O_RDWR | O_CREAT, 0600, NULL));
  SHOW(opened("/skerry", O_RDWR | O_CREAT, -1, 10));
  SHOW(opened("/skerry", O_RDWR | O_CREAT, 10, 0x7fffffff));
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT | O_EXCL, 0, 0);
  need(queue >= 0, "mq_open");
  SHOW(fcntl(queue, F_GETFD));
  SHOW(fcntl(queue, F_GETFL) & ~O_LARGEFILE);
  show_attributes(queue);
  SHOW(opened("/skerry", O_RDWR | O_CREAT | O_EXCL, 0, 0));
  mqd_t again = opened("/skerry", O_RDONLY | O_CREAT, 3, 3);
  CHECK(again >= 0);
  show_attributes(again);
  SHOW(mq_send(again, "x", 1, 0));
  mqd_t sending = opened("/skerry", O_WRONLY, 0, 0);
  char byte;
  SHOW(mq_receive(sending, &byte, 8192, NULL));
  struct stat status;
  SHOW(fstat(queue, &status));
  say("mode %o size %ld", status.st_mode, (long)status.st_size);
  SHOW(lseek(queue, 0, SEEK_SET));
  SHOW(write(queue, "x", 1));
  show_line(queue, 0);
  need(mq_send(queue, "three", 5, 0) == 0 && mq_send(queue, "four", 4, 1) == 0, "mq_send");
  struct sigevent none = {.sigev_notify = SIGEV_NONE};
  SHOW(mq_notify(queue, &none));
  show_line(queue, getpid());
  mq_notify(queue, NULL);
  struct sigevent signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  SHOW(mq_notify(queue, &signal));
  show_line(queue, getpid());
  mq_notify(queue, NULL);
  SHOW(mq_receive(queue, (char[8192]){0}, 8192, NULL));
  SHOW(mq_receive(queue, (char[8192]){0}, 8192, NULL));
  SHOW(lseek(queue, 70, SEEK_SET));
  SHOW(read(queue, &byte, 1));
  SHOW(lseek(queue, -1, SEEK_CUR));
  SHOW(lseek(queue, 0, SEEK_END));
  SHOW(read(queue, &byte, 1));
  SHOW(read(sending, &byte, 1));
  mq_close(again);
  mq_close(sending);
  SHOW(mq_unlink("/skerry"));
  SHOW(mq_unlink("/skerry"));
  SHOW(mq_send(queue, "still", 5, 0));
  show_attributes(queue);
  mq_close(queue);
}

static void receive(mqd_t queue) {
  char text[64] = "";
  unsigned priority = 99;
  long length = SHOW(mq_receive(queue, text, 16, &priority));
  if (length >= 0) {
    say("%.*s of priority %u", (int)length, text, priority);
  }
}

static void order(void) {
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 4, 16);
  need(queue >= 0, "mq_open");
  SHOW(mq_send(queue, "low", 3, 1));
  SHOW(mq_send(queue, "high", 4, 32767));
  SHOW(mq_send(queue, "low again", 9, 1));
  SHOW(mq_send(queue, "", 0, 5));
  SHOW(mq_send(queue, "full", 4, 5));
  SHOW(mq_send(queue, "x", 1, 32768));
  SHOW(mq_send(queue, "12345678901234567", 17, 1));
  SHOW(mq_send(queue, bad_pointer(), 4, 1));
  show_attributes(queue);
  struct pollfd one = {queue, POLLIN | POLLOUT, 0};
  SHOW(poll(&one, 1, 0));
  say("events %#x", one.revents);
  char small[8];
  SHOW(mq_receive(queue, small, 8, NULL));
  receive(queue);
  SHOW(poll(&one, 1, 0));
  say("events %#x", one.revents);
  receive(queue);
  receive(queue);
  receive(queue);
  receive(queue);
  SHOW(poll(&one, 1, 0));
  say("events %#x", one.revents);
  SHOW(mq_send(queue, "lost", 4, 0));
  SHOW(mq_receive(queue, bad_pointer(), 16, NULL));
  show_attributes(queue);
  struct mq_attr blocking = {.mq_flags = 0};
  struct mq_attr before;
  SHOW(mq_setattr(queue, &blocking, &before));
  say("before %#lx", before.mq_flags);
  blocking.mq_flags = O_APPEND;
  SHOW(mq_setattr(queue, &blocking, NULL));
  show_attributes(queue);
  struct timespec past = {1, 0};
  SHOW(mq_timedreceive(queue, (char[16]){0}, 16, NULL, &past));
  struct timespec bad = {1, 1000000000};
  SHOW(mq_timedreceive(queue, (char[16]){0}, 16, NULL, &bad));
  SHOW(mq_timedreceive(-1, (char[16]){0}, 16, NULL, &past));
  SHOW(mq_timedreceive(1, (char[16]){0}, 16, NULL, &past));
  for (int i = 0; i < 4; i++) {
    mq_send(queue, "x", 1, 0);
  }
  SHOW(mq_timedsend(queue, "x", 1, 0, &past));
  mq_close(queue);
  SHOW(mq_unlink("/skerry"));
}

static void waiting(void) {
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT | O_EXCL, 1, 16);
  need(queue >= 0, "mq_open");
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(50);
    need(mq_send(queue, "one", 3, 1) == 0, "mq_send");
    need(mq_send(queue, "two", 3, 2) == 0, "mq_send");
    need(mq_send(queue, "three", 5, 3) == 0, "mq_send");
    _exit(0);
  }
  receive(queue);
  sleep_ms(50);
  receive(queue);
  receive(queue);
  reap("sender", child);
  mq_close(queue);
  SHOW(mq_unlink("/skerry"));
}

static void notice(void) {
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 2, 16);
  need(queue >= 0, "mq_open");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
  SHOW(mq_notify(queue, &event));
  SHOW(mq_notify(queue, &event));
  SHOW(mq_send(queue, "a", 1, 0));
  siginfo_t info;
  struct timespec none = {0, 0};
  SHOW(sigtimedwait(&set, &info, &none));
  say("code %d value %d pid %s", info.si_code, info.si_value.sival_int,
      info.si_pid == getpid() ? "own" : "other");
  SHOW(mq_send(queue, "b", 1, 0));
  SHOW(sigtimedwait(&set, &info, &none));
  receive(queue);
  receive(queue);
  SHOW(mq_send(queue, "c", 1, 0));
  SHOW(sigtimedwait(&set, &info, &none));
  receive(queue);
  SHOW(mq_notify(queue, &event));
  SHOW(mq_notify(queue, NULL));
  SHOW(mq_send(queue, "d", 1, 0));
  SHOW(sigtimedwait(&set, &info, &none));
  receive(queue);
  event.sigev_notify = SIGEV_NONE;
  SHOW(mq_notify(queue, &event));
  SHOW(mq_notify(queue, &event));
  event.sigev_notify = 77;
  SHOW(syscall(SYS_mq_notify, queue, &event));
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = 99;
  SHOW(syscall(SYS_mq_notify, queue, &event));
  SHOW(syscall(SYS_mq_notify, 1, NULL));
  mqd_t twin = dup(queue);
  mq_close(twin);
  event.sigev_signo = SIGUSR1;
  SHOW(mq_notify(queue, &event));
  mq_close(queue);
  SHOW(mq_unlink("/skerry"));
}

// Who cannot be seen from a PID namespace sends as nobody.
static void from_outside(void) {
  int ready[2];
  need(pipe(ready) == 0 && unshare(CLONE_NEWPID) == 0, "a namespace");
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT | O_EXCL, 2, 16);
  need(queue >= 0, "mq_open");
  pid_t child = fork();
  if (child == 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    need(mq_notify(queue, &event) == 0 && write(ready[1], "r", 1) == 1, "mq_notify");
    siginfo_t info;
    need(sigwaitinfo(&set, &info) == SIGUSR1, "SIGUSR1");
    say("code %d pid %d uid %d", info.si_code, info.si_pid, (int)info.si_uid);
    _exit(0);
  }
  char text[1];
  need(read(ready[0], text, 1) == 1, "ready");
  need(mq_send(queue, "a", 1, 0) == 0, "mq_send");
  reap("receiver", child);
  mq_close(queue);
  SHOW(mq_unlink("/skerry"));
}

static void ordinary(void) {
  become_ordinary();
  SHOW(opened("/skerry", O_RDONLY, 0, 0));
  SHOW(opened("/skerry", O_RDWR | O_CREAT, 0, 0));
  SHOW(mq_unlink("/skerry"));
  SHOW(opened("/mine", O_RDWR | O_CREAT, 11, 16));
  SHOW(opened("/mine", O_RDWR | O_CREAT, 1, 8193));
  CHECK(opened("/mine", O_RDWR | O_CREAT, 10, 8192) >= 0);
  SHOW(mq_unlink("/mine"));
}

int main(void) {
  mq_unlink("/skerry");
  opening();
  order();
  waiting();
  notice();
  in_child("from outside", from_outside);
  mqd_t queue = opened("/skerry", O_RDWR | O_CREAT, 1, 16);
  CHECK(queue >= 0);
  in_child("ordinary", ordinary);
  SHOW(mq_unlink("/skerry"));
  return 0;
}
