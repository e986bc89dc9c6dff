// What happens to a guest's system call: nothing is run by the host unless the sentry says so.
#include "guest_filter.h"

#include <errno.h>
#include <linux/unistd.h>
#include <signal.h>
#include <unistd.h>

#include "bpf.h"
#include "layout.h"

#define STUB_HIGH ((unsigned)(STUB_BASE >> 32))
#define STUB_LOW ((unsigned)STUB_BASE)

// Notifies unless the argument is the value; 6 instructions.
#define REQUIRE(index, value)                                         \
  LOAD_ARG_LOW(index), JUMP_EQUAL((unsigned)(value), 1, 0),           \
      RETURN(SECCOMP_RET_USER_NOTIF), LOAD_ARG_HIGH(index),           \
      JUMP_EQUAL((unsigned)((unsigned long)(value) >> 32), 1, 0),     \
      RETURN(SECCOMP_RET_USER_NOTIF)

static const struct sock_filter program[] = {
    LOAD_ARCH,
    JUMP_EQUAL(AUDIT_ARCH_X86_64, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    LOAD_NUMBER,
    // syscall(-1) is a common probe and fails as on Linux; another x32 number is an attack.
    JUMP_EQUAL(0xffffffffU, 0, 1),
    RETURN(SECCOMP_RET_ERRNO | ENOSYS),
    JUMP_BITS(X32_SYSCALL_BIT, 0, 1),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    // The instruction pointer is past the two bytes of the system call.
    LOAD_IP_HIGH,
    JUMP_EQUAL(STUB_HIGH, 0, 3),
    LOAD_IP_LOW,
    JUMP_AT_LEAST(STUB_LOW, 0, 1),
    JUMP_AT_LEAST(STUB_LOW + STUB_TEXT_SIZE, 0, 18),
    // Outside the stub: what needs the registers, or a host call of its own, comes in through a signal.
    // So do the calls that mostly signal the caller: its handler then starts out of the call itself.
    LOAD_NUMBER,
    JUMP_EQUAL(__NR_rt_sigreturn, 15, 0),
    JUMP_EQUAL(__NR_clone3, 14, 0),
    JUMP_EQUAL(__NR_clone, 13, 0),
    JUMP_EQUAL(__NR_fork, 12, 0),
    JUMP_EQUAL(__NR_vfork, 11, 0),
    JUMP_EQUAL(__NR_execve, 10, 0),
    JUMP_EQUAL(__NR_execveat, 9, 0),
    JUMP_EQUAL(__NR_kill, 8, 0),
    JUMP_EQUAL(__NR_tkill, 7, 0),
    JUMP_EQUAL(__NR_tgkill, 6, 0),
    JUMP_EQUAL(__NR_shmat, 5, 0),
    JUMP_EQUAL(__NR_shmdt, 4, 0),
    JUMP_EQUAL(__NR_io_setup, 3, 0),
    JUMP_EQUAL(__NR_io_destroy, 2, 0),
    JUMP_EQUAL(__NR_sigaltstack, 1, 0),
    RETURN(SECCOMP_RET_USER_NOTIF),
    RETURN(SECCOMP_RET_TRAP),
    // Inside: what a new address space begins with is let through by its values, all of which name what
    // nobody can write. A guest that repeats it finds its signals as they were, or ends its sandbox.
    LOAD_NUMBER,
    JUMP_EQUAL(HYPERCALL, 0, 1),
    RETURN(SECCOMP_RET_USER_NOTIF),
    JUMP_EQUAL(__NR_rt_sigreturn, 0, 1),
    RETURN(SECCOMP_RET_ALLOW),
    JUMP_EQUAL(__NR_sigaltstack, 0, 13),
    REQUIRE(0, STUB_FIRST_STACK),
    REQUIRE(1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    JUMP_EQUAL(__NR_rt_sigprocmask, 0, 25),
    REQUIRE(0, SIG_SETMASK),
    REQUIRE(1, STUB_ZERO),
    REQUIRE(2, 0),
    REQUIRE(3, 8),
    RETURN(SECCOMP_RET_ALLOW),
    JUMP_EQUAL(__NR_rt_sigaction, 1, 0),
    RETURN(SECCOMP_RET_USER_NOTIF),
    REQUIRE(2, 0),
    REQUIRE(3, 8),
    LOAD_ARG_LOW(0),
    JUMP_EQUAL(SIGSYS, 0, 7),
    REQUIRE(1, STUB_CALL_ACTION),
    RETURN(SECCOMP_RET_ALLOW),
    JUMP_EQUAL(SIGSEGV, 6, 0),
    JUMP_EQUAL(SIGBUS, 5, 0),
    JUMP_EQUAL(SIGFPE, 4, 0),
    JUMP_EQUAL(SIGILL, 3, 0),
    JUMP_EQUAL(SIGTRAP, 2, 0),
    JUMP_EQUAL(LOOK_UP_SIGNAL, 1, 0),
    RETURN(SECCOMP_RET_USER_NOTIF),
    REQUIRE(1, STUB_ACTION),
    RETURN(SECCOMP_RET_ALLOW),
};

int guest_filter_install(void) {
  struct sock_fprog prog = {
      .len = sizeof program / sizeof program[0],
      .filter = (struct sock_filter *)program,
  };
  return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
                      SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
                      &prog);
}
