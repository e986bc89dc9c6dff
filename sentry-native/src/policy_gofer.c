// The gofer's policy: what a small JVM needs, plus file calls relative to directory handles.
#include <linux/unistd.h>
#include <sys/socket.h>

#include "newer.h"
#include "policy.h"
#include "policy_jvm.h"

#define RULE(name, why) {__NR_##name, -1, 0, why}

static const struct policy_rule rules[] = {
    JVM_RULES,
    RULE(sendmsg, "responses, with descriptors"),
    RULE(recvmsg, "requests"),
    RULE(openat2, "walk by single names, open what a handle stands for"),
    RULE(statx, "attributes"),
    RULE(fstatfs, "statfs"),
    RULE(getdents64, "directories"),
    RULE(readlinkat, "symbolic links"),
    RULE(mkdirat, "mkdir"),
    RULE(mknodat, "mknod"),
    RULE(symlinkat, "symlink"),
    RULE(linkat, "link"),
    RULE(unlinkat, "unlink, rmdir"),
    RULE(renameat2, "rename"),
    RULE(fchmodat, "chmod"),
    RULE(fchownat, "chown"),
    RULE(utimensat, "times"),
    RULE(ftruncate, "truncate"),
    RULE(fsync, "fsync of a directory"),
    RULE(fcntl, "a second handle of a root"),
    RULE(fgetxattr, "extended attributes"),
    RULE(flistxattr, "extended attributes"),
    RULE(fsetxattr, "extended attributes"),
    RULE(fremovexattr, "extended attributes"),
};

const struct policy gofer_policy = {"gofer", rules, sizeof rules / sizeof rules[0]};
