// User namespaces: who may make them, maps, overflow ids, what capabilities in them are worth, nsfs.
#include "check.h"

#include <grp.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

static void become(int id) {
  SHOW(setgroups(0, NULL));
  SHOW(setresgid(id, id, id));
  SHOW(setresuid(id, id, id));
  prctl(PR_SET_DUMPABLE, 1);
}

static long put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) {
    return -1;
  }
  long result = write(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

static void get(const char *path) {
  char text[1024];
  int fd = open(path, O_RDONLY);
  long length = read(fd, text, sizeof text - 1);
  close(fd);
  text[length < 0 ? 0 : length] = 0;
  say("%s: %ld [%s]", path, length, text);
}

static void status(void) {
  char line[256];
  FILE *file = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, "Uid", 3) == 0 || strncmp(line, "Gid", 3) == 0 || strncmp(line, "CapEff", 6) == 0 ||
        strncmp(line, "CapBnd", 6) == 0 || strncmp(line, "CapInh", 6) == 0 || strncmp(line, "Groups", 6) == 0) {
      line[strcspn(line, "\n")] = 0;
      say("%s", line);
    }
  }
  fclose(file);
}

static void run(const char *title, void (*body)(void)) {
  say("-- %s", title);
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int how = 0;
  waitpid(child, &how, 0);
  say("ended: %x", how);
}

static void unprivileged(void) {
  become(1000);
  SHOW(unshare(CLONE_NEWUTS));
  SHOW(unshare(CLONE_NEWNET));
  SHOW(unshare(CLONE_NEWUSER));
  say("ids %d %d %d %d", getuid(), geteuid(), getgid(), getegid());
  status();
  get("/proc/self/uid_map");
  get("/proc/self/setgroups");
  SHOW(put("/proc/self/uid_map", "0 1000 1"));
  SHOW(put("/proc/self/uid_map", "0 1000 1"));
  SHOW(put("/proc/self/gid_map", "0 1000 1"));
  SHOW(put("/proc/self/setgroups", "deny"));
  SHOW(put("/proc/self/gid_map", "0 1000 1"));
  SHOW(put("/proc/self/setgroups", "allow"));
  SHOW(put("/proc/self/setgroups", "deny"));
  get("/proc/self/uid_map");
  get("/proc/self/gid_map");
  get("/proc/self/setgroups");
  say("ids %d %d %d %d", getuid(), geteuid(), getgid(), getegid());
  gid_t group = 0;
  SHOW(setgroups(1, &group));
  SHOW(setuid(5));
  SHOW(setresuid(-1, 7, -1));
  SHOW(setgid(7));
  SHOW(setuid(0));
  status();
}

