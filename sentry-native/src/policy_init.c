// The policy of the sandbox's PID 1, once all is started: it only waits. The sentry, as root of the same
// user namespace, could write to its memory; so there is nothing to be gained by that.
#include <linux/unistd.h>

#include "policy.h"

#define RULE(name, why) {__NR_##name, -1, 0, why}

static const struct policy_rule rules[] = {
    RULE(wait4, "reap until the sentry has ended"),
    RULE(exit_group, "end with it"),
    RULE(restart_syscall, "a wait that was interrupted"),
};

const struct policy init_policy = {"init", rules, sizeof rules / sizeof rules[0]};
