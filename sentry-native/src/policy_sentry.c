// The sentry's policy: what a small JVM needs, plus the host calls of dev.skerry.hostos.HostOs that
// the sentry makes.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <linux/types.h>
#include <linux/unistd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "newer.h"
#include "policy.h"
#include "policy_jvm.h"

#define RULE(name, why) {__NR_##name, -1, 0, why}
#define RULE_IF(name, arg, value, why) {__NR_##name, arg, (unsigned)(value), why}

static const struct policy_rule rules[] = {
    JVM_RULES,
    RULE_IF(ioctl, 1, SECCOMP_IOCTL_NOTIF_RECV, "receive guests' system calls"),
    RULE_IF(ioctl, 1, SECCOMP_IOCTL_NOTIF_SEND, "answer them"),
    RULE_IF(ioctl, 1, SECCOMP_IOCTL_NOTIF_ID_VALID, "see that a guest still waits"),
    RULE_IF(ioctl, 1, SECCOMP_IOCTL_NOTIF_ADDFD, "put a mapped file into a guest"),
    RULE_IF(ioctl, 1, SECCOMP_IOCTL_NOTIF_SET_FLAGS, "wake up on the caller's core"),
    RULE(process_vm_readv, "read guest memory"),
    RULE(process_vm_writev, "write guest memory"),
    RULE(tgkill, "make a guest thread look up"),
    RULE(kill, "end a guest process"),
    RULE(sched_setaffinity, "keep a guest thread on the processors that it chose"),
    RULE_IF(prlimit64, 1, RLIMIT_STACK, "how far a guest's stack may grow"),
    RULE(pidfd_open, "watch a guest process"),
    RULE_IF(ioctl, 1, PIDFD_GET_INFO, "see whose child it is"),
    RULE(pidfd_send_signal, "end a guest process"),
    RULE(poll, "see whether a guest process is gone"),
    RULE(sendmsg, "gofer requests, control replies"),
    RULE(recvmsg, "gofer responses with descriptors, control messages"),
    RULE(accept4, "control connections"),
    RULE(memfd_create, "the guest's memfds and shared memory"),
    RULE(ftruncate, "truncate a file"),
    RULE(fallocate, "punch and allocate in a file"),
    RULE(cachestat, "how much of a guest's file is in memory"),
    RULE(pwrite64, "write a file"),
    RULE(copy_file_range, "copy up"),
    RULE(fsync, "the guest's fsync"),
    RULE(fdatasync, "the guest's fdatasync"),
    RULE(dup, "a mapping that outlives its descriptor"),
    RULE_IF(fcntl, 1, F_DUPFD_CLOEXEC, "the same, with close-on-exec"),
    RULE_IF(fcntl, 1, F_ADD_SEALS, "the guest's seals, as the host knows the mappings"),
    RULE(statx, "what an open file holds"),
    RULE(getrandom, "the guest's randomness"),
    RULE(clock_gettime, "clocks of guest threads"),
    RULE_IF(openat2, 0, 1023, "a guest process's maps, below the /proc handle"),
    RULE_IF(openat2, 0, 1022, "data of tmpfs and of the overlay, below its directory"),
    RULE_IF(unlinkat, 0, 1022, "the same"),
};

const struct policy sentry_policy = {"sentry", rules, sizeof rules / sizeof rules[0]};
