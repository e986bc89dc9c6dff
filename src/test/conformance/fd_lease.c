// Leases (fcntl F_SETLEASE): who may have one, what breaks it, who is told how, and how long a breaker waits.
#include <sys/mman.h>

#include "check.h"

#define BREAK_TIME "/proc/sys/fs/lease-break-time"
#define ENABLE "/proc/sys/fs/leases-enable"

static sigset_t told;
static const char *name;

static void set(const char *path, const char *value) {
  int fd = open(path, O_WRONLY);
  need(fd >= 0 && write(fd, value, strlen(value)) > 0, path);
  close(fd);
}

static void show_told(int fd) {
  siginfo_t info = {0};
  struct timespec most = {20, 0};
  int number = sigtimedwait(&told, &info, &most);
  if (number == SIGIO) {
    say("told by SIGIO, code %#x", (unsigned)info.si_code);
  } else if (number > 0) {
    say("told by %d: code %d band %#lx fd %d", number - SIGRTMIN, info.si_code, info.si_band, info.si_fd == fd);
  } else {
    say("not told: %s", error_name(errno));
  }
}

static void show_none(void) {
  struct timespec now = {0, 0};
  say("nothing told: %d", sigtimedwait(&told, NULL, &now) == -1);
}

static void refused(void) {
  int fd = open(name, O_RDONLY);
  SHOW(fcntl(fd, F_SETLEASE, 5));
  SHOW(fcntl(fd, F_GETLEASE));
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  need(seteuid(1000) == 0, "seteuid");
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  need(seteuid(0) == 0, "seteuid");
  close(fd);
  fd = open(name, O_PATH);
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_GETLEASE));
  close(fd);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(fcntl(ends[0], F_SETLEASE, F_RDLCK));
  SHOW(fcntl(ends[0], F_GETLEASE));
  close(ends[0]);
  close(ends[1]);
  fd = open("/dev/null", O_RDONLY);
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  close(fd);
  set(ENABLE, "0");
  fd = open(name, O_RDONLY);
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  set(ENABLE, "1");
  close(fd);
}

static void kinds(void) {
  int modes[] = {O_RDONLY, O_WRONLY, O_RDWR};
  for (int i = 0; i < 3; i++) {
    int fd = open(name, modes[i]);
    say("mode %d", modes[i]);
    SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
    SHOW(fcntl(fd, F_GETLEASE));
    SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
    SHOW(fcntl(fd, F_GETLEASE));
    SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
    SHOW(fcntl(fd, F_GETLEASE));
    int copy = dup(fd);
    SHOW(fcntl(copy, F_SETLEASE, F_UNLCK));
    SHOW(fcntl(fd, F_GETLEASE));
    close(copy);
    for (int j = 0; j < 3; j++) {
      int other = open(name, modes[j]);
      say("beside mode %d", modes[j]);
      SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
      SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
      if (fcntl(fd, F_GETLEASE) == F_RDLCK) {
        SHOW(fcntl(other, F_SETLEASE, F_RDLCK));
        SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
        SHOW(fcntl(other, F_GETLEASE));
      }
      close(other);
      SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
    }
    close(fd);
  }
}

static void owner(void) {
  int fd = open(name, O_RDONLY);
  SHOW(fcntl(fd, F_GETOWN));
  SHOW(fcntl(fd, F_SETSIG, SIGRTMIN + 1));
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  CHECK(fcntl(fd, F_GETOWN) == getpid());
  CHECK(fcntl(fd, F_GETSIG) == SIGRTMIN + 1);
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  SHOW(fcntl(fd, F_GETOWN));
  SHOW(fcntl(fd, F_GETSIG));
  SHOW(fcntl(fd, F_SETOWN, 1));
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_GETOWN));
  close(fd);
}

