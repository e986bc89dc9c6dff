// Directory notices (fcntl F_NOTIFY): which signals come, how often, and until when.
#include "check.h"

static volatile int caught[65];
static volatile int last_band;
static volatile int last_code;
static volatile int last_fd;

static void handle(int number, siginfo_t *info, void *context) {
  (void)context;
  caught[number]++;
  last_code = info->si_code;
  last_band = (int)info->si_band;
  last_fd = info->si_fd;
}

// The signals of what this process does are there when its call returns.
static void show_count(const char *what, int number) {
  say("%s: %d", what, caught[number]);
  caught[number] = 0;
}

static void events(const char *what, int mask) {
  int fd = open("d", O_RDONLY | O_DIRECTORY);
  fcntl(fd, F_SETSIG, SIGRTMIN + 1);
  long set = fcntl(fd, F_NOTIFY, mask | DN_MULTISHOT);
  say("%s: %ld", what, set);
  int number = SIGRTMIN + 1;
  make_file("d/f", "text");
  show_count(" created and written", number);
  char byte;
  int file = open("d/f", O_RDONLY);
  need(read(file, &byte, 1) == 1, "read");
  close(file);
  show_count(" read", number);
  chmod("d/f", 0600);
  show_count(" chmod", number);
  rename("d/f", "d/g");
  show_count(" renamed within", number);
  rename("d/g", "g");
  show_count(" renamed out", number);
  rename("g", "d/f");
  show_count(" renamed in", number);
  unlink("d/f");
  show_count(" unlinked", number);
  mkdir("d/s", 0700);
  show_count(" mkdir", number);
  make_file("d/s/x", "");
  show_count(" below", number);
  unlink("d/s/x");
  rmdir("d/s");
  show_count(" rmdir", number);
  chmod("d", 0755);
  show_count(" itself", number);
  close(fd);
  make_file("d/f", "");
  unlink("d/f");
  show_count(" closed", number);
}

static void shots(void) {
  int fd = open("d", O_RDONLY);
  CHECK(fcntl(fd, F_GETOWN) == 0);
  SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
  CHECK(fcntl(fd, F_GETOWN) == getpid());
  make_file("d/1", "");
  make_file("d/2", "");
  show_count("once", SIGIO);
  say("code %d", last_code);
  make_file("d/3", "");
  show_count("no more", SIGIO);
  SHOW(fcntl(fd, F_SETSIG, SIGRTMIN + 2));
  SHOW(fcntl(fd, F_NOTIFY, DN_CREATE));
  SHOW(fcntl(fd, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
  unlink("d/1");
  show_count("deleted", SIGRTMIN + 2);
  make_file("d/1", "");
  show_count("created", SIGRTMIN + 2);
  say("code %d band %#x fd %d", last_code, (unsigned)last_band, last_fd == fd);
  int copy = dup(fd);
  close(copy);
  unlink("d/1");
  show_count("a copy was closed", SIGRTMIN + 2);
  SHOW(fcntl(fd, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
  SHOW(fcntl(fd, F_NOTIFY, 0));
  unlink("d/2");
  show_count("withdrawn", SIGRTMIN + 2);
  SHOW(fcntl(fd, F_NOTIFY, DN_DELETE | DN_MULTISHOT));
  pid_t child = fork();
  if (child == 0) {
    close(fd);
    unlink("d/3");
    _exit(0);
  }
  reap("child", child);
  show_count("a child has closed it", SIGRTMIN + 2);
  close(fd);
}

// One event is told of through the directory, and through the one above it.
static void both(void) {
  int above = open(".", O_RDONLY);
  int itself = open("d", O_RDONLY);
  fcntl(above, F_SETSIG, SIGRTMIN + 1);
  fcntl(itself, F_SETSIG, SIGRTMIN + 1);
  SHOW(fcntl(above, F_NOTIFY, DN_ATTRIB | DN_MULTISHOT));
  SHOW(fcntl(itself, F_NOTIFY, DN_ATTRIB | DN_MULTISHOT));
  chmod("d", 0755);
  show_count("of both", SIGRTMIN + 1);
  close(above);
  close(itself);
}

static void refused(void) {
  make_file("file", "");
  int fd = open("file", O_RDONLY);
  SHOW(fcntl(fd, F_NOTIFY, 0));
  SHOW(fcntl(fd, F_NOTIFY, DN_MULTISHOT));
  SHOW(fcntl(fd, F_NOTIFY, DN_MODIFY));
  close(fd);
  fd = open(".", O_PATH);
  SHOW(fcntl(fd, F_NOTIFY, DN_MODIFY));
  close(fd);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(fcntl(ends[0], F_NOTIFY, DN_MODIFY));
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGIO, &action, NULL);
  sigaction(SIGRTMIN + 1, &action, NULL);
  sigaction(SIGRTMIN + 2, &action, NULL);
  mkdir("d", 0755);
  events("access", DN_ACCESS);
  events("modify", DN_MODIFY);
  events("create", DN_CREATE);
  events("delete", DN_DELETE);
  events("rename", DN_RENAME);
  events("attrib", DN_ATTRIB);
  shots();
  both();
  refused();
  return 0;
}
