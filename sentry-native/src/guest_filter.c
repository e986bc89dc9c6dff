// What happens to a guest's system call: nothing is run by the host unless the sentry says so.
#include "guest_filter.h"

#include <errno.h>
#include <linux/unistd.h>
#include <unistd.h>

#include "bpf.h"
#include "layout.h"

#define STUB_HIGH ((unsigned)(STUB_BASE >> 32))
#define STUB_LOW ((unsigned)STUB_BASE)

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
    JUMP_EQUAL(STUB_HIGH, 0, 6),
    LOAD_IP_LOW,
    JUMP_AT_LEAST(STUB_LOW, 0, 4),
    JUMP_AT_LEAST(STUB_LOW + STUB_TEXT_SIZE, 3, 0),
    LOAD_NUMBER,
    JUMP_EQUAL(__NR_rt_sigreturn, 18, 0),
    RETURN(SECCOMP_RET_USER_NOTIF),
    // Outside the stub: what needs the registers, or a host call of its own, comes in through a signal.
    // So do the calls that mostly signal the caller: its handler then starts out of the call itself.
    LOAD_NUMBER,
    JUMP_EQUAL(__NR_rt_sigreturn, 16, 0),
    JUMP_EQUAL(__NR_clone3, 15, 0),
    JUMP_EQUAL(__NR_clone, 14, 0),
    JUMP_EQUAL(__NR_fork, 13, 0),
    JUMP_EQUAL(__NR_vfork, 12, 0),
    JUMP_EQUAL(__NR_execve, 11, 0),
    JUMP_EQUAL(__NR_execveat, 10, 0),
    JUMP_EQUAL(__NR_kill, 9, 0),
    JUMP_EQUAL(__NR_tkill, 8, 0),
    JUMP_EQUAL(__NR_tgkill, 7, 0),
    JUMP_EQUAL(__NR_shmat, 6, 0),
    JUMP_EQUAL(__NR_shmdt, 5, 0),
    JUMP_EQUAL(__NR_io_setup, 4, 0),
    JUMP_EQUAL(__NR_io_destroy, 3, 0),
    JUMP_EQUAL(__NR_sigaltstack, 2, 0),
    RETURN(SECCOMP_RET_USER_NOTIF),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(SECCOMP_RET_TRAP),
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
