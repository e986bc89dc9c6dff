// What a domain may do to tasks outside of it (landlock(7)): signals, abstract names of sockets, ptrace(2) and what
// asks as that does.
#include "landlock_rules.h"

#include <pthread.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static pid_t outside;
static pid_t inside;
static char data[] = "data";

// A child that waits until it is killed; in a domain of its own with these scopes, or in none more.
static pid_t start(int with, uint64_t scopes) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGUSR1, SIG_IGN);
    if (with) {
      enforce(ruleset_of(scopes == 0 ? MAKE_SYM : 0, 0, scopes));
    }
    need(write(ends[1], "x", 1) == 1, "write");
    while (1) {
      pause();
    }
  }
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  close(ends[0]);
  close(ends[1]);
  return child;
}

static void stop(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void look_at(const char *who, pid_t other) {
  char here[8] = "";
  struct iovec local = {here, 4}, remote = {data, 4};
  say("%s: kill %s", who, kill(other, 0) == 0 ? "0" : error_name(errno));
  say("%s: kill SIGUSR1 %s", who, kill(other, SIGUSR1) == 0 ? "0" : error_name(errno));
  say("%s: tgkill %s", who, syscall(SYS_tgkill, other, other, SIGUSR1) == 0 ? "0" : error_name(errno));
  say("%s: sigqueue %s", who, sigqueue(other, SIGUSR1, (union sigval){0}) == 0 ? "0" : error_name(errno));
  int fd = (int)syscall(SYS_pidfd_open, other, 0);
  say("%s: pidfd %s", who, syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) == 0 ? "0" : error_name(errno));
  say("%s: pidfd_getfd %s", who, syscall(SYS_pidfd_getfd, fd, 0, 0) >= 0 ? "0" : error_name(errno));
  say("%s: process_vm_readv %s", who,
      process_vm_readv(other, &local, 1, &remote, 1, 0) == 4 ? here : error_name(errno));
  char path[64], text[256];
  const char *links[] = {"exe", "cwd", "fd/0", "ns/uts"};
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", other, links[i]);
    say("%s: %s %s", who, links[i], readlink(path, text, sizeof text) > 0 ? "0" : error_name(errno));
  }
  const char *files[] = {"mem", "environ", "maps", "auxv", "status", "fd"};
  for (int i = 0; i < 6; i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", other, files[i]);
    int opened = open(path, O_RDONLY | O_CLOEXEC);
    say("%s: %s %s", who, files[i], opened >= 0 ? "0" : error_name(errno));
    close(opened);
  }
  say("%s: kcmp %s", who, syscall(SYS_kcmp, getpid(), other, 0, 0, 0) >= 0 ? "0" : error_name(errno));
  say("%s: seize %s", who, ptrace(PTRACE_SEIZE, other, 0, 0) == 0 ? "0" : error_name(errno));
  if (ptrace(PTRACE_INTERRUPT, other, 0, 0) == 0) {
    waitpid(other, NULL, 0);
    ptrace(PTRACE_DETACH, other, 0, 0);
  }
  say("%s: attach %s", who, ptrace(PTRACE_ATTACH, other, 0, 0) == 0 ? "0" : error_name(errno));
  if (waitpid(other, NULL, __WALL | WNOHANG) == other || errno != ECHILD) {
    waitpid(other, NULL, __WALL | WNOHANG);
  }
}

static void with(const char *title, uint64_t paths, uint64_t scopes) {
  say("-- %s", title);
  outside = start(0, 0);
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(paths, 0, scopes));
    inside = start(0, 0);
    look_at("outside", outside);
    look_at("inside", inside);
    stop(inside);
    inside = start(1, SCOPE_SIGNAL);
    look_at("further inside", inside);
    stop(inside);
    _exit(0);
  }
  reap(title, child);
  stop(outside);
}

static void from_outside(void) {
  inside = start(1, SCOPE_SIGNAL);
  look_at("in a domain", inside);
  stop(inside);
}

static void siblings(void) {
  pid_t other = start(1, 0);
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(MAKE_SYM, 0, 0));
    look_at("another domain", other);
    _exit(0);
  }
  reap("siblings", child);
  stop(other);
}