static void rights(void) {
  become(1000);
  SHOW(mkdir("place", 0700));
  SHOW(unshare(CLONE_NEWUSER | CLONE_NEWUTS));
  SHOW(put("/proc/self/uid_map", "0 1000 1"));
  SHOW(put("/proc/self/setgroups", "deny"));
  SHOW(put("/proc/self/gid_map", "0 1000 1"));
  struct stat st;
  stat("/", &st);
  say("/ belongs to %d %d", st.st_uid, st.st_gid);
  int fd = open("mine", O_CREAT | O_RDWR, 0600);
  fstat(fd, &st);
  say("mine belongs to %d %d", st.st_uid, st.st_gid);
  SHOW(fchown(fd, 0, 0));
  SHOW(fchown(fd, 1, -1));
  SHOW(fchown(fd, -1, 1));
  SHOW(fchmod(fd, 0000));
  SHOW(open("mine", O_RDWR) >= 0);
  SHOW(chmod("/", 0777));
  SHOW(chown("/", 0, 0));
  SHOW(open("/etc/shadow", O_RDONLY));
  SHOW(mkdir("/root-of-nothing", 0700));
  SHOW(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  SHOW(mknod("fifo", S_IFIFO | 0666, 0));
  SHOW(kill(1, 0));
  SHOW(sethostname("inner", 5));
  struct utsname names;
  uname(&names);
  say("host %s", names.nodename);
  SHOW(socket(AF_INET, SOCK_RAW, 1));
  SHOW(chroot("."));
  SHOW(unshare(CLONE_NEWUSER));
}

static void bad_maps(void) {
  become(1000);
  SHOW(unshare(CLONE_NEWUSER));
  SHOW(put("/proc/self/uid_map", ""));
  SHOW(put("/proc/self/uid_map", "\n"));
  SHOW(put("/proc/self/uid_map", "0"));
  SHOW(put("/proc/self/uid_map", "0 1000"));
  SHOW(put("/proc/self/uid_map", "0 1000 0"));
  SHOW(put("/proc/self/uid_map", "0 1000 x"));
  SHOW(put("/proc/self/uid_map", "0 1000 1 1"));
  SHOW(put("/proc/self/uid_map", "-1 1000 1"));
  SHOW(put("/proc/self/uid_map", "4294967295 1000 1"));
  SHOW(put("/proc/self/uid_map", "0 1000 4294967295"));
  SHOW(put("/proc/self/uid_map", "0 1000 1\n0 1001 1\n"));
  SHOW(put("/proc/self/uid_map", "0 1000 1\n1 1000 1\n"));
  SHOW(put("/proc/self/uid_map", "0 1000 2"));
  SHOW(put("/proc/self/uid_map", "0 1001 1"));
  SHOW(put("/proc/self/uid_map", "0 0 1"));
  SHOW(put("/proc/self/setgroups", "no"));
  SHOW(put("/proc/self/setgroups", "allow"));
  SHOW(put("/proc/self/uid_map", "  77   1000\t1 \n"));
  say("uid %d", getuid());
  get("/proc/self/uid_map");
}

// The parent, root, writes a large map for its child.
static void mapped_by_root(void) {
  int ready[2], go[2];
  pipe(ready);
  pipe(go);
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    SHOW(setresuid(1000, 1000, 1000));
    SHOW(unshare(CLONE_NEWUSER));
    write(ready[1], &byte, 1);
    read(go[0], &byte, 1);
    status();
    gid_t groups[] = {3, 1};
    SHOW(setgroups(2, groups));
    SHOW(setresgid(4, 4, 4));
    SHOW(setresuid(9, 9, 9));
    status();
    _exit(0);
  }
  read(ready[0], &byte, 1);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/uid_map", child);
  say("map: %ld", put(path, "0 1000 1\n1 2000 100\n500 5000 10\n"));
  snprintf(path, sizeof path, "/proc/%d/gid_map", child);
  say("map: %ld", put(path, "0 1000 1\n1 2000 100\n"));
  snprintf(path, sizeof path, "/proc/%d/uid_map", child);
  char text[256];
  int fd = open(path, O_RDONLY);
  long length = read(fd, text, 255);
  text[length] = 0;
  say("[%s]", text);
  write(go[1], &byte, 1);
  waitpid(child, NULL, 0);
}

static void nested(void) {
  become(1000);
  SHOW(unshare(CLONE_NEWUSER));
  SHOW(put("/proc/self/uid_map", "0 1000 1"));
  ino_t first, second;
  struct stat st;
  stat("/proc/self/ns/user", &st);
  first = st.st_ino;
  int outer = open("/proc/self/ns/user", O_RDONLY);
  SHOW(ioctl(outer, NS_GET_NSTYPE) == CLONE_NEWUSER);
  SHOW(unshare(CLONE_NEWUSER));
  SHOW(put("/proc/self/uid_map", "5 0 1"));
  say("uid %d", getuid());
  get("/proc/self/uid_map");
  stat("/proc/self/ns/user", &st);
  second = st.st_ino;
  CHECK(first != second);
  int inner = open("/proc/self/ns/user", O_RDONLY);
  SHOW(ioctl(inner, NS_GET_PARENT));
  SHOW(ioctl(outer, NS_GET_PARENT));
  SHOW(ioctl(inner, NS_GET_USERNS));
  uid_t owner = 123;
  SHOW(ioctl(inner, NS_GET_OWNER_UID, &owner));
  say("owner %u", owner);
  int uts = open("/proc/self/ns/uts", O_RDONLY);
  SHOW(ioctl(uts, NS_GET_USERNS));
  SHOW(ioctl(uts, NS_GET_PARENT));
  SHOW(ioctl(uts, NS_GET_OWNER_UID, &owner));
  SHOW(ioctl(uts, NS_GET_NSTYPE) == CLONE_NEWUTS);
  SHOW(ioctl(uts, TIOCNOTTY));
  SHOW(setns(inner, 0));
  SHOW(setns(outer, 0));
  SHOW(setns(uts, CLONE_NEWNET));
  SHOW(setns(uts, CLONE_NEWUTS));
  SHOW(setns(-1, 0));
  SHOW(setns(1, 0));
  SHOW(unshare(CLONE_NEWUTS));
  int mine = open("/proc/self/ns/uts", O_RDONLY);
  int owning = ioctl(mine, NS_GET_USERNS);
  fstat(owning, &st);
  CHECK(st.st_ino == second);
  SHOW(setns(mine, CLONE_NEWUTS));
}

