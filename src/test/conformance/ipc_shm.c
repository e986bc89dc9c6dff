// System V shared memory: ids, attachment, sharing with children, removal, errors.
#include "check.h"
#include <sys/ipc.h>
#include <sys/shm.h>

static int attachments(int id) {
  struct shmid_ds info;
  return shmctl(id, IPC_STAT, &info) == 0 ? (int)info.shm_nattch : -errno;
}

int main(void) {
  int id = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600);
  need(id >= 0, "shmget");
  struct shmid_ds info;
  SHOW(shmctl(id, IPC_STAT, &info));
  say("size %zu, mode %o, attached %lu", info.shm_segsz, info.shm_perm.mode, info.shm_nattch);
  CHECK(info.shm_cpid == getpid() && info.shm_lpid == 0);
  char *one = shmat(id, NULL, 0);
  need(one != (void *)-1, "shmat");
  CHECK(((uintptr_t)one & (PAGE - 1)) == 0);
  char *two = shmat(id, NULL, SHM_RDONLY);
  need(two != (void *)-1, "shmat");
  say("attached %d", attachments(id));
  strcpy(one, "shared");
  CHECK(strcmp(two, "shared") == 0);
  pid_t child = fork();
  if (child == 0) {
    say("in the child %d", attachments(id));
    strcpy(one, "by the child");
    SHOW(shmdt(two));
    say("detached one: %d", attachments(id));
    _exit(0);
  }
  reap("child", child);
  say("%s, attached %d", two, attachments(id));
  SHOW(shmdt(one + 1));
  SHOW(shmdt(one));
  SHOW(shmdt(one));
  SHOW(shmctl(id, IPC_RMID, NULL));
  SHOW(shmctl(id, IPC_STAT, &info));
  CHECK((info.shm_perm.mode & SHM_DEST) != 0);
  CHECK(strcmp(two, "by the child") == 0);
  SHOW(shmdt(two));
  SHOW(shmctl(id, IPC_STAT, &info));
  SHOW((long)shmat(id, NULL, 0));

  key_t key = 0x5ee41;
  SHOW(shmget(key, 4096, 0600));
  id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
  need(id >= 0, "shmget");
  CHECK(shmget(key, 0, 0) == id);
  SHOW(shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600));
  SHOW(shmget(key, 5000, 0));
  SHOW(shmget(IPC_PRIVATE, 0, 0600));
  SHOW((long)shmat(id, (void *)0x10001, 0));
  SHOW((long)shmat(id, NULL, SHM_REMAP));
  SHOW((long)shmat(-1, NULL, 0));
  SHOW(shmctl(id, 12345, NULL));
  SHOW(shmctl(id, IPC_STAT, bad_pointer()));
  SHOW(shmctl(id, IPC_RMID, NULL));
  SHOW(shmctl(id, IPC_RMID, NULL));
  return 0;
}
