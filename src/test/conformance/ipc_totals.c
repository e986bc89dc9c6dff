// The most semaphores of a namespace, and that what a namespace or a process has had is free again when it has ended.
#include "check.h"
#include <mqueue.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define ROUNDS 300
#define MANY 32000

static int removed(int id) { return semctl(id, 0, IPC_RMID); }

static void most_semaphores(void) {
  int fd = open("/proc/sys/kernel/sem", O_WRONLY);
  need(fd >= 0 && write(fd, "32000 100 500 10", 16) == 16, "kernel.sem");
  close(fd);
  int first = semget(IPC_PRIVATE, 60, 0600);
  CHECK(first >= 0);
  SHOW(semget(IPC_PRIVATE, 41, 0600));
  SHOW(semget(IPC_PRIVATE, 101, 0600));
  int second = semget(IPC_PRIVATE, 40, 0600);
  CHECK(second >= 0);
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  SHOW(removed(first));
  CHECK(semget(IPC_PRIVATE, 60, 0600) >= 0);
}

static void fill(void) {
  need(unshare(CLONE_NEWIPC) == 0, "a namespace");
  int set = semget(IPC_PRIVATE, MANY, 0600);
  need(set >= 0, "semaphores");
  struct sembuf up = {MANY - 1, 1, SEM_UNDO};
  need(semop(set, &up, 1) == 0, "semop");
  int queue = msgget(IPC_PRIVATE, 0600);
  static struct {
    long type;
    char text[8192];
  } message = {1, ""};
  need(msgsnd(queue, &message, sizeof message.text, 0) == 0, "a message");
  need(msgsnd(queue, &message, sizeof message.text, 0) == 0, "another message");
  need(shmget(IPC_PRIVATE, 64 << 20, 0600) >= 0, "a segment");
  // Linux frees what an ended namespace has had a little later.
  for (int tries = 0; mq_open("/queue", O_RDWR | O_CREAT, 0600, NULL) < 0; tries++) {
    need(errno == EMFILE && tries < 1000, "a queue");
    sleep_ms(5);
  }
}

static void rounds(void) {
  int ended = 0;
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fork();
    if (child == 0) {
      fill();
      _exit(0);
    }
    int status;
    need(waitpid(child, &status, 0) == child, "waitpid");
    ended += status == 0;
  }
  say("%d namespaces were filled", ended);
}

static void undone(void) {
  int set = semget(IPC_PRIVATE, MANY, 0600);
  for (int i = 0; i < ROUNDS; i++) {
    pid_t child = fork();
    if (child == 0) {
      struct sembuf up = {5, 3, SEM_UNDO};
      _exit(semop(set, &up, 1) == 0 && semctl(set, 5, GETVAL) == 3 ? 0 : 1);
    }
    int status;
    need(waitpid(child, &status, 0) == child, "waitpid");
    need(status == 0, "a change that is undone");
  }
  SHOW(semctl(set, 5, GETVAL));
  SHOW(removed(set));
}

int main(void) {
  need(unshare(CLONE_NEWIPC) == 0, "a namespace");
  rounds();
  undone();
  most_semaphores();
  return 0;
}
