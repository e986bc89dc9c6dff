// Jumps at the system call instructions in the stub's text, with registers of its own choice.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "layout.h"

// Which of the stub's calls: the first is the signal return, the second the clone.
static const unsigned char *find_syscall(int skip) {
  const unsigned char *text = (const unsigned char *)STUB_BASE;
  for (unsigned long i = 0; i + 1 < STUB_TEXT_SIZE; i++) {
    if (text[i] == 0x0f && text[i + 1] == 0x05 && skip-- == 0) {
      return text + i;
    }
  }
  return 0;
}

static void jump(const void *where, long number, long a, long b, long c) {
  register long fourth __asm__("r10") = 8;
  __asm__ volatile("jmp *%0" : : "r"(where), "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "memory");
}

int main(int argc, char **argv) {
  write(1, "before\n", 7);
  const char *attempt = argc > 1 ? argv[1] : "";
  const void *call = find_syscall(2);
  if (strcmp(attempt, "getpid") == 0) {
    jump(call, SYS_getpid, 0, 0, 0);
  } else if (strcmp(attempt, "open") == 0) {
    jump(call, SYS_open, (long)"/etc/passwd", 0, 0);
  } else if (strcmp(attempt, "hypercall") == 0) {
    jump(call, HYPERCALL, HYPER_DONE, 0, 0);
  } else if (strcmp(attempt, "handler") == 0) {
    // What the stub begins with is let through, but no other handler, signal, mask or stack.
    static unsigned long action[4];
    jump(call, SYS_rt_sigaction, SIGSYS, (long)action, 0);
  } else if (strcmp(attempt, "other signal") == 0) {
    jump(call, SYS_rt_sigaction, SIGCHLD, STUB_ACTION, 0);
  } else if (strcmp(attempt, "old action") == 0) {
    jump(call, SYS_rt_sigaction, SIGSEGV, STUB_ACTION, STUB_SLOTS);
  } else if (strcmp(attempt, "mask") == 0) {
    jump(call, SYS_rt_sigprocmask, SIG_SETMASK, STUB_SLOTS, 0);
  } else if (strcmp(attempt, "stack") == 0) {
    jump(call, SYS_sigaltstack, STUB_FIRST_STACK, STUB_SLOTS, 0);
  } else {
    jump(call, SYS_process_vm_readv, getppid(), 0, 0);
  }
  write(1, "after\n", 6);
  return 0;
}
