// The stub: the only code of Skerry's in a guest address space, linked at STUB_BASE. Everything it
// does beyond its own registers goes through the sentry, which lets through only the host calls that
// it has itself asked for; so the guest gains nothing by jumping in here.
#include "layout.h"

#include <asm/sigcontext.h>
#include <linux/signal.h>
#include <linux/unistd.h>

#include <asm/ucontext.h>

#define ALL_SIGNALS (~0UL)
#define BIT(signal) (1UL << ((signal) - 1))

#define SW_RESERVED __builtin_offsetof(struct _fpstate_64, sw_reserved)
#define FXSAVE_SIZE 512UL
#define XSAVE_HEADER_SIZE 64UL

// The flags that a program may set: AC, OF, DF, TF, SF, ZF, AF, PF, CF and RF.
#define USER_FLAGS 0x50dd5UL

__asm__(
    ".section .text.start,\"ax\",@progbits\n"
    ".globl _start\n"
    "_start:\n"
    "  xor %ebp, %ebp\n"
    "  mov %rsp, %rdi\n"
    "  and $-16, %rsp\n"
    "  call stub_begin\n"
    // STUB_ZERO: an empty string, an empty argument list, an empty signal set.
    ".org 0x40\n"
    ".globl stub_zero\n"
    "stub_zero:\n"
    "  .quad 0\n"
    ".text\n"
    // The host's signal frames return through here: the one call that the filter lets through.
    ".globl stub_restorer\n"
    "stub_restorer:\n"
    "  mov $15, %eax\n"
    "  syscall\n"
    // stub_clone(number, args, frame): clone on the stack in args[1]. The child does what the sentry
    // says, and then restores the copied frame.
    ".globl stub_clone\n"
    "stub_clone:\n"
    "  push %rbx\n"
    "  mov %rdx, %rbx\n"
    "  mov %rdi, %rax\n"
    "  mov %rsi, %r11\n"
    "  mov (%r11), %rdi\n"
    "  mov 8(%r11), %rsi\n"
    "  mov 16(%r11), %rdx\n"
    "  mov 24(%r11), %r10\n"
    "  mov 32(%r11), %r8\n"
    "  mov 40(%r11), %r9\n"
    "  syscall\n"
    "  test %rax, %rax\n"
    "  jz 1f\n"
    "  pop %rbx\n"
    "  ret\n"
    "1:\n"
    "  lea 8(%rbx), %rdi\n"
    "  call stub_child\n"
    "  lea 8(%rbx), %rsp\n"
    "  jmp stub_restorer\n");

void stub_restorer(void);
long stub_clone(unsigned long number, const unsigned long *args, unsigned long frame);

static inline long call6(long number, unsigned long a, unsigned long b, unsigned long c,
                         unsigned long d, unsigned long e, unsigned long f) {
  register unsigned long r10 __asm__("r10") = d;
  register unsigned long r8 __asm__("r8") = e;
  register unsigned long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

static inline long hypercall(unsigned long kind, unsigned long a, unsigned long b, unsigned long c) {
  return call6(HYPERCALL, kind, a, b, c, 0, 0);
}

static void copy(void *to, const void *from, unsigned long length) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
}

static void clear(void *at, unsigned long length) {
  __asm__ volatile("rep stosb" : "+D"(at), "+c"(length) : "a"(0) : "memory");
}

// How long a floating-point state says that it is.
static unsigned long state_size(unsigned long state) {
  const struct _fpx_sw_bytes *extent = (const struct _fpx_sw_bytes *)(state + SW_RESERVED);
  return extent->magic1 == FP_XSTATE_MAGIC1 ? extent->extended_size : FXSAVE_SIZE;
}