static void entered_by_root(void) {
  int ready[2];
  pipe(ready);
  char byte = 'x';
  pid_t child = fork();
  if (child == 0) {
    become(1000);
    SHOW(unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET));
    SHOW(sethostname("theirs", 6));
    SHOW(put("/proc/self/uid_map", "0 1000 1"));
    write(ready[1], &byte, 1);
    pause();
  }
  read(ready[0], &byte, 1);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", child);
  int user = open(path, O_RDONLY);
  snprintf(path, sizeof path, "/proc/%d/ns/uts", child);
  int uts = open(path, O_RDONLY);
  uid_t owner;
  SHOW(ioctl(user, NS_GET_OWNER_UID, &owner));
  say("owner %u", owner);
  SHOW(setns(uts, 0));
  SHOW(setns(user, CLONE_NEWUSER));
  SHOW(setns(user, CLONE_NEWUSER));
  struct utsname names;
  uname(&names);
  say("host %s uid %d", names.nodename, getuid());
  status();
  SHOW(sethostname("ours", 4));
  SHOW(setuid(0));
  status();
  SHOW(kill(child, SIGKILL));
  waitpid(child, NULL, 0);
}

// Who may look into a process of another namespace.
static void inspection(void) {
  become(1000);
  int ready[2];
  pipe(ready);
  char byte = 'x';
  pid_t outside = getpid();
  pid_t child = fork();
  if (child == 0) {
    SHOW(unshare(CLONE_NEWUSER));
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/user", outside);
    SHOW(open(path, O_RDONLY));
    SHOW(kill(outside, 0));
    write(ready[1], &byte, 1);
    pause();
  }
  read(ready[0], &byte, 1);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", child);
  int user = open(path, O_RDONLY);
  CHECK(user >= 0);
  SHOW(setns(user, 0));
  say("uid %d", getuid());
  SHOW(kill(child, SIGKILL));
  waitpid(child, NULL, 0);
}

static int thread_body(void *argument) {
  (void)argument;
  return 0;
}

static void flags(void) {
  static char stack[65536] __attribute__((aligned(16)));
  SHOW(clone(thread_body, stack + sizeof stack, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL));
  SHOW(clone(thread_body, stack + sizeof stack, CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, NULL));
  SHOW(clone(thread_body, stack + sizeof stack, CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD, NULL));
  SHOW(unshare(0x40));
  SHOW(unshare(0));
  pid_t child = clone(thread_body, stack + sizeof stack, CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC | SIGCHLD, NULL);
  CHECK(child > 0);
  SHOW(waitpid(child, NULL, 0) == child);
}

// The sender of a signal, as its receiver knows him.
static void signals_tell(void) {
  become(1000);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) {
    unshare(CLONE_NEWUSER);
    put("/proc/self/uid_map", "0 1000 1");
    kill(parent, SIGUSR1);
    raise(SIGUSR1);
    siginfo_t info;
    sigwaitinfo(&set, &info);
    _exit(info.si_uid);
  }
  siginfo_t info;
  sigwaitinfo(&set, &info);
  say("signal %d from uid %d", info.si_signo == SIGUSR1, info.si_uid);
  sigwaitinfo(&set, &info);
  say("signal %d from uid %d", info.si_signo == SIGCHLD, info.si_uid);
  int how = 0;
  waitpid(child, &how, 0);
  say("its own from uid %d", WEXITSTATUS(how));
}

static void depth(void) {
  become(1000);
  int levels = 0;
  while (unshare(CLONE_NEWUSER) == 0) {
    if (put("/proc/self/uid_map", levels == 0 ? "0 1000 1" : "0 0 1") < 0 ||
        put("/proc/self/setgroups", "deny") < 0 ||
        put("/proc/self/gid_map", levels == 0 ? "0 1000 1" : "0 0 1") < 0) {
      say("map: %s", error_name(errno));
      break;
    }
    levels++;
  }
  say("levels %d: %s", levels, error_name(errno));
}

int main(void) {
  chmod(".", 0777);
  run("unprivileged", unprivileged);
  run("rights", rights);
  run("bad maps", bad_maps);
  run("mapped by root", mapped_by_root);
  run("nested", nested);
  run("entered by root", entered_by_root);
  run("inspection", inspection);
  run("flags", flags);
  run("signals", signals_tell);
  run("depth", depth);
  return 0;
}