static void without_waiting(void) {
  int fd = open(name, O_RDONLY);
  SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
  SHOW(open(name, O_RDONLY | O_NONBLOCK));
  show_told(fd);
  SHOW(fcntl(fd, F_GETLEASE));
  SHOW(open(name, O_RDONLY | O_NONBLOCK));
  show_none();
  SHOW(open(name, O_RDWR | O_NONBLOCK));
  show_told(fd);
  SHOW(fcntl(fd, F_GETLEASE));
  SHOW(open(name, O_RDONLY | O_NONBLOCK));
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  SHOW(fcntl(fd, F_SETSIG, SIGRTMIN + 3));
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  int other = open(name, O_RDONLY | O_NONBLOCK);
  say("a reader: %d", other >= 0);
  show_none();
  SHOW(open(name, O_WRONLY | O_NONBLOCK | O_TRUNC));
  show_told(fd);
  SHOW(fcntl(other, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_GETLEASE));
  close(fd);
  SHOW(fcntl(other, F_SETLEASE, F_RDLCK));
  // What breaks nothing.
  chmod(name, 0600);
  SHOW(open(name, O_PATH) >= 0);
  struct stat stat;
  need(fstat(other, &stat) == 0, "fstat");
  say("%ld bytes", (long)stat.st_size);
  show_none();
  SHOW(fcntl(other, F_GETLEASE));
  close(other);
}

static int opens;
static long truncates;

static void breaker(void) {
  struct timespec begin = monotonic();
  int fd = truncates < 0 ? open(name, opens) : truncate(name, truncates);
  long took = elapsed_ms(&begin);
  struct stat now;
  need(stat(name, &now) == 0, "stat");
  say("broken: %s, %s, %ld bytes", fd >= 0 ? "done" : error_name(errno), took < 15000 ? "in time" : "late",
      (long)now.st_size);
}

static void broken(const char *what, int lease, int flags, long length, int answer) {
  make_file(name, "1234567");
  int fd = open(name, O_RDONLY);
  need(fcntl(fd, F_SETSIG, SIGRTMIN + 2) == 0, "F_SETSIG");
  need(fcntl(fd, F_SETLEASE, lease) == 0, "F_SETLEASE");
  opens = flags;
  truncates = length;
  say("%s", what);
  pid_t child = fork();
  if (child == 0) {
    close(fd);
    breaker();
    _exit(0);
  }
  show_told(fd);
  await_sleep(child);
  SHOW(fcntl(fd, F_GETLEASE));
  struct stat now;
  need(fstat(fd, &now) == 0, "fstat");
  say("still %ld bytes", (long)now.st_size);
  const char *lessened = "removed";
  if (answer == F_RDLCK) {
    // The breaker may go on from now, and prints.
    long result = fcntl(fd, F_SETLEASE, F_RDLCK);
    lessened = result == 0 ? "lessened" : error_name(errno);
  }
  if (answer == F_UNLCK || fcntl(fd, F_GETLEASE) == F_UNLCK) {
    close(fd);
    fd = -1;
  }
  reap("breaker", child);
  say("%s", lessened);
  if (fd >= 0) {
    SHOW(fcntl(fd, F_GETLEASE));
    close(fd);
  }
}

static void waiting(void) {
  broken("reading, lessened", F_WRLCK, O_RDONLY, -1, F_RDLCK);
  broken("reading, removed", F_WRLCK, O_RDONLY, -1, F_UNLCK);
  broken("writing, lessened", F_WRLCK, O_RDWR, -1, F_RDLCK);
  broken("writing a read one", F_RDLCK, O_WRONLY, -1, F_UNLCK);
  broken("appending", F_RDLCK, O_WRONLY | O_APPEND | O_CREAT, -1, F_UNLCK);
  broken("emptying", F_RDLCK, O_WRONLY | O_TRUNC, -1, F_UNLCK);
  broken("truncating", F_RDLCK, 0, 3, F_UNLCK);
  broken("lengthening", F_WRLCK, 0, 30, F_UNLCK);
}