// Copies the signal frame, with the floating-point state above it, into the child's slot, as the child
// is to find it.
static void copy_frame(struct ucontext *context, unsigned long delta, unsigned long stack) {
  unsigned long frame = (unsigned long)context - 8;
  unsigned long state = (unsigned long)context->uc_mcontext.fpstate;
  copy((void *)(frame + delta), (void *)frame, state + state_size(state) - frame);
  struct ucontext *copy = (struct ucontext *)((unsigned long)context + delta);
  copy->uc_mcontext.fpstate = (void *)(state + delta);
  copy->uc_stack.ss_sp = (void *)(((unsigned long)context & ~(STUB_SLOT_SIZE - 1)) + delta);
  copy->uc_stack.ss_flags = 0;
  copy->uc_stack.ss_size = STUB_SLOT_SIZE;
  copy->uc_mcontext.rax = 0;
  if (stack != 0) {
    copy->uc_mcontext.rsp = stack;
  }
}

// The result of the last call made: the first that fails, if one does.
static long make_calls(const struct mailbox *box) {
  long result = 0;
  for (unsigned long i = 0; i < box->count; i++) {
    const unsigned long *args = box->calls[i].args;
    result = call6(box->calls[i].number, args[0], args[1], args[2], args[3], args[4], args[5]);
    if (result < 0 && result > -4096) {
      break;
    }
  }
  return result;
}

// Returns in a child with memory of its own, too, whose frame is a copy by the host.
static long make_clone(const struct mailbox *box, struct ucontext *context) {
  const struct host_call *call = &box->calls[0];
  if (box->delta != 0) {
    copy_frame(context, box->delta, box->stack);
    return stub_clone(call->number, call->args, (unsigned long)context - 8 + box->delta);
  }
  long result = make_calls(box);
  if (result == 0) {
    context->uc_mcontext.rax = 0;
    context->uc_mcontext.rsp = box->stack != 0 ? box->stack : context->uc_mcontext.rsp;
  }
  return result;
}

// The floating-point state of a new program: every component in its initial configuration.
static void reset_state(unsigned long state) {
  if (state_size(state) > FXSAVE_SIZE) {
    clear((void *)(state + FXSAVE_SIZE), XSAVE_HEADER_SIZE);
  }
  clear((void *)state, SW_RESERVED);
  struct _fpstate_64 *present = (struct _fpstate_64 *)state;
  present->cwd = 0x37f;
  present->mxcsr = 0x1f80;
}

// rt_sigreturn: takes the registers back from the frame of the guest's handler. What restores them is
// the host, from the present frame, and it checks them. A frame that cannot be read is a fault here.
static void restore(struct ucontext *context, const struct ucontext *from) {
  unsigned long state = (unsigned long)context->uc_mcontext.fpstate;
  unsigned long flags = context->uc_mcontext.eflags & ~USER_FLAGS;
  unsigned long other = (unsigned long)from->uc_mcontext.fpstate;
  if (other == 0) {
    reset_state(state);
  } else {
    unsigned long size = state_size(other);
    copy((void *)state, (void *)other, size <= state_size(state) ? size : FXSAVE_SIZE);
  }
  copy(&context->uc_mcontext, &from->uc_mcontext,
       __builtin_offsetof(struct sigcontext, eflags) - __builtin_offsetof(struct sigcontext, r8));
  context->uc_mcontext.eflags = flags | (from->uc_mcontext.eflags & USER_FLAGS);
}

__attribute__((noinline)) static long begin_event(int signal, void *info, struct ucontext *context) {
  unsigned long number = context->uc_mcontext.rax;
  if (signal != SIGSYS || number != __NR_rt_sigreturn) {
    return call6(HYPERCALL, HYPER_EVENT, (unsigned long)signal, (unsigned long)info,
                 (unsigned long)context, number, 0);
  }
  // A tracer wants to see them.
  copy((void *)(((unsigned long)context & ~(STUB_SLOT_SIZE - 1)) + STUB_BEFORE_RETURN), &context->uc_mcontext,
       STUB_REGISTERS);
  const struct ucontext *from = (const struct ucontext *)context->uc_mcontext.rsp;
  unsigned long mask = *(const unsigned long *)&from->uc_sigmask;
  stack_t stack = from->uc_stack;
  restore(context, from);
  return call6(HYPERCALL, HYPER_RETURN, mask, (unsigned long)stack.ss_sp,
               (unsigned long)stack.ss_flags, stack.ss_size, (unsigned long)context);
}

