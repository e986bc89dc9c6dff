// Where the stub lies in every guest address space, and how it talks to the sentry.
// dev.skerry.sentry.platform.StubLayout has the same numbers; a test compares the two.
#ifndef SKERRY_LAYOUT_H
#define SKERRY_LAYOUT_H

// Not a round number, since other programs choose such for what they map at fixed places, PRoot among them.
#define STUB_BASE 0x6bd700000000UL
#define STUB_TEXT_SIZE 0x2000UL

// Eight bytes that are zero and cannot be written.
#define STUB_ZERO (STUB_BASE + 0x40UL)

// What the stub hands to the host when it begins, none of which can be written: the action of SIGSYS,
// that of its other signals, and the first thread's alternate stack.
#define STUB_CONSTANTS (STUB_BASE + 0x80UL)
#define STUB_CALL_ACTION STUB_CONSTANTS
#define STUB_ACTION (STUB_CONSTANTS + 32)
#define STUB_FIRST_STACK (STUB_CONSTANTS + 64)

// One slot a thread: the mailbox at its low end, the alternate signal stack in the rest.
#define STUB_SLOTS (STUB_BASE + 0x1000000UL)
#define STUB_SLOT_SIZE 0x4000UL
#define STUB_SLOT_COUNT 4096UL

// Offsets in a slot, behind the mailbox: where the host writes the bases of FS and GS, and what the
// registers were (R8 to EFLAGS of struct sigcontext) when a handler returned.
#define STUB_BASES 1024
#define STUB_BEFORE_RETURN 1040
#define STUB_REGISTERS (18 * 8)

// No guest mapping may touch [STUB_BASE, STUB_END).
#define STUB_END (STUB_BASE + 0x10000000UL)

// The stub's call to the sentry: no Linux call has this number.
#define HYPERCALL 5000

// First argument of a hypercall.
#define HYPER_EVENT 1  // signal, siginfo, ucontext, RAX: a host signal arrived
#define HYPER_DONE 2   // result: the host calls in the mailbox are done; also a child's first word
#define HYPER_CHILD 3  // a thread with a slot of its own begins
#define HYPER_RETURN 4  // mask, stack_t's three, ucontext: rt_sigreturn, whose registers are restored

// The sentry's answer: what the stub does next.
#define ORDER_RESUME 0  // return from the signal
#define ORDER_CALL 1    // make the host calls in the mailbox, until one fails
#define ORDER_CLONE 2   // make the call (clone), for a child in another slot with a copy of the frame there
#define ORDER_TOUCH 3   // read the byte at args[0] of the first call

// The host signal that makes a thread look up.
#define LOOK_UP_SIGNAL 64

#ifndef __ASSEMBLER__
struct host_call {
  unsigned long number;
  unsigned long args[6];
};

// Of a clone: where the child's slot is from here, the stack that it gets (0: as the parent), and what
// the parent's call returns at once if it succeeds; then that has the host's result. 0: the sentry is
// to be asked.
struct mailbox {
  unsigned long count;
  unsigned long delta;
  unsigned long stack;
  long answer;
  struct host_call calls[];
};
#endif

#endif
