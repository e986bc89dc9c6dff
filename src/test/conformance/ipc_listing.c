// What /proc/sysvipc tells of objects, and a segment that is asked to stay in memory.
#include "check.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

static void headings(const char *path) {
  char line[512] = "";
  FILE *file = fopen(path, "r");
  need(file != NULL && fgets(line, sizeof line, file) != NULL, path);
  line[strcspn(line, "\n")] = 0;
  say("%s", line);
  fclose(file);
}

// The line of an object, without ids and times, which differ.
static void row(const char *path, int id) {
  char line[512];
  FILE *file = fopen(path, "r");
  need(file != NULL, path);
  bool found = false;
  while (fgets(line, sizeof line, file) != NULL) {
    int key;
    int number;
    unsigned mode;
    unsigned long a;
    unsigned long b;
    if (sscanf(line, "%d %d %o %lu %lu", &key, &number, &mode, &a, &b) == 5 && number == id) {
      found = true;
      say("%s: key %#x mode %o, %lu", path, (unsigned)key, mode, a);
      say("as wide as expected: %d", line[strlen(line) - 1] == '\n' && strlen(line) > 70);
    }
  }
  fclose(file);
  say("%s: found %d", path, found);
}

int main(void) {
  headings("/proc/sysvipc/shm");
  headings("/proc/sysvipc/msg");
  headings("/proc/sysvipc/sem");
  int shm = shmget(0x5c0001, 5000, IPC_CREAT | IPC_EXCL | 0640);
  int msg = msgget(0x5c0002, IPC_CREAT | IPC_EXCL | 0600);
  int sem = semget(0x5c0003, 7, IPC_CREAT | IPC_EXCL | 0666);
  need(shm >= 0 && msg >= 0 && sem >= 0, "objects");
  struct {
    long type;
    char text[8];
  } message = {1, "hello"};
  need(msgsnd(msg, &message, 5, 0) == 0, "msgsnd");
  row("/proc/sysvipc/shm", shm);
  row("/proc/sysvipc/msg", msg);
  row("/proc/sysvipc/sem", sem);
  struct shmid_ds about;
  SHOW(shmctl(shm, SHM_LOCK, NULL));
  SHOW(shmctl(shm, IPC_STAT, &about));
  say("mode %o", about.shm_perm.mode);
  row("/proc/sysvipc/shm", shm);
  SHOW(shmctl(shm, SHM_UNLOCK, NULL));
  SHOW(shmctl(shm, IPC_STAT, &about));
  say("mode %o", about.shm_perm.mode);
  struct shminfo info;
  CHECK(shmctl(0, IPC_INFO, (struct shmid_ds *)&info) >= 0);
  say("shmmax %lu shmmin %lu shmall %lu shmmni %lu", info.shmmax, info.shmmin, info.shmall, info.shmmni);
  SHOW(shmctl(shm, IPC_RMID, NULL));
  SHOW(msgctl(msg, IPC_RMID, NULL));
  SHOW(semctl(sem, 0, IPC_RMID));
  row("/proc/sysvipc/shm", shm);
  row("/proc/sysvipc/msg", msg);
  row("/proc/sysvipc/sem", sem);
  return 0;
}
