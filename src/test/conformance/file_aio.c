// Asynchronous input and output: contexts, reads, writes and syncs, notices through eventfds, what is wrong with blocks.
#include "check.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/uio.h>

static aio_context_t context;
static int fd;

static long submit(long count, struct iocb **list) {
  return syscall(SYS_io_submit, context, count, list);
}

static long get(long least, long most, struct io_event *events, const struct timespec *timeout) {
  return syscall(SYS_io_getevents, context, least, most, events, timeout);
}

static struct iocb block(int operation, void *buffer, size_t length, long long offset) {
  struct iocb one = {.aio_data = 4711,
                     .aio_lio_opcode = (unsigned short)operation,
                     .aio_fildes = (unsigned)fd,
                     .aio_buf = (uintptr_t)buffer,
                     .aio_nbytes = length,
                     .aio_offset = offset};
  return one;
}

static long run(struct iocb *one) {
  struct iocb *list[] = {one};
  long result = submit(1, list);
  if (result != 1) {
    return result;
  }
  struct io_event event;
  need(get(1, 1, &event, NULL) == 1, "an event");
  say("data %llu, its block %d, second result %lld", (unsigned long long)event.data, event.obj == (uintptr_t)one, (long long)event.res2);
  if (event.res < 0) {
    say("result %s", error_name((int)-event.res));
  } else {
    say("result %lld", (long long)event.res);
  }
  return result;
}

static void contexts(void) {
  aio_context_t other = 0;
  SHOW(syscall(SYS_io_setup, 0, &other));
  SHOW(syscall(SYS_io_setup, -1, &other));
  SHOW(syscall(SYS_io_setup, 1 << 27, &other));
  SHOW(syscall(SYS_io_setup, 4, bad_pointer()));
  other = 5;
  SHOW(syscall(SYS_io_setup, 4, &other));
  other = 0;
  SHOW(syscall(SYS_io_setup, 4, &other));
  CHECK(other != 0);
  SHOW(syscall(SYS_io_destroy, other));
  SHOW(syscall(SYS_io_destroy, other));
  SHOW(syscall(SYS_io_destroy, 0));
  SHOW(syscall(SYS_io_getevents, other, 0, 1, NULL, NULL));
  SHOW(syscall(SYS_io_submit, other, 0, NULL));
  SHOW(syscall(SYS_io_setup, 8, &context));
  pid_t child = fork();
  if (child == 0) {
    SHOW(syscall(SYS_io_destroy, context));
    _exit(0);
  }
  reap("child", child);
}

static void transfers(void) {
  char text[32] = "written by nobody in particular";
  struct iocb one = block(IOCB_CMD_PWRITE, text, 31, 0);
  SHOW(run(&one));
  char back[32] = "";
  one = block(IOCB_CMD_PREAD, back, 10, 8);
  SHOW(run(&one));
  say("%s", back);
  one = block(IOCB_CMD_PREAD, back, 10, 100);
  SHOW(run(&one));
  struct iovec parts[] = {{text, 3}, {text + 5, 4}};
  one = block(IOCB_CMD_PWRITEV, parts, 2, 40);
  SHOW(run(&one));
  struct iovec places[] = {{back, 2}, {back + 4, 9}};
  one = block(IOCB_CMD_PREADV, places, 2, 40);
  SHOW(run(&one));
  say("%.2s %.5s", back, back + 4);
  one = block(IOCB_CMD_FSYNC, NULL, 0, 0);
  SHOW(run(&one));
  one = block(IOCB_CMD_FDSYNC, NULL, 0, 0);
  SHOW(run(&one));
  struct stat file;
  need(fstat(fd, &file) == 0, "fstat");
  say("size %ld", (long)file.st_size);
}

