// Programs with arguments of many sizes, more than what there is of a stack at first, wherever their stack then begins in its page.
#include "check.h"
#include <spawn.h>

#define MOST 5000

static char *words[MOST + 3];

// Executes itself with this many words of 20 bytes; returns how many the child has seen.
static int execute(char *self, int count) {
  words[0] = self;
  words[1] = "child";
  char *rest = words[count + 2];
  words[count + 2] = NULL;
  pid_t child;
  char *environment[] = {NULL};
  need(posix_spawn(&child, self, NULL, NULL, words, environment) == 0, "posix_spawn");
  words[count + 2] = rest;
  int status = 0;
  need(waitpid(child, &status, 0) == child, "a child");
  if (!WIFEXITED(status)) {
    show_status("child", status);
    return -1;
  }
  return WEXITSTATUS(status);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    for (int i = 2; i < argc; i++) {
      need(atoi(argv[i]) == i - 2 && strlen(argv[i]) == 19, "the right words");
    }
    return (argc - 2) % 100;
  }
  for (int i = 0; i < MOST; i++) {
    need(asprintf(&words[i + 2], "%019d", i) == 19, "asprintf");
  }
  int wrong = 0;
  for (int count = 2400; count < MOST; count += 13) {
    wrong += execute(argv[0], count) != count % 100;
  }
  say("wrong %d", wrong);
  return 0;
}
