#ifndef SKERRY_POLICY_H
#define SKERRY_POLICY_H

// One call that a process may make, and why it needs it. Where `arg` is ≥ 0, only if that argument's
// low 32 bits equal `value`.
struct policy_rule {
  int number;
  int arg;
  unsigned value;
  const char *reason;
};

struct policy {
  const char *name;
  const struct policy_rule *rules;
  unsigned count;
};

extern const struct policy sentry_policy;
extern const struct policy gofer_policy;
extern const struct policy init_policy;

// Puts all threads of this process under the policy. Returns 0, or a negative error number.
int policy_install(const char *name);

#endif