// Does what the sentry says until that is to return from the signal.
static void obey(long order, struct ucontext *context) {
  struct mailbox *box = (struct mailbox *)((unsigned long)context & ~(STUB_SLOT_SIZE - 1));
  while (order != ORDER_RESUME) {
    long result = 0;
    if (order == ORDER_CALL) {
      result = make_calls(box);
    } else if (order == ORDER_CLONE) {
      result = make_clone(box, context);
      if (result > 0 && box->answer != 0) {
        context->uc_mcontext.rax = (unsigned long)box->answer;
        box->answer = result;
        return;
      }
    } else if (order == ORDER_TOUCH) {
      result = *(volatile unsigned char *)box->calls[0].args[0];
    }
    order = hypercall(HYPER_DONE, result, 0, 0);
  }
}

static void on_signal(int signal, void *info, struct ucontext *context) {
  obey(begin_event(signal, info, context), context);
}

// The first steps of a thread that shares its parent's memory; its frame is a copy of the parent's.
__attribute__((used)) void stub_child(struct ucontext *context) {
  obey(hypercall(HYPER_CHILD, 0, 0, 0), context);
}

struct kernel_sigaction {
  void (*handler)(int, void *, struct ucontext *);
  unsigned long flags;
  void (*restorer)(void);
  unsigned long mask;
};

// The actions block all signals; that of a trapped call not the faults of reading the frame that it
// restores. The filter lets through the calls that name these, at these addresses.
static const struct {
  struct kernel_sigaction call_action;
  struct kernel_sigaction action;
  stack_t first_stack;
} constants __attribute__((section(".rodata.constants"), used)) = {
    .call_action =
        {
            .handler = on_signal,
            .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART,
            .restorer = stub_restorer,
            .mask = ALL_SIGNALS & ~(BIT(SIGSEGV) | BIT(SIGBUS)),
        },
    .action =
        {
            .handler = on_signal,
            .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTORER | SA_RESTART,
            .restorer = stub_restorer,
            .mask = ALL_SIGNALS,
        },
    .first_stack =
        {
            .ss_sp = (void *)STUB_SLOTS,
            .ss_flags = 0,
            .ss_size = STUB_SLOT_SIZE,
        },
};

_Static_assert(__builtin_offsetof(__typeof__(constants), action) == STUB_ACTION - STUB_CONSTANTS, "layout.h");
_Static_assert(__builtin_offsetof(__typeof__(constants), first_stack) == STUB_FIRST_STACK - STUB_CONSTANTS, "layout.h");

// A fresh address space begins here: the filter knows these calls by their values, then comes the
// illegal instruction, whose event the sentry turns into the program's first instruction.
__attribute__((noreturn, used)) void stub_begin(unsigned long initial_stack) {
  call6(__NR_sigaltstack, STUB_FIRST_STACK, 0, 0, 0, 0, 0);
  static const unsigned char signals[] = {SIGSEGV, SIGBUS,  SIGFPE,        SIGILL,
                                          SIGTRAP, SIGSYS, LOOK_UP_SIGNAL};
  for (unsigned long i = 0; i < sizeof signals; i++) {
    unsigned long wanted = signals[i] == SIGSYS ? STUB_CALL_ACTION : STUB_ACTION;
    call6(__NR_rt_sigaction, signals[i], wanted, 0, 8, 0, 0);
  }
  // The mask came with the execve, made in a signal handler.
  call6(__NR_rt_sigprocmask, SIG_SETMASK, STUB_ZERO, 0, 8, 0, 0);
  for (;;) {
    __asm__ volatile("ud2" : : "D"(initial_stack));
  }
}
