// System V semaphores: values, atomic operations, waiting, time-outs, undo, removal under waiters.
#include "check.h"
#include <sys/ipc.h>
#include <sys/sem.h>

union argument {
  int value;
  struct semid_ds *info;
  unsigned short *array;
};

static int value(int id, int index) {
  return semctl(id, index, GETVAL);
}

int main(void) {
  int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
  need(id >= 0, "semget");
  unsigned short values[3] = {1, 2, 3};
  SHOW(semctl(id, 0, SETALL, (union argument){.array = values}));
  memset(values, 0, sizeof values);
  SHOW(semctl(id, 0, GETALL, (union argument){.array = values}));
  say("values %d %d %d", values[0], values[1], values[2]);
  struct sembuf pair[2] = {{0, -1, 0}, {1, -3, IPC_NOWAIT}};
  SHOW(semop(id, pair, 2));
  say("all or none: %d", value(id, 0));
  pair[1].sem_op = -2;
  SHOW(semop(id, pair, 2));
  say("values %d %d", value(id, 0), value(id, 1));
  CHECK(semctl(id, 1, GETPID) == getpid());
  struct sembuf zero = {2, 0, IPC_NOWAIT};
  SHOW(semop(id, &zero, 1));
  struct sembuf too_far = {3, 1, 0};
  SHOW(semop(id, &too_far, 1));
  SHOW(semop(id, &zero, 0));
  SHOW(semop(id, bad_pointer(), 1));
  struct sembuf large = {2, 32767, 0};
  SHOW(semop(id, &large, 1));
  SHOW(semctl(id, 0, SETVAL, (union argument){.value = 40000}));
  SHOW(semctl(id, 7, SETVAL, (union argument){.value = 1}));

  struct timespec wait = {0, 20000000};
  struct sembuf down = {0, -1, 0};
  SHOW(semtimedop(id, &down, 1, &wait));
  pid_t child = fork();
  if (child == 0) {
    _exit(semop(id, &down, 1) == 0 ? 7 : 1);
  }
  while (semctl(id, 0, GETNCNT) != 1) {
    sleep_ms(1);
  }
  struct sembuf up = {0, 1, 0};
  SHOW(semop(id, &up, 1));
  reap("child went on", child);

  child = fork();
  if (child == 0) {
    struct sembuf undone[2] = {{0, 5, SEM_UNDO}, {2, -1, SEM_UNDO}};
    SHOW(semop(id, undone, 2));
    say("in the child %d %d", value(id, 0), value(id, 2));
    _exit(0);
  }
  reap("child with undo", child);
  say("after it %d %d", value(id, 0), value(id, 2));

  child = fork();
  if (child == 0) {
    _exit(semop(id, &down, 1) < 0 && errno == EIDRM ? 43 : 1);
  }
  while (semctl(id, 0, GETNCNT) != 1) {
    sleep_ms(1);
  }
  SHOW(semctl(id, 0, IPC_RMID));
  reap("child was told", child);
  SHOW(semctl(id, 0, GETVAL));
  SHOW(semget(IPC_PRIVATE, 0, 0600));
  SHOW(semget(IPC_PRIVATE, 100000, 0600));
  SHOW(semget(0x5ee42, 1, 0600));
  return 0;
}
