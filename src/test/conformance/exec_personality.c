// Programs whose stack begins at the end of the address space, one after the other.
#include <sys/personality.h>

#include "check.h"

int main(int argc, char **argv) {
  int round = argc > 1 ? atoi(argv[1]) : 0;
  say("round %d, not random %d, last variable %s", round,
      (personality(0xffffffff) & ADDR_NO_RANDOMIZE) != 0, getenv("LAST") == NULL ? "" : getenv("LAST"));
  if (round < 3) {
    personality(ADDR_NO_RANDOMIZE);
    char number[16];
    snprintf(number, sizeof number, "%d", round + 1);
    char *const arguments[] = {argv[0], number, NULL};
    char *const variables[] = {"FIRST=1", "LAST=of all", NULL};
    SHOW(execve("/proc/self/exe", arguments, variables));
  }
  return 0;
}
