// Capabilities: sets, dropping, what setuid does to them, bounding and ambient sets, no_new_privs.
#include "check.h"
#include <linux/capability.h>
#include <sys/prctl.h>

static struct __user_cap_data_struct data[2];

static long get(pid_t pid) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, pid};
  memset(data, 0, sizeof data);
  return syscall(SYS_capget, &header, data);
}

static long set(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  return syscall(SYS_capset, &header, data);
}

static bool has(int capability) {
  return get(0) == 0 && data[capability / 32].effective >> capability % 32 & 1;
}

static void drop_effective(int capability) {
  need(get(0) == 0, "capget");
  data[capability / 32].effective &= ~(1U << capability % 32);
}

static void dropping(void) {
  CHECK(has(CAP_CHOWN));
  make_file("file", "");
  drop_effective(CAP_CHOWN);
  SHOW(set());
  SHOW(chown("file", 1, 1));
  need(get(0) == 0, "capget");
  data[0].effective |= 1U << CAP_CHOWN;
  SHOW(set());
  SHOW(chown("file", 1, 1));
  need(get(0) == 0, "capget");
  data[0].effective &= ~(1U << CAP_CHOWN);
  data[0].permitted &= ~(1U << CAP_CHOWN);
  SHOW(set());
  data[0].permitted |= 1U << CAP_CHOWN;
  SHOW(set());
  drop_effective(CAP_KILL);
  SHOW(set());
  SHOW(kill(getppid(), 0));
}

static void by_setuid(void) {
  SHOW(setresuid(0, 99, 0));
  CHECK(!has(CAP_CHOWN));
  CHECK((data[0].permitted >> CAP_CHOWN & 1) == 1);
  SHOW(setresuid(0, 0, 0));
  CHECK(has(CAP_CHOWN));
  SHOW(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  SHOW(setresuid(99, 99, 99));
  CHECK(!has(CAP_CHOWN));
  CHECK((data[0].permitted >> CAP_CHOWN & 1) == 1);
  SHOW(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0));
}

static void lost(void) {
  SHOW(setresuid(99, 99, 99));
  need(get(0) == 0, "capget");
  say("effective %#x, permitted %#x, inheritable %#x", data[0].effective, data[0].permitted, data[0].inheritable);
}

static void bounding(void) {
  SHOW(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0));
  SHOW(prctl(PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0));
  SHOW(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0));
  SHOW(prctl(PR_CAPBSET_READ, 99, 0, 0, 0));
  SHOW(prctl(PR_CAPBSET_DROP, 99, 0, 0, 0));
  CHECK(has(CAP_CHOWN));
  char *arguments[] = {"after exec", NULL};
  execv("/proc/self/exe", arguments);
}

static void ambient(void) {
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
  need(get(0) == 0, "capget");
  data[0].inheritable |= 1U << CAP_CHOWN;
  SHOW(set());
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 99, 0, 0));
  SHOW(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
  SHOW(setresuid(99, 99, 99));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

static void versions(void) {
  struct __user_cap_header_struct header = {0, 0};
  SHOW(syscall(SYS_capget, &header, NULL));
  say("version %#x", header.version);
  header.version = 0x1234;
  SHOW(syscall(SYS_capget, &header, data));
  header = (struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_3, 1 << 29};
  SHOW(syscall(SYS_capget, &header, data));
  header.pid = -1;
  SHOW(syscall(SYS_capget, &header, data));
  SHOW(syscall(SYS_capget, bad_pointer(), data));
  header = (struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_3, getppid()};
  need(get(0) == 0, "capget");
  SHOW(syscall(SYS_capset, &header, data));
}

static void no_new_privileges(void) {
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1));
  SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

int main(int argc, char **argv) {
  (void)argc;
  if (strcmp(argv[0], "after exec") == 0) {
    CHECK(!has(CAP_CHOWN));
    CHECK(has(CAP_KILL));
    return 0;
  }
  in_child("dropping", dropping);
  in_child("by setuid", by_setuid);
  in_child("lost", lost);
  in_child("bounding", bounding);
  in_child("ambient", ambient);
  in_child("versions", versions);
  in_child("no new privileges", no_new_privileges);
  return 0;
}
