// PID namespaces: numbers on every level, the fate of orphans and of init, signals, /proc.
#include "mount_tree.h"

#include <dirent.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static char stack[1 << 20] __attribute__((aligned(16)));

static pid_t spawn(int (*body)(void *), int flags, void *argument) {
  return clone(body, stack + sizeof stack, flags | SIGCHLD, argument);
}

static int wait_for(pid_t child) {
  int how = 0;
  SHOW(waitpid(child, &how, 0) == child);
  return how;
}

static void lines(const char *path, const char *prefix) {
  char line[256];
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, prefix, strlen(prefix)) == 0) {
      line[strcspn(line, "\n")] = 0;
      say("%s", line);
    }
  }
  if (file != NULL) {
    fclose(file);
  }
}

static void show_proc(void) {
  DIR *dir = opendir("/proc");
  int seen[64] = {0}, known = 0;
  struct dirent *entry;
  while ((entry = readdir(dir)) != NULL) {
    int pid = atoi(entry->d_name);
    if (pid > 0 && pid < 64) {
      seen[pid] = 1;
      known++;
    }
  }
  closedir(dir);
  for (int pid = 0; pid < 64; pid++) {
    if (seen[pid]) {
      say("/proc/%d", pid);
    }
  }
  say("%d processes", known);
}

static int first(void *argument) {
  (void)argument;
  say("pid %d, tid %ld, ppid %d, pgid %d, sid %d", getpid(), syscall(SYS_gettid), getppid(), getpgrp(), getsid(0));
  SHOW(getpgid(getppid()));
  pid_t child = fork();
  if (child == 0) {
    say("pid %d, ppid %d", getpid(), getppid());
    SHOW(setsid());
    SHOW(getpgid(1));
    SHOW(getsid(1));
    SHOW(kill(1, 0));
    SHOW(kill(-1, 0));
    SHOW(kill(3, 0));
    _exit(5);
  }
  int how = wait_for(child);
  say("child %d, status %x", child, how);
  SHOW(mount("proc", "/proc", "proc", 0, NULL));
  show_proc();
  char link[64] = "";
  SHOW(readlink("/proc/self", link, sizeof link));
  say("self is %s", link);
  lines("/proc/self/status", "NS");
  lines("/proc/self/status", "Pid");
  lines("/proc/self/status", "PPid");
  SHOW(unshare(CLONE_NEWPID));
  SHOW(unshare(CLONE_NEWPID));
  SHOW(readlink("/proc/self/ns/pid_for_children", link, sizeof link));
  child = fork();
  if (child == 0) {
    say("deeper pid %d, ppid %d", getpid(), getppid());
    SHOW(readlink("/proc/self", link, sizeof link - 1) == 1);
    lines("/proc/self/status", "NSpid");
    lines("/proc/self/status", "NSsid");
    lines("/proc/3/status", "NSpid");
    _exit(6);
  }
  how = wait_for(child);
  say("grandchild %d, status %x", child, how);
  SHOW(fork());
  return 7;
}

static void numbers(void) {
  make_tree();
  say("status %x", wait_for(spawn(first, CLONE_NEWPID | CLONE_NEWNS, NULL)));
}

// Orphans come to the namespace's init, not to a process outside.
static int adopts(void *argument) {
  (void)argument;
  int tell[2];
  char byte = 'x';
  pipe(tell);
  pid_t child = fork();
  if (child == 0) {
    if (fork() == 0) {
      read(tell[0], &byte, 1);
      say("orphan's parent is %d", getppid());
      _exit(9);
    }
    _exit(8);
  }
  say("status %x", wait_for(child));
  write(tell[1], &byte, 1);
  int how;
  say("orphan was %d", waitpid(-1, &how, 0));
  say("status %x", how);
  return 0;
}

static void orphans(void) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  say("status %x", wait_for(spawn(adopts, CLONE_NEWPID, NULL)));
}

// Init's end is the end of all, and only then is it told.
static int short_lived(void *argument) {
  int *pipes = argument;
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      setsid();
      signal(SIGTERM, SIG_IGN);
      pause();
      _exit(0);
    }
  }
  close(pipes[1]);
  return 3;
}

static void death(void) {
  int pipes[2];
  pipe(pipes);
  pid_t child = spawn(short_lived, CLONE_NEWPID, pipes);
  close(pipes[1]);
  say("status %x", wait_for(child));
  char byte;
  SHOW(read(pipes[0], &byte, 1));
}

// No process without an init.
static void without_init(void) {
  SHOW(unshare(CLONE_NEWPID));
  say("still %d", getpid() > 1);
  pid_t child = fork();
  if (child == 0) {
    say("init is %d", getpid());
    _exit(0);
  }
  wait_for(child);
  SHOW(fork());
  SHOW(clone(adopts, stack + sizeof stack, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, NULL));
}

