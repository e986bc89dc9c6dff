// A tracer that turns its tracee against the stub: reads and writes it, sends the tracee there, gives
// it calls to make that nobody else would let through.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout.h"

static pid_t child;

static void tell(const char *what, long result) {
  char line[200];
  int length = snprintf(line, sizeof line, "%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "DONE");
  write(1, line, (size_t)length);
}

static long trace(long request, unsigned long address, unsigned long data) {
  return syscall(SYS_ptrace, request, (long)child, address, data);
}

// The first system call's instruction in the stub behind those of the signal return and the clone.
static unsigned long stub_syscall(void) {
  const unsigned char *text = (const unsigned char *)STUB_BASE;
  int skip = 2;
  for (unsigned long i = 0; i + 1 < STUB_TEXT_SIZE; i++) {
    if (text[i] == 0x0f && text[i + 1] == 0x05 && skip-- == 0) {
      return STUB_BASE + i;
    }
  }
  return 0;
}

static void memory(void) {
  long word = 0;
  tell("peek the code", trace(PTRACE_PEEKTEXT, STUB_BASE, (unsigned long)&word));
  tell("peek into it", trace(PTRACE_PEEKTEXT, STUB_BASE - 4, (unsigned long)&word));
  tell("poke the code", trace(PTRACE_POKETEXT, STUB_BASE, 0x90909090));
  tell("poke a slot", trace(PTRACE_POKEDATA, STUB_SLOTS, 1));
  struct iovec here = {&word, 8};
  struct iovec there = {(void *)STUB_SLOTS, 8};
  tell("read a slot", syscall(SYS_process_vm_readv, child, &here, 1, &there, 1, 0));
  tell("write a slot", syscall(SYS_process_vm_writev, child, &here, 1, &there, 1, 0));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", child);
  int fd = open(path, O_RDWR);
  tell("open its memory", fd);
  tell("read the code", pread(fd, &word, 8, (off_t)STUB_BASE));
  tell("write the code", pwrite(fd, &word, 8, (off_t)STUB_BASE));
  close(fd);
}

static void jump(void) {
  struct user_regs_struct now;
  trace(PTRACE_GETREGS, 0, (unsigned long)&now);
  now.rip = stub_syscall();
  now.rax = SYS_getpid;
  tell("send it there", trace(PTRACE_SETREGS, 0, (unsigned long)&now));
  tell("by one register", trace(PTRACE_POKEUSER, offsetof(struct user, regs.rip), STUB_BASE));
}

// The tracee's next call becomes another one.
static void call(const char *what, long number, unsigned long a, unsigned long b, unsigned long c,
                 unsigned long d) {
  int status;
  struct user_regs_struct now;
  trace(PTRACE_SYSCALL, 0, 0);
  waitpid(child, &status, 0);
  trace(PTRACE_GETREGS, 0, (unsigned long)&now);
  now.orig_rax = (unsigned long)number;
  now.rdi = a;
  now.rsi = b;
  now.rdx = c;
  now.r10 = d;
  now.r8 = -1UL;
  now.r9 = 0;
  trace(PTRACE_SETREGS, 0, (unsigned long)&now);
  trace(PTRACE_SYSCALL, 0, 0);
  waitpid(child, &status, 0);
  trace(PTRACE_GETREGS, 0, (unsigned long)&now);
  errno = (int)-(long)now.rax;
  tell(what, (long)now.rax);
}

static void calls(void) {
  int fixed = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  call("map over the stub", SYS_mmap, STUB_BASE, 4096, PROT_READ | PROT_WRITE, (unsigned long)fixed);
  call("unmap the stub", SYS_munmap, STUB_BASE, STUB_TEXT_SIZE, 0, 0);
  call("make it writable", SYS_mprotect, STUB_BASE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, 0);
  call("move it", SYS_mremap, STUB_BASE, 4096, 8192, MREMAP_MAYMOVE);
  call("a hypercall", HYPERCALL, HYPER_DONE, 0, 0, 0);
  call("a return from no signal", SYS_rt_sigreturn, 0, 0, 0, 0);
}

int main(int argc, char **argv) {
  write(1, "before\n", 7);
  child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    if (argc > 1) {
      __asm__ volatile("jmp *%0" : : "r"(stub_syscall()), "a"(SYS_getpid) : "memory");
    }
    for (;;) {
      getppid();
    }
  }
  int status;
  waitpid(child, &status, 0);
  if (argc > 1) {
    // Step by step into the stub, and on.
    for (int steps = 0; steps < 100000 && WIFSTOPPED(status); steps++) {
      trace(PTRACE_SINGLESTEP, 0, 0);
      waitpid(child, &status, 0);
    }
    write(1, "after\n", 6);
    return 0;
  }
  memory();
  jump();
  calls();
  kill(child, SIGKILL);
  return 0;
}