static void overdue(void) {
  set(BREAK_TIME, "1");
  make_file(name, "1234567");
  int fd = open(name, O_RDONLY);
  need(fcntl(fd, F_SETLEASE, F_WRLCK) == 0, "F_SETLEASE");
  struct timespec begin = monotonic();
  int other = open(name, O_RDONLY);
  say("lessened by time: %s, %d", elapsed_ms(&begin) >= 900 ? "waited" : "too early", other >= 0);
  show_told(fd);
  SHOW(fcntl(fd, F_GETLEASE));
  close(other);
  begin = monotonic();
  SHOW(truncate(name, 5));
  say("%s", elapsed_ms(&begin) >= 900 ? "waited" : "too early");
  show_told(fd);
  SHOW(fcntl(fd, F_GETLEASE));
  SHOW(fcntl(fd, F_GETOWN));
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  close(fd);
  set(BREAK_TIME, "45");
}

static void nothing(int number) {
  (void)number;
}

static void interrupted_breaker(void) {
  struct sigaction action = {.sa_handler = nothing};
  sigaction(SIGUSR1, &action, NULL);
  SHOW(open(name, O_WRONLY));
}

static void interrupted(void) {
  make_file(name, "1234567");
  int fd = open(name, O_RDONLY);
  need(fcntl(fd, F_SETLEASE, F_RDLCK) == 0, "F_SETLEASE");
  pid_t child = fork();
  if (child == 0) {
    interrupted_breaker();
    _exit(0);
  }
  show_told(fd);
  await_sleep(child);
  kill(child, SIGUSR1);
  reap("interrupted", child);
  // The child's copy of the descriptor has not ended the lease, and nobody writes any more.
  SHOW(fcntl(fd, F_GETLEASE));
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  close(fd);
}

static void show_locks(const char *what) {
  char line[256];
  FILE *file = fopen("/proc/locks", "r");
  struct stat now;
  need(file != NULL && stat(name, &now) == 0, "/proc/locks");
  char inode[40];
  snprintf(inode, sizeof inode, ":%lu ", (unsigned long)now.st_ino);
  while (fgets(line, sizeof line, file) != NULL) {
    char kind[16], state[16], access[16], range[16];
    int pid, number;
    if (strstr(line, inode) != NULL &&
        sscanf(line, "%d: %15s %15s %15s %d %*s %15[^\n]", &number, kind, state, access, &pid, range) == 6) {
      say("%s: %s %s %s mine %d %s", what, kind, state, access, pid == getpid(), range);
    }
  }
  fclose(file);
}

static void listed(void) {
  int fd = open(name, O_RDONLY);
  need(fcntl(fd, F_SETLEASE, F_WRLCK) == 0, "F_SETLEASE");
  show_locks("held");
  SHOW(open(name, O_RDONLY | O_NONBLOCK));
  show_locks("lessening");
  SHOW(open(name, O_WRONLY | O_NONBLOCK));
  show_locks("ending");
  close(fd);
  show_locks("closed");
  sigtimedwait(&told, NULL, &(struct timespec){0, 0});
}

static void all(const char *where) {
  name = where;
  make_file(name, "1234567");
  refused();
  kinds();
  owner();
  without_waiting();
  waiting();
  overdue();
  interrupted();
  listed();
  unlink(name);
}

static void in_memory(void) {
  int fd = memfd_create("lease", 0);
  SHOW(fcntl(fd, F_SETLEASE, F_RDLCK));
  SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SHOW(open(path, O_RDONLY | O_NONBLOCK));
  show_told(fd);
  SHOW(fcntl(fd, F_SETLEASE, F_UNLCK));
  int other = open(path, O_RDONLY | O_NONBLOCK);
  say("opened again: %d", other >= 0);
  SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
  close(other);
  SHOW(fcntl(fd, F_SETLEASE, F_WRLCK));
  close(fd);
}

int main(void) {
  sigemptyset(&told);
  sigaddset(&told, SIGIO);
  for (int i = 1; i < 4; i++) {
    sigaddset(&told, SIGRTMIN + i);
  }
  sigprocmask(SIG_BLOCK, &told, NULL);
  all("file");
  char text[64];
  snprintf(text, sizeof text, "/dev/shm/lease.%d", getpid());
  all(text);
  in_memory();
  return 0;
}
