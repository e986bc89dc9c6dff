// Pipes: sizes, atomic writes, non-blocking ends, the end of either side, packets.
#include "check.h"
#include <poll.h>
#include <sys/ioctl.h>

static void make(int *ends, int flags) {
  need(pipe2(ends, flags) == 0, "pipe2");
}

static void drop(const int *ends) {
  close(ends[0]);
  close(ends[1]);
}

static long fill(int fd, size_t piece) {
  static char data[1 << 20];
  long total = 0;
  for (ssize_t count; (count = write(fd, data, piece)) > 0;) {
    total += count;
  }
  say("fill by %zu: %ld, then %s", piece, total, error_name(errno));
  return total;
}

static void sizes(void) {
  int ends[2];
  make(ends, O_NONBLOCK | O_CLOEXEC);
  SHOW(fcntl(ends[0], F_GETPIPE_SZ));
  fill(ends[1], 65536);
  drop(ends);
  make(ends, O_NONBLOCK);
  fill(ends[1], 1);
  int waiting = 0;
  SHOW(ioctl(ends[0], FIONREAD, &waiting));
  say("waiting %d", waiting);
  drop(ends);
  make(ends, O_NONBLOCK);
  fill(ends[1], 4097);
  drop(ends);
  make(ends, O_NONBLOCK);
  fill(ends[1], 3000);
  drop(ends);
  make(ends, O_NONBLOCK);
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 1));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 5000));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 0));
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, -1));
  SHOW(fcntl(ends[0], F_SETPIPE_SZ, 1 << 18));
  fill(ends[1], 1 << 20);
  SHOW(fcntl(ends[1], F_SETPIPE_SZ, 4096));
  SHOW(fcntl(ends[0], F_GETPIPE_SZ));
  drop(ends);
}

static void atomic(void) {
  int ends[2];
  char data[8192] = "";
  make(ends, O_NONBLOCK);
  need(fcntl(ends[1], F_SETPIPE_SZ, 8192) == 8192, "F_SETPIPE_SZ");
  SHOW(write(ends[1], data, 8000));
  // At most PIPE_BUF goes whole or not at all.
  SHOW(write(ends[1], data, 4096));
  SHOW(write(ends[1], data, 200));
  SHOW(write(ends[1], data, 192));
  SHOW(write(ends[1], data, 1));
  SHOW(write(ends[1], data, 5000));
  SHOW(read(ends[0], data, 4096));
  SHOW(write(ends[1], data, 5000));
  SHOW(read(ends[0], data, 8192));
  SHOW(read(ends[0], data, 8192));
  drop(ends);
}

static void ends_of_sides(void) {
  int ends[2];
  char text[8];
  make(ends, 0);
  SHOW(read(ends[1], text, 1));
  SHOW(write(ends[0], text, 1));
  SHOW(write(ends[1], "abc", 3));
  SHOW(write(ends[1], "", 0));
  close(ends[1]);
  SHOW(read(ends[0], text, 2));
  SHOW(read(ends[0], text, 2));
  SHOW(read(ends[0], text, 2));
  close(ends[0]);
  make(ends, 0);
  close(ends[0]);
  signal(SIGPIPE, SIG_IGN);
  SHOW(write(ends[1], "x", 1));
  SHOW(write(ends[1], "x", 0));
  struct pollfd poller = {ends[1], POLLOUT, 0};
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  close(ends[1]);
  make(ends, 0);
  close(ends[1]);
  poller = (struct pollfd){ends[0], POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  close(ends[0]);
}

static void broken(void) {
  int ends[2];
  make(ends, 0);
  close(ends[0]);
  signal(SIGPIPE, SIG_DFL);
  SHOW(write(ends[1], "x", 1));
}

static volatile sig_atomic_t caught;

static void on_pipe(int number, siginfo_t *info, void *context) {
  (void)context;
  caught = number;
  say("caught %s, code %d, my pid %d", signal_name(number), info->si_code,
      info->si_pid == getpid());
}

static void caught_pipe(void) {
  struct sigaction action = {.sa_sigaction = on_pipe, .sa_flags = SA_SIGINFO};
  sigaction(SIGPIPE, &action, NULL);
  int ends[2];
  make(ends, 0);
  close(ends[0]);
  SHOW(write(ends[1], "x", 1));
}

static void packets(void) {
  int ends[2];
  char text[16] = "";
  make(ends, O_DIRECT | O_NONBLOCK);
  SHOW(write(ends[1], "one", 3));
  SHOW(write(ends[1], "second", 6));
  SHOW(read(ends[0], text, 16));
  SHOW(read(ends[0], text, 2));
  SHOW(read(ends[0], text, 16));
  drop(ends);
  make(ends, O_NONBLOCK);
  SHOW(write(ends[1], "one", 3));
  SHOW(write(ends[1], "second", 6));
  SHOW(read(ends[0], text, 16));
  drop(ends);
}

static void errors(void) {
  int ends[2] = {-7, -7};
  SHOW(pipe2(ends, O_APPEND));
  SHOW(pipe(bad_pointer()));
  say("%d %d", ends[0], ends[1]);
  make(ends, O_CLOEXEC | O_NONBLOCK);
  SHOW(fcntl(ends[0], F_GETFD));
  SHOW(fcntl(ends[1], F_GETFL) == (O_WRONLY | O_NONBLOCK));
  SHOW(fcntl(ends[0], F_GETFL) == (O_RDONLY | O_NONBLOCK));
  char text[64] = "";
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
  SHOW(readlink(path, text, sizeof text) > 0);
  say("%.6s", text);
  int other = open(path, O_WRONLY | O_NONBLOCK);
  SHOW(write(other, "via proc", 8));
  SHOW(read(ends[0], text, sizeof text));
  drop(ends);
}

int main(void) {
  sizes();
  atomic();
  ends_of_sides();
  in_child("broken", broken);
  caught_pipe();
  packets();
  errors();
  return 0;
}
