// System V message queues: order, types, sizes, waiting, removal.
#include "check.h"
#include <sys/ipc.h>
#include <sys/msg.h>

struct message {
  long type;
  char text[64];
};

static void put(int id, long type, const char *text) {
  struct message message = {.type = type};
  strcpy(message.text, text);
  SHOW(msgsnd(id, &message, strlen(text), IPC_NOWAIT));
}

static void take(int id, long type, size_t room, int flags) {
  struct message message;
  memset(&message, 0, sizeof message);
  ssize_t n = msgrcv(id, &message, room, type, flags | IPC_NOWAIT);
  if (n < 0) {
    say("type %ld: %s", type, error_name(errno));
  } else {
    say("type %ld: %zd bytes of type %ld, \"%s\"", type, n, message.type, message.text);
  }
}

int main(void) {
  int id = msgget(IPC_PRIVATE, 0600);
  need(id >= 0, "msgget");
  put(id, 3, "three");
  put(id, 1, "one");
  put(id, 2, "two");
  put(id, 1, "another one");
  put(id, 0, "no type");
  struct msqid_ds info;
  SHOW(msgctl(id, IPC_STAT, &info));
  say("%lu messages, %lu bytes of %lu", info.msg_qnum, info.__msg_cbytes, info.msg_qbytes);
  take(id, 2, 64, 0);
  take(id, -2, 64, 0);
  take(id, 1, 3, 0);
  take(id, 1, 3, MSG_NOERROR);
  take(id, 9, 64, 0);
  take(id, 0, 64, 0);
  take(id, 0, 64, 0);
  pid_t child = fork();
  if (child == 0) {
    struct message message = {0};
    ssize_t n = msgrcv(id, &message, 64, 5, 0);
    _exit(n == 13 && strcmp(message.text, "for the child") == 0 ? 7 : 1);
  }
  put(id, 4, "not for the child");
  put(id, 5, "for the child");
  reap("child", child);
  struct message big = {.type = 1};
  SHOW(msgsnd(id, &big, 100000, 0));
  SHOW(msgsnd(id, bad_pointer(), 1, 0));
  child = fork();
  if (child == 0) {
    struct message message;
    _exit(msgrcv(id, &message, 64, 77, 0) < 0 && errno == EIDRM ? 43 : 1);
  }
  await_sleep(child);
  SHOW(msgctl(id, IPC_RMID, NULL));
  reap("child was told", child);
  SHOW(msgctl(id, IPC_RMID, NULL));
  SHOW(msgget(0x5ee43, 0600));
  return 0;
}