static void handler(int number) { say("handled %d", number); }

static int init_with_signals(void *argument) {
  int *pipes = argument;
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    SHOW(kill(1, SIGTERM));
    SHOW(kill(1, SIGKILL));
    SHOW(kill(1, SIGSTOP));
    _exit(0);
  }
  wait_for(child);
  SHOW(kill(1, SIGKILL));
  SHOW(raise(SIGTERM));
  signal(SIGUSR1, handler);
  SHOW(raise(SIGUSR1));
  write(pipes[1], &byte, 1);
  for (;;) {
    pause();
  }
}

static void signals(void) {
  int pipes[2];
  pipe(pipes);
  char byte;
  pid_t child = spawn(init_with_signals, CLONE_NEWPID, pipes);
  read(pipes[0], &byte, 1);
  SHOW(kill(child, SIGTERM));
  SHOW(kill(child, SIGSTOP));
  int how = 0;
  SHOW(waitpid(child, &how, WUNTRACED) == child);
  say("status %x", how);
  SHOW(kill(child, SIGCONT));
  SHOW(kill(child, SIGKILL));
  say("status %x", wait_for(child));
}

// Whom a signal's receiver and a socket's reader see as the sender.
static int sender(void *argument) {
  int *sockets = argument;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  char byte = 'x';
  write(sockets[1], &byte, 1);
  siginfo_t info;
  sigwaitinfo(&set, &info);
  say("signal from %d", info.si_pid);
  struct ucred peer;
  socklen_t length = sizeof peer;
  getsockopt(sockets[1], SOL_SOCKET, SO_PEERCRED, &peer, &length);
  say("the peer is %d", peer.pid);
  return 0;
}

static void senders(void) {
  int sockets[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
  int on = 1;
  setsockopt(sockets[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  pid_t child = spawn(sender, CLONE_NEWPID, sockets);
  char byte, room[64];
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  SHOW(recvmsg(sockets[0], &message, 0));
  struct ucred *who = (struct ucred *)CMSG_DATA(CMSG_FIRSTHDR(&message));
  CHECK(who->pid == child);
  kill(child, SIGUSR1);
  wait_for(child);
}

static int sleeps(void *argument) {
  int *pipes = argument;
  char byte = 'x';
  if (fork() == 0) {
    write(pipes[1], &byte, 1);
    pause();
  }
  pause();
  return 0;
}

// setns: the caller stays, its children go; not to an ancestor.
static void entered(void) {
  int pipes[2];
  pipe(pipes);
  char byte = 'x', path[64];
  pid_t init = spawn(sleeps, CLONE_NEWPID, pipes);
  read(pipes[0], &byte, 1);
  snprintf(path, sizeof path, "/proc/%d/ns/pid", init);
  int theirs = open(path, O_RDONLY);
  int mine = open("/proc/self/ns/pid", O_RDONLY);
  SHOW(ioctl(theirs, NS_GET_NSTYPE) == CLONE_NEWPID);
  int parent = ioctl(theirs, NS_GET_PARENT);
  struct stat one, other;
  fstat(parent, &one);
  fstat(mine, &other);
  CHECK(one.st_ino == other.st_ino);
  SHOW(setns(theirs, CLONE_NEWPID));
  CHECK(getpid() > 3);
  pid_t child = fork();
  if (child == 0) {
    say("inside %d, parent %d", getpid(), getppid());
    SHOW(kill(2, 0));
    SHOW(kill(9, 0));
    SHOW(ioctl(theirs, NS_GET_PARENT));
    SHOW(setns(mine, CLONE_NEWPID));
    _exit(4);
  }
  say("status %x", wait_for(child));
  CHECK(child > 3);
  SHOW(setns(mine, CLONE_NEWPID));
  child = fork();
  if (child == 0) {
    CHECK(getpid() > 3);
    _exit(0);
  }
  wait_for(child);
  SHOW(kill(init, SIGKILL));
  say("status %x", wait_for(init));
  SHOW(setns(theirs, CLONE_NEWPID));
  SHOW(fork());
}

static int deeper(void *argument) {
  long level = (long)argument;
  char *room = malloc(65536);
  pid_t child = clone(deeper, room + 65536, CLONE_NEWPID | SIGCHLD, (void *)(level + 1));
  if (child < 0) {
    say("level %ld: %s", level, error_name(errno));
    return 0;
  }
  waitpid(child, NULL, 0);
  return 0;
}

static void depth(void) { wait_for(spawn(deeper, CLONE_NEWPID, (void *)1L)); }

int main(void) {
  // No process group or session of a caller outside.
  setsid();
  run("numbers", numbers);
  run("orphans", orphans);
  run("death", death);
  run("without init", without_init);
  run("signals", signals);
  run("senders", senders);
  run("entered", entered);
  run("depth", depth);
  return 0;
}