static void let_trace(void) {
  pid_t child = fork();
  if (child == 0) {
    SHOW(ptrace(PTRACE_TRACEME, 0, 0, 0));
    _exit(0);
  }
  reap("traced from without", child);
  child = fork();
  if (child == 0) {
    enforce(ruleset_of(MAKE_SYM, 0, 0));
    SHOW(ptrace(PTRACE_TRACEME, 0, 0, 0));
    _exit(0);
  }
  reap("traced from above", child);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  child = fork();
  if (child == 0) {
    char byte;
    need(read(ends[0], &byte, 1) == 1, "read");
    SHOW(ptrace(PTRACE_TRACEME, 0, 0, 0));
    _exit(0);
  }
  enforce(ruleset_of(MAKE_SYM, 0, 0));
  need(write(ends[1], "x", 1) == 1, "write");
  reap("traced from a domain", child);
}

// Signals to groups go to those within reach, and what is no signal of the domain's is none of its affair.
static int caught;

static void catch(int number UNUSED) { caught++; }

static void groups(void) {
  signal(SIGUSR2, catch);
  setpgid(0, 0);
  int ends[2], back[2];
  need(pipe(ends) == 0 && pipe(back) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(0, 0, SCOPE_SIGNAL));
    SHOW(kill(0, SIGUSR2));
    SHOW(caught);
    SHOW(kill(getppid(), SIGUSR2));
    SHOW(kill(getpid(), 0));
    setpgid(0, 0);
    SHOW(kill(-getppid(), 0));
    _exit(0);
  }
  reap("groups", child);
  SHOW(caught);
}

static void *thread(void *unused UNUSED) {
  enforce(ruleset_of(0, 0, SCOPE_SIGNAL));
  SHOW(syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2));
  SHOW(kill(getpid(), SIGUSR2));
  SHOW(kill(getppid(), 0));
  return NULL;
}

static void threads(void) {
  signal(SIGUSR2, SIG_IGN);
  pthread_t other;
  pthread_create(&other, NULL, thread, NULL);
  pthread_join(other, NULL);
  SHOW(kill(getppid(), 0));
}

static volatile sig_atomic_t told;

static void tell(int number UNUSED) { told = 1; }

// Who is told of input is told on behalf of who asked for it.
static void owners(void) {
  signal(SIGIO, tell);
  int ends[2], mine[2];
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
  need(socketpair(AF_UNIX, SOCK_STREAM, 0, mine) == 0, "socketpair");
  for (int scoped = 0; scoped < 2; scoped++) {
    told = 0;
    pid_t child = fork();
    if (child == 0) {
      if (scoped) {
        enforce(ruleset_of(0, 0, SCOPE_SIGNAL));
      }
      SHOW(fcntl(ends[0], F_SETOWN, getppid()));
      SHOW(fcntl(ends[0], F_SETFL, O_ASYNC));
      SHOW(write(ends[1], "x", 1));
      SHOW(fcntl(mine[0], F_SETOWN, getpid()));
      SHOW(fcntl(mine[0], F_SETFL, O_ASYNC));
      told = 0;
      SHOW(write(mine[1], "x", 1));
      for (int i = 0; i < 2000 && !told; i++) {
        sleep_ms(1);
      }
      say("told itself: %d", told);
      _exit(0);
    }
    reap(scoped ? "owners, scoped" : "owners", child);
    for (int i = 0; i < (scoped ? 20 : 2000) && !told; i++) {
      sleep_ms(1);
    }
    say("told outside: %d", told);
  }
}

static struct sockaddr_un name_of(const char *text, socklen_t *size) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  size_t length = strlen(text);
  memcpy(name.sun_path, text, length);
  if (*text == '@') {
    name.sun_path[0] = 0;
  } else {
    length++;
  }
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  return name;
}

static int named(int type, const char *text, int listens) {
  socklen_t size;
  struct sockaddr_un name = name_of(text, &size);
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  need(bind(fd, (struct sockaddr *)&name, size) == 0, text);
  need(!listens || listen(fd, 9) == 0, "listen");
  return fd;
}

static long connect_to(int type, const char *text) {
  socklen_t size;
  struct sockaddr_un name = name_of(text, &size);
  int fd = socket(AF_UNIX, type, 0);
  return connect(fd, (struct sockaddr *)&name, size);
}

static long send_to(int fd, const char *text) {
  socklen_t size;
  struct sockaddr_un name = name_of(text, &size);
  return sendto(fd, "x", 1, 0, (struct sockaddr *)&name, size);
}