static void wrong(void) {
  char text[8] = "text";
  struct iocb one = block(IOCB_CMD_PREAD, text, 4, -1);
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, bad_pointer(), 4, 0);
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, (void *)-1L, 4, 0);
  SHOW(run(&one));
  one = block(99, text, 4, 0);
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, text, (size_t)-1, 0);
  SHOW(run(&one));
  one = block(IOCB_CMD_FSYNC, text, 4, 0);
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, text, 4, 0);
  one.aio_reserved2 = 1;
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, text, 4, 0);
  one.aio_fildes = 99;
  SHOW(run(&one));
  one = block(IOCB_CMD_PREAD, text, 4, 0);
  one.aio_flags = IOCB_FLAG_RESFD;
  one.aio_resfd = 99;
  SHOW(run(&one));
  one.aio_resfd = (unsigned)fd;
  SHOW(run(&one));
  int only = open("aio", O_WRONLY);
  one = block(IOCB_CMD_PREAD, text, 4, 0);
  one.aio_fildes = (unsigned)only;
  SHOW(run(&one));
  close(only);
  only = open("aio", O_RDONLY);
  one = block(IOCB_CMD_PWRITE, text, 4, 0);
  one.aio_fildes = (unsigned)only;
  SHOW(run(&one));
  close(only);
  SHOW(submit(1, bad_pointer()));
  SHOW(submit(-1, NULL));
  SHOW(submit(0, NULL));
  struct iocb *bad[] = {bad_pointer()};
  SHOW(submit(1, bad));
  struct iocb fine = block(IOCB_CMD_PREAD, text, 4, 0);
  struct iocb *mixed[] = {&fine, bad_pointer()};
  SHOW(submit(2, mixed));
  struct io_event event;
  SHOW(get(0, 4, &event, NULL));
  SHOW(syscall(SYS_io_cancel, context, bad_pointer(), &event));
  SHOW(syscall(SYS_io_cancel, context, &fine, &event));
}

static void waits(void) {
  struct io_event events[8];
  struct timespec nothing = {0, 0};
  struct timespec some = {0, 30000000};
  SHOW(get(0, 1, events, &nothing));
  SHOW(get(1, 1, events, &nothing));
  SHOW(get(1, 1, events, &some));
  SHOW(get(1, 1, events, bad_pointer()));
  SHOW(get(2, 1, events, &nothing));
  SHOW(get(-1, 1, events, &nothing));
  int notice = eventfd(0, EFD_NONBLOCK);
  char text[3][4];
  struct iocb blocks[3];
  struct iocb *list[3];
  for (int i = 0; i < 3; i++) {
    blocks[i] = block(IOCB_CMD_PREAD, text[i], 3, i);
    blocks[i].aio_data = (unsigned)i;
    blocks[i].aio_flags = IOCB_FLAG_RESFD;
    blocks[i].aio_resfd = (unsigned)notice;
    list[i] = &blocks[i];
  }
  SHOW(submit(3, list));
  uint64_t count = 0;
  SHOW(read(notice, &count, sizeof count));
  say("told %lu", (unsigned long)count);
  SHOW(get(1, 2, events, NULL));
  say("%llu %llu", (unsigned long long)events[0].data, (unsigned long long)events[1].data);
  SHOW(get(1, 8, bad_pointer(), &nothing));
  SHOW(get(0, 8, events, &nothing));
  SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, &some, NULL));
  sigset_t set;
  sigemptyset(&set);
  struct {
    const sigset_t *set;
    size_t size;
  } mask = {&set, 8};
  SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, &some, &mask));
  mask.size = 7;
  SHOW(syscall(SYS_io_pgetevents, context, 1, 1, events, &some, &mask));
}

// The kernel cannot wait until there is room in the count.
static void overflow(void) {
  int notice = eventfd(0, EFD_NONBLOCK);
  uint64_t count = UINT64_MAX - 1;
  need(write(notice, &count, sizeof count) == sizeof count, "write");
  char text[4];
  struct iocb one = block(IOCB_CMD_PREAD, text, 3, 0);
  one.aio_flags = IOCB_FLAG_RESFD;
  one.aio_resfd = (unsigned)notice;
  for (int i = 0; i < 2; i++) {
    SHOW(run(&one));
    struct pollfd poller = {notice, POLLIN | POLLOUT, 0};
    SHOW(poll(&poller, 1, 0));
    say("revents %#x", poller.revents);
    count = 0;
    SHOW(write(notice, &count, sizeof count));
  }
  SHOW(read(notice, &count, sizeof count));
  say("told %#lx", (unsigned long)count);
  SHOW(read(notice, &count, sizeof count));
  close(notice);
}

static void on_alarm(int number) {
  (void)number;
}

static void interrupted(void) {
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  ualarm(30000, 0);
  struct io_event event;
  SHOW(get(1, 1, &event, NULL));
}

int main(void) {
  fd = open("aio", O_RDWR | O_CREAT | O_TRUNC, 0600);
  need(fd >= 0, "aio");
  contexts();
  transfers();
  wrong();
  waits();
  overflow();
  interrupted();
  SHOW(syscall(SYS_io_destroy, context));
  return 0;
}
