// One round of mixed load: every kind of object that a kernel keeps is made, used and given up, also by
// processes that are killed in the middle of it. Ends with status 0 and leaves nothing behind. It is for
// counting what the kernel keeps afterwards (SoakTest), not for results: the conformance programs see
// to those.
#include "load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
  const char *name;
  void (*run)(void);
} parts[] = {
    {"processes", processes},   {"pipes", pipes},       {"threads", threads},     {"signals", signals},
    {"timers", timers},         {"memory", memory},     {"files", files},         {"locks", locks},
    {"names", names},           {"tcp", tcp},           {"datagrams", datagrams}, {"passing", passing},
    {"polling", polling},       {"watching", watching}, {"terminals", terminals}, {"system_v", system_v},
    {"queues", queues},         {"proc", proc_files},   {"killed_waits", killed_waits},
    {"killed_makers", killed_makers},
};

void need(int condition, const char *what) {
  if (!condition) {
    perror(what);
    exit(1);
  }
}

void reap(pid_t child) {
  need(waitpid(child, NULL, 0) == child, "waitpid");
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    if (argc > 1 && strcmp(argv[1], parts[i].name) != 0) {
      continue;
    }
    // Each in a process of its own: what it forgets is the kernel's to clean up.
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      parts[i].run();
      exit(0);
    }
    int status;
    need(waitpid(child, &status, 0) == child, "waitpid");
    if (status != 0) {
      printf("%s: status %x\n", parts[i].name, status);
      return 1;
    }
  }
  return 0;
}
