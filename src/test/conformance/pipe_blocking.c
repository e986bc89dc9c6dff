// Pipes that block: readers and writers wait for each other; signals interrupt or restart them.
#include "check.h"

static volatile sig_atomic_t caught;

static int told[2];

static void on_signal(int number) {
  (void)number;
  caught++;
}

static void on_signal_told(int number) {
  on_signal(number);
  need(write(told[1], "x", 1) == 1, "write");
}

static void handle(int flags) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
}

// A large write passes through whole, whoever reads how.
static void large(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  size_t length = 1 << 20;
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    char *data = malloc(length);
    for (size_t i = 0; i < length; i++) {
      data[i] = (char)(i * 13 >> 5);
    }
    SHOW(write(ends[1], data, length));
    _exit(0);
  }
  close(ends[1]);
  size_t got = 0;
  bool right = true;
  char part[7777];
  for (ssize_t count; (count = read(ends[0], part, sizeof part)) > 0; got += (size_t)count) {
    for (ssize_t i = 0; i < count; i++) {
      right = right && part[i] == (char)((got + (size_t)i) * 13 >> 5);
    }
  }
  say("got %zu, right %d", got, right);
  close(ends[0]);
  reap("writer", child);
}

static void ping_pong(void) {
  int there[2];
  int back[2];
  need(pipe(there) == 0 && pipe(back) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    close(there[1]);
    int number;
    while (read(there[0], &number, sizeof number) == sizeof number) {
      number *= 2;
      need(write(back[1], &number, sizeof number) == sizeof number, "write");
    }
    _exit(0);
  }
  int sum = 0;
  for (int i = 0; i < 200; i++) {
    int number = i;
    need(write(there[1], &number, sizeof number) == sizeof number, "write");
    need(read(back[0], &number, sizeof number) == sizeof number, "read");
    sum += number;
  }
  say("sum %d", sum);
  close(there[1]);
  reap("echo", child);
}

static void interrupted_read(const char *what, int flags) {
  int ends[2];
  need(pipe(ends) == 0 && pipe(told) == 0, "pipe");
  struct sigaction action = {.sa_handler = on_signal_told, .sa_flags = flags};
  sigaction(SIGUSR1, &action, NULL);
  caught = 0;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    char byte;
    await_sleep(parent);
    kill(parent, SIGUSR1);
    // By then the read has been interrupted, whether it begins again or not.
    need(read(told[0], &byte, 1) == 1, "read");
    need(write(ends[1], "late", 4) == 4, "write");
    _exit(0);
  }
  char text[8];
  errno = 0;
  ssize_t count = read(ends[0], text, sizeof text);
  say("%s: %zd %s, caught %d", what, count, count < 0 ? error_name(errno) : "", caught);
  signal(SIGUSR1, SIG_IGN);
  reap("writer", child);
  close(ends[0]);
  close(ends[1]);
  close(told[0]);
  close(told[1]);
}

// What was written before the signal counts.
static void interrupted_write(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  handle(SA_RESTART);
  static char data[100000];
  // Again and again: the first may come before the write has begun.
  ualarm(20000, 20000);
  SHOW(write(ends[1], data, sizeof data));
  handle(0);
  SHOW(write(ends[1], data, sizeof data));
  ualarm(0, 0);
}

static void reader_leaves(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  signal(SIGPIPE, SIG_IGN);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    close(ends[1]);
    await_sleep(parent);
    _exit(0);
  }
  close(ends[0]);
  static char data[200000];
  SHOW(write(ends[1], data, sizeof data));
  SHOW(write(ends[1], data, sizeof data));
  reap("reader", child);
  close(ends[1]);
}

static void writer_leaves(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    sleep_ms(20);
    _exit(0);
  }
  close(ends[1]);
  char byte;
  SHOW(read(ends[0], &byte, 1));
  reap("writer", child);
  close(ends[0]);
}

// Small writes of several writers never mix.
static void many_writers(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      char data[500];
      memset(data, 'a' + i, sizeof data);
      for (int j = 0; j < 100; j++) {
        need(write(ends[1], data, sizeof data) == sizeof data, "write");
      }
      _exit(0);
    }
  }
  close(ends[1]);
  bool whole = true;
  int pieces = 0;
  char data[500];
  size_t have = 0;
  for (ssize_t count; (count = read(ends[0], data + have, sizeof data - have)) > 0;) {
    have += (size_t)count;
    if (have == sizeof data) {
      for (size_t i = 1; i < have; i++) {
        whole = whole && data[i] == data[0];
      }
      pieces++;
      have = 0;
    }
  }
  say("pieces %d, whole %d, left over %zu", pieces, whole, have);
  while (wait(NULL) > 0) {
  }
  close(ends[0]);
}

int main(void) {
  large();
  ping_pong();
  interrupted_read("plain", 0);
  interrupted_read("SA_RESTART", SA_RESTART);
  interrupted_write();
  reader_leaves();
  writer_leaves();
  many_writers();
  return 0;
}
