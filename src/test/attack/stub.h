// How a hostile program uses the stub: its calls with registers of the program's own choice, and
// signal frames that no signal made.
#ifndef ATTACK_STUB_H
#define ATTACK_STUB_H

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "layout.h"

#define ON_SIGNAL_FLAGS 0x1c000004UL

typedef void handler(int signal, void *info, ucontext_t *context);

// The stub's signal handler, by its action's flags, which follow it.
static inline handler *stub_handler(void) {
  for (unsigned long at = STUB_BASE; at < STUB_BASE + 0x1000; at += 8) {
    if (((unsigned long *)at)[1] == ON_SIGNAL_FLAGS) {
      return (handler *)*(unsigned long *)at;
    }
  }
  return 0;
}

// stub_clone(number, args, frame): any call, which returns unless its result is zero.
static inline long stub_call(long number, const unsigned long *args, unsigned long frame) {
  static const unsigned char start[] = {0x53, 0x48, 0x89, 0xd3};
  unsigned char *at = (unsigned char *)STUB_BASE;
  while (memcmp(at, start, sizeof start) != 0) {
    at++;
  }
  return ((long (*)(long, const unsigned long *, unsigned long))at)(number, args, frame);
}

// How many registers are popped between `at` and a return; -1 if anything else is done there.
static inline long pops_before_return(const unsigned char *at) {
  for (long pops = 0;; pops++) {
    if (*at == 0xc3) {
      return pops;
    }
    at += *at == 0x41;
    if (*at < 0x58 || *at > 0x5f) {
      return -1;
    }
    at++;
  }
}

// The stub's own hypercall, with other arguments; returns as soon as it is answered.
static inline void stub_hypercall(long kind, long a, long b) {
  unsigned char *at = (unsigned char *)STUB_BASE;
  while (at[0] != 0x0f || at[1] != 0x05 || pops_before_return(at + 2) < 0) {
    at++;
  }
  register long number __asm__("rax") = HYPERCALL;
  register void *where __asm__("r8") = at;
  register long pops __asm__("r9") = pops_before_return(at + 2);
  __asm__ volatile(
      "push %%rbx; push %%rbp; push %%r12; push %%r13; push %%r14; push %%r15\n"
      "lea 1f(%%rip), %%r11\n"
      "push %%r11\n"
      "2: test %%r9, %%r9\n"
      "jz 3f\n"
      "push $0\n"
      "dec %%r9\n"
      "jmp 2b\n"
      "3: jmp *%%r8\n"
      "1: pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%rbp; pop %%rbx\n"
      : "+r"(number), "+D"(kind), "+S"(a), "+d"(b), "+r"(where), "+r"(pops)
      :
      : "rcx", "r10", "r11", "memory", "cc");
}

// A call of the stub's own that takes one argument; a child that it makes comes back here as well, unheard.
static inline long stub_syscall(long number, unsigned long a) {
  unsigned char *at = (unsigned char *)STUB_BASE;
  while (at[0] != 0x0f || at[1] != 0x05 || pops_before_return(at + 2) < 0) {
    at++;
  }
  long count = pops_before_return(at + 2);
  register long result __asm__("rax") = number;
  register void *where __asm__("r11") = at;
  register long pops __asm__("rcx") = count;
  __asm__ volatile(
      "push %%rbx; push %%rbp; push %%r12; push %%r13; push %%r14; push %%r15\n"
      "lea 1f(%%rip), %%r10\n"
      "push %%r10\n"
      "2: test %%rcx, %%rcx\n"
      "jz 3f\n"
      "push $0\n"
      "dec %%rcx\n"
      "jmp 2b\n"
      "3: xor %%esi, %%esi\n"
      "xor %%edx, %%edx\n"
      "xor %%r10d, %%r10d\n"
      "xor %%r8d, %%r8d\n"
      "xor %%r9d, %%r9d\n"
      "jmp *%%r11\n"
      "1: pop %%r15; pop %%r14; pop %%r13; pop %%r12; pop %%rbp; pop %%rbx\n"
      : "+r"(result), "+D"(a), "+r"(where), "+r"(pops)
      :
      : "rsi", "rdx", "r8", "r9", "r10", "memory", "cc");
  return result;
}

// A frame of a signal that never came, in the first slot.
static inline ucontext_t *forged_frame(long number, long a, long b, long c) {
  ucontext_t *frame = (ucontext_t *)(STUB_SLOTS + 0x1000);
  memset(frame, 0, sizeof *frame);
  greg_t *registers = frame->uc_mcontext.gregs;
  registers[REG_RAX] = number;
  registers[REG_RDI] = a;
  registers[REG_RSI] = b;
  registers[REG_RDX] = c;
  return frame;
}

// Tells the sentry of a signal with a forged frame; returns its order.
static inline long forged_event(int signal, ucontext_t *frame) {
  unsigned long args[6] = {HYPER_EVENT, (unsigned long)signal, (unsigned long)frame,
                           (unsigned long)frame};
  return stub_call(HYPERCALL, args, 0);
}

#endif