static void abstract(const char *title, int scope) {
  say("-- %s", title);
  int others[] = {named(SOCK_STREAM, "@skerry-out", 1),     named(SOCK_SEQPACKET, "@skerry-out-seq", 1),
                  named(SOCK_DGRAM, "@skerry-out-dgram", 0), named(SOCK_STREAM, "@skerry-idle", 0),
                  named(SOCK_STREAM, "sock-stream", 1),      named(SOCK_DGRAM, "sock-dgram", 0)};
  int pair[2];
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
  int connected = socket(AF_UNIX, SOCK_DGRAM, 0);
  socklen_t size;
  struct sockaddr_un name = name_of("@skerry-out-dgram", &size);
  need(connect(connected, (struct sockaddr *)&name, size) == 0, "connect");
  int unbound = socket(AF_UNIX, SOCK_STREAM, 0);
  pid_t child = fork();
  if (child == 0) {
    enforce(ruleset_of(scope ? 0 : MAKE_SYM, 0, (uint64_t)scope));
    SHOW(connect_to(SOCK_STREAM, "@skerry-out"));
    SHOW(connect_to(SOCK_SEQPACKET, "@skerry-out-seq"));
    SHOW(connect_to(SOCK_DGRAM, "@skerry-out-dgram"));
    SHOW(connect_to(SOCK_STREAM, "@skerry-idle"));
    SHOW(connect_to(SOCK_STREAM, "@skerry-nobody"));
    SHOW(connect_to(SOCK_STREAM, "@skerry-out-dgram"));
    SHOW(connect_to(SOCK_STREAM, "sock-stream"));
    SHOW(connect_to(SOCK_DGRAM, "sock-dgram"));
    SHOW(send_to(socket(AF_UNIX, SOCK_DGRAM, 0), "@skerry-out-dgram"));
    SHOW(send_to(socket(AF_UNIX, SOCK_DGRAM, 0), "sock-dgram"));
    SHOW(send_to(connected, "@skerry-out-dgram"));
    SHOW(send(connected, "x", 1, 0));
    SHOW(connect(connected, (struct sockaddr *)&name, size));
    SHOW(send(pair[0], "x", 1, 0));
    named(SOCK_STREAM, "@skerry-in", 1);
    named(SOCK_DGRAM, "@skerry-in-dgram", 0);
    SHOW(connect_to(SOCK_STREAM, "@skerry-in"));
    SHOW(connect_to(SOCK_DGRAM, "@skerry-in-dgram"));
    // Whose a socket is was decided when it was made.
    struct sockaddr_un late = name_of("@skerry-late", &size);
    SHOW(bind(unbound, (struct sockaddr *)&late, size));
    SHOW(listen(unbound, 1));
    SHOW(connect_to(SOCK_STREAM, "@skerry-late"));
    enforce(ruleset_of(0, 0, SCOPE_ABSTRACT));
    SHOW(connect_to(SOCK_STREAM, "@skerry-in"));
    SHOW(connect_to(SOCK_DGRAM, "@skerry-in-dgram"));
    _exit(0);
  }
  reap(title, child);
  for (int i = 0; i < 6; i++) {
    close(others[i]);
  }
  close(pair[0]);
  close(pair[1]);
  close(connected);
  close(unbound);
  unlink("sock-stream");
  unlink("sock-dgram");
}

// From outside into a domain nothing is refused.
static void into(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    enforce(ruleset_of(0, 0, SCOPE_ABSTRACT | SCOPE_SIGNAL));
    named(SOCK_STREAM, "@skerry-deep", 1);
    need(write(ends[1], "x", 1) == 1, "write");
    while (1) {
      pause();
    }
  }
  char byte;
  need(read(ends[0], &byte, 1) == 1, "read");
  SHOW(connect_to(SOCK_STREAM, "@skerry-deep"));
  pid_t sibling = fork();
  if (sibling == 0) {
    enforce(ruleset_of(0, 0, SCOPE_ABSTRACT));
    SHOW(connect_to(SOCK_STREAM, "@skerry-deep"));
    SHOW(kill(child, 0));
    _exit(0);
  }
  reap("a sibling", sibling);
  stop(child);
}

int main(void) {
  chmod(".", 0777);
  become_ordinary();
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  with("only files", MAKE_SYM, 0);
  with("signals", 0, SCOPE_SIGNAL);
  in_child("from outside", from_outside);
  in_child("siblings", siblings);
  in_child("let trace", let_trace);
  in_child("groups", groups);
  in_child("threads", threads);
  in_child("owners", owners);
  abstract("abstract names", SCOPE_ABSTRACT);
  abstract("no scope", 0);
  in_child("into", into);
  return 0;
}
