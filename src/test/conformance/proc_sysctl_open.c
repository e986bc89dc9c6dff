// Whose settings an open file of /proc/sys shows and changes: those of the namespaces that it was opened in.
#include "check.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#define PATHS 4

static const char *const paths[PATHS] = {"net/ipv4/ip_default_ttl", "kernel/msgmnb", "fs/mqueue/msg_max", "kernel/hostname"};
static const char *const first[PATHS] = {"65", "2147483647", "20", "first"};
static const char *const second[PATHS] = {"66", "4000", "30", "second"};

static int opened(int i) {
  char path[128];
  snprintf(path, sizeof path, "/proc/sys/%s", paths[i]);
  int fd = open(path, O_RDWR);
  need(fd >= 0, path);
  return fd;
}

static void show_text(const char *what, int i, int fd) {
  char text[128] = "";
  ssize_t count = pread(fd, text, sizeof text - 1, 0);
  text[strcspn(text, "\n")] = 0;
  say("%s, %s: %s", what, paths[i], count < 0 ? error_name(errno) : text);
}

static int set(int fd, const char *value) { return pwrite(fd, value, strlen(value), 0) == (ssize_t)strlen(value) ? 0 : -1; }

int main(void) {
  need(unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "namespaces");
  int old[PATHS];
  int fresh[PATHS];
  for (int i = 0; i < PATHS; i++) {
    old[i] = opened(i);
    SHOW(set(old[i], first[i]));
  }
  SHOW(set(old[1], "2147483648"));
  SHOW(set(old[1], "-1"));
  int net = open("/proc/self/ns/net", O_RDONLY);
  int ipc = open("/proc/self/ns/ipc", O_RDONLY);
  need(unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0, "more namespaces");
  for (int i = 0; i < PATHS; i++) {
    fresh[i] = opened(i);
    SHOW(set(fresh[i], second[i]));
    show_text("the old file", i, old[i]);
    show_text("the new file", i, fresh[i]);
  }
  SHOW(set(old[0], "67"));
  SHOW(set(old[1], "5000"));
  for (int i = 0; i < 3; i++) {
    show_text("the new file", i, fresh[i]);
  }
  struct msginfo info;
  need(msgctl(0, IPC_INFO, (struct msqid_ds *)&info) >= 0, "IPC_INFO");
  say("msgmnb %d", info.msgmnb);
  SHOW(setns(net, 0));
  SHOW(setns(ipc, 0));
  need(msgctl(0, IPC_INFO, (struct msqid_ds *)&info) >= 0, "IPC_INFO");
  say("msgmnb %d", info.msgmnb);
  for (int i = 0; i < 3; i++) {
    show_text("again", i, opened(i));
    show_text("the new file", i, fresh[i]);
  }
  return 0;
}
