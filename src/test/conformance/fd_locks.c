// Record locks between processes: who conflicts, who is told, splitting and joining, what a close drops.
#include "check.h"

static int fd;

static const char *type_name(short type) {
  return type == F_RDLCK ? "read" : type == F_WRLCK ? "write" : "none";
}

static struct flock lock_of(short type, off_t start, off_t length) {
  return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

static int set(int file, short type, off_t start, off_t length) {
  struct flock lock = lock_of(type, start, length);
  return fcntl(file, F_SETLK, &lock);
}

static void ask(short type, off_t start, off_t length) {
  struct flock lock = lock_of(type, start, length);
  need(fcntl(fd, F_GETLK, &lock) == 0, "F_GETLK");
  if (lock.l_type == F_UNLCK) {
    say("ask %s %ld+%ld: free", type_name(type), (long)start, (long)length);
  } else {
    say("ask %s %ld+%ld: %s lock %ld+%ld, of the parent %d", type_name(type), (long)start,
        (long)length, type_name(lock.l_type), (long)lock.l_start, (long)lock.l_len,
        lock.l_pid == getppid());
  }
}

static void others_view(void) {
  ask(F_RDLCK, 0, 100);
  ask(F_WRLCK, 0, 100);
  ask(F_RDLCK, 10, 10);
  ask(F_RDLCK, 15, 1);
  ask(F_WRLCK, 20, 10);
  ask(F_WRLCK, 30, 0);
  SHOW(set(fd, F_RDLCK, 10, 1));
  SHOW(set(fd, F_WRLCK, 20, 1));
  SHOW(set(fd, F_RDLCK, 20, 1));
  SHOW(set(fd, F_WRLCK, 1000, 1));
}

static void splitting(void) {
  SHOW(set(fd, F_WRLCK, 10, 10));
  SHOW(set(fd, F_RDLCK, 20, 10));
  in_child("a write and a read lock", others_view);
  SHOW(set(fd, F_UNLCK, 12, 3));
  in_child("a hole", others_view);
  SHOW(set(fd, F_WRLCK, 0, 0));
  in_child("all", others_view);
  SHOW(set(fd, F_UNLCK, 0, 0));
  in_child("nothing", others_view);
}

static void forms(void) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_END, .l_start = -5, .l_len = 5};
  SHOW(fcntl(fd, F_SETLK, &lock));
  in_child("from the end", others_view);
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 50, .l_len = -10};
  SHOW(fcntl(fd, F_SETLK, &lock));
  in_child("a negative length", others_view);
  lock = lock_of(F_WRLCK, -1, 1);
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = lock_of(F_WRLCK, 0, -1);
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = lock_of(F_WRLCK, 10, INT64_MAX);
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = (struct flock){.l_type = F_WRLCK, .l_whence = 9};
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = (struct flock){.l_type = 9};
  SHOW(fcntl(fd, F_SETLK, &lock));
  lock = (struct flock){.l_type = F_UNLCK};
  SHOW(fcntl(fd, F_GETLK, &lock));
  SHOW(fcntl(fd, F_SETLK, bad_pointer()));
  SHOW(fcntl(99, F_SETLK, &lock));
  int reader = open("file", O_RDONLY);
  SHOW(set(reader, F_WRLCK, 0, 1));
  int writer = open("file", O_WRONLY);
  SHOW(set(writer, F_RDLCK, 0, 1));
  SHOW(set(fd, F_WRLCK, 0, 10));
  // Closing any descriptor of the file drops all the process's locks: fcntl_locking(2).
  SHOW(close(reader));
  in_child("after a close", others_view);
  close(writer);
}

static void waiting(void) {
  int ready[2];
  need(pipe(ready) == 0, "pipe");
  need(set(fd, F_WRLCK, 0, 10) == 0, "lock");
  pid_t child = fork();
  if (child == 0) {
    struct flock lock = lock_of(F_WRLCK, 5, 10);
    need(write(ready[1], "x", 1) == 1, "write");
    SHOW(fcntl(fd, F_SETLKW, &lock));
    _exit(0);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  sleep_ms(20);
  say("unlocking");
  need(set(fd, F_UNLCK, 0, 0) == 0, "unlock");
  reap("waiter", child);
}

static void on_alarm(int signal) {
  (void)signal;
}

static void interrupted(void) {
  need(set(fd, F_WRLCK, 0, 10) == 0, "lock");
  pid_t child = fork();
  if (child == 0) {
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    struct flock lock = lock_of(F_WRLCK, 0, 10);
    // Again and again: the first may come before the wait has begun.
    ualarm(20000, 20000);
    SHOW(fcntl(fd, F_SETLKW, &lock));
    _exit(0);
  }
  reap("interrupted", child);
  need(set(fd, F_UNLCK, 0, 0) == 0, "unlock");
}

static void deadlock(void) {
  int ready[2];
  int go[2];
  need(pipe(ready) == 0 && pipe(go) == 0, "pipe");
  need(set(fd, F_WRLCK, 0, 1) == 0, "lock");
  pid_t child = fork();
  if (child == 0) {
    struct flock lock = lock_of(F_WRLCK, 0, 1);
    need(set(fd, F_WRLCK, 1, 1) == 0, "lock");
    need(write(ready[1], "x", 1) == 1, "write");
    SHOW(fcntl(fd, F_SETLKW, &lock));
    _exit(0);
  }
  char byte;
  need(read(ready[0], &byte, 1) == 1, "read");
  await_sleep(child);
  struct flock lock = lock_of(F_WRLCK, 1, 1);
  SHOW(fcntl(fd, F_SETLKW, &lock));
  need(set(fd, F_UNLCK, 0, 0) == 0, "unlock");
  reap("the other", child);
}

static void not_inherited(void) {
  need(set(fd, F_WRLCK, 0, 10) == 0, "lock");
  pid_t child = fork();
  if (child == 0) {
    SHOW(set(fd, F_WRLCK, 0, 10));
    SHOW(set(fd, F_UNLCK, 0, 10));
    SHOW(set(fd, F_WRLCK, 0, 10));
    _exit(0);
  }
  reap("child", child);
  // A lock goes with its process.
  need(set(fd, F_UNLCK, 0, 0) == 0, "unlock");
  child = fork();
  if (child == 0) {
    need(set(fd, F_WRLCK, 0, 10) == 0, "lock");
    _exit(0);
  }
  reap("holder", child);
  SHOW(set(fd, F_WRLCK, 0, 10));
}

int main(void) {
  make_file("file", "");
  fd = open("file", O_RDWR);
  need(ftruncate(fd, 100) == 0, "ftruncate");
  splitting();
  forms();
  waiting();
  interrupted();
  deadlock();
  not_inherited();
  return 0;
}
