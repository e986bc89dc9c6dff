// Builds and installs the seccomp allow-list of a process. What is not on it fails with EPERM, but
// what no correct program of Skerry's ever tries ends the process.
#include "policy.h"

#include <errno.h>
#include <linux/unistd.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bpf.h"

#define MOST_INSTRUCTIONS 1024

static const int deadly[] = {
    __NR_execve,        __NR_execveat,      __NR_ptrace,      __NR_mount,     __NR_umount2,
    __NR_pivot_root,    __NR_setns,         __NR_unshare,     __NR_bpf,       __NR_kexec_load,
    __NR_init_module,   __NR_finit_module,  __NR_io_uring_setup, __NR_userfaultfd,
    __NR_open_by_handle_at, __NR_perf_event_open, __NR_keyctl, __NR_add_key, __NR_request_key,
};

static int build(const struct policy *policy, struct sock_filter *out) {
  int n = 0;
  const struct sock_filter head[] = {
      LOAD_ARCH,   JUMP_EQUAL(AUDIT_ARCH_X86_64, 1, 0),   RETURN(SECCOMP_RET_KILL_PROCESS),
      LOAD_NUMBER, JUMP_BITS(X32_SYSCALL_BIT, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS),
  };
  memcpy(out, head, sizeof head);
  n += sizeof head / sizeof head[0];
  for (unsigned i = 0; i < policy->count; i++) {
    const struct policy_rule *rule = &policy->rules[i];
    if (n > MOST_INSTRUCTIONS - 8) {
      return -E2BIG;
    }
    if (rule->arg < 0) {
      out[n++] = (struct sock_filter)JUMP_EQUAL((unsigned)rule->number, 0, 1);
      out[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    } else {
      out[n++] = (struct sock_filter)JUMP_EQUAL((unsigned)rule->number, 0, 4);
      out[n++] = (struct sock_filter)LOAD_ARG_LOW(rule->arg);
      out[n++] = (struct sock_filter)JUMP_EQUAL(rule->value, 0, 1);
      out[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
      out[n++] = (struct sock_filter)LOAD_NUMBER;
    }
  }
  // Its flags lie in memory: libc then takes clone, whose flags can be seen.
  out[n++] = (struct sock_filter)JUMP_EQUAL(__NR_clone3, 0, 1);
  out[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS);
  for (unsigned i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
    out[n++] = (struct sock_filter)JUMP_EQUAL((unsigned)deadly[i], 0, 1);
    out[n++] = (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS);
  }
  out[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | EPERM);
  return n;
}

int policy_install(const char *name) {
  const struct policy *all[] = {&sentry_policy, &gofer_policy, &init_policy};
  for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (strcmp(all[i]->name, name) != 0) {
      continue;
    }
    struct sock_filter program[MOST_INSTRUCTIONS];
    int length = build(all[i], program);
    if (length < 0) {
      return length;
    }
    struct sock_fprog prog = {.len = (unsigned short)length, .filter = program};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog) != 0) {
      return errno == 0 ? -ESRCH : -errno;
    }
    return 0;
  }
  return -EINVAL;
}
