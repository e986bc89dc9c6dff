// User and group ids: the setuid family, groups, what root loses, file system ids.
#include "check.h"
#include <sched.h>
#include <grp.h>
#include <sys/fsuid.h>

static void show_ids(void) {
  uid_t ruid;
  uid_t euid;
  uid_t suid;
  gid_t rgid;
  gid_t egid;
  gid_t sgid;
  getresuid(&ruid, &euid, &suid);
  getresgid(&rgid, &egid, &sgid);
  say("uid %d %d %d, gid %d %d %d, fs %d %d", (int)ruid, (int)euid, (int)suid, (int)rgid, (int)egid, (int)sgid,
      setfsuid(-1), setfsgid(-1));
}

static void temporarily(void) {
  SHOW(seteuid(100));
  show_ids();
  SHOW(setuid(200));
  SHOW(setuid(100));
  show_ids();
  SHOW(seteuid(0));
  show_ids();
  SHOW(setreuid(300, 400));
  show_ids();
  SHOW(setreuid(-1, 300));
  show_ids();
  SHOW(setreuid(500, -1));
  SHOW(setresuid(300, 400, 400));
  show_ids();
  SHOW(setresuid(-1, -1, -1));
  SHOW(setresuid(0, -1, -1));
  SHOW(setuid(0));
  show_ids();
}

static void for_good(void) {
  SHOW(setgid(50));
  SHOW(setuid(60));
  show_ids();
  SHOW(setuid(0));
  SHOW(seteuid(0));
  SHOW(setgid(0));
  SHOW(setegid(0));
  SHOW(setregid(-1, 50));
  SHOW(setresgid(1, -1, -1));
  SHOW(setgroups(0, NULL));
  show_ids();
}

static void group_lists(void) {
  gid_t list[] = {5, 3, 9, 3};
  SHOW(setgroups(4, list));
  gid_t got[8];
  SHOW(getgroups(0, NULL));
  SHOW(getgroups(8, got));
  say("%d %d %d %d", (int)got[0], (int)got[1], (int)got[2], (int)got[3]);
  SHOW(getgroups(3, got));
  SHOW(syscall(SYS_getgroups, -1, got));
  SHOW(getgroups(8, bad_pointer()));
  SHOW(syscall(SYS_setgroups, 65537, list));
  SHOW(syscall(SYS_setgroups, 4, bad_pointer()));
  SHOW(setgroups(0, NULL));
  SHOW(getgroups(8, got));
}

static void file_system(void) {
  say("before: %d", setfsuid(70));
  say("now: %d", setfsuid(-1));
  make_file("made", "");
  struct stat status;
  need(stat("made", &status) == 0, "stat");
  say("owner %d", (int)status.st_uid);
  SHOW(seteuid(80));
  say("follows the effective one: %d", setfsuid(-1));
  say("refused: %d", setfsuid(1234));
  say("still: %d", setfsuid(-1));
}

static void wrong(void) {
  SHOW(setuid(-1));
  SHOW(setgid(-1));
  SHOW(seteuid(-1));
  SHOW(getresuid(bad_pointer(), bad_pointer(), bad_pointer()));
}

static void keeps_across_exec(void) {
  need(setresuid(10, 20, 20) == 0, "setresuid");
  char *arguments[] = {"ids", NULL};
  execv("/proc/self/exe", arguments);
  say("execv: %s", error_name(errno));
}

static void set_id_program(const char *path) {
  char text[64 * 1024];
  int from = open("/proc/self/exe", O_RDONLY);
  int to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  for (ssize_t count; (count = read(from, text, sizeof text)) > 0;) {
    need(write(to, text, (size_t)count) == count, "write");
  }
  close(from);
  close(to);
}

static void run_set_id(void) {
  need(setresgid(31, 31, 31) == 0 && setresuid(30, 30, 30) == 0, "ids");
  char *arguments[] = {"ids", NULL};
  execv("./set-id", arguments);
  say("execv: %s", error_name(errno));
}

// Whoever shares the directories of a program could change what it relies on, so that it gets no more rights.
static void run_set_id_shared(void) {
  long child = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, NULL, NULL, 0);
  need(child >= 0, "clone");
  if (child == 0) {
    run_set_id();
    _exit(1);
  }
  reap("who shares its directories", (pid_t)child);
}

// With the right to be anybody it gets the ids, but no capability that it did not have.
static void run_set_id_entitled(void) {
  long child = syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, NULL, NULL, 0);
  need(child >= 0, "clone");
  if (child == 0) {
    char *arguments[] = {"ids", NULL};
    execv("./set-id", arguments);
    _exit(1);
  }
  reap("who may be anybody", (pid_t)child);
}

int main(int argc, char **argv) {
  (void)argc;
  if (strcmp(argv[0], "ids") == 0) {
    show_ids();
    return 0;
  }
  need(setgroups(0, NULL) == 0, "setgroups");
  need(chmod(".", 0777) == 0, "chmod");
  show_ids();
  in_child("temporarily", temporarily);
  in_child("for good", for_good);
  in_child("groups", group_lists);
  in_child("file system", file_system);
  wrong();
  set_id_program("set-id");
  need(chown("set-id", 40, 41) == 0 && chmod("set-id", 06755) == 0, "chown");
  in_child("set-id program", run_set_id);
  in_child("shared", run_set_id_shared);
  in_child("entitled", run_set_id_entitled);
  need(chmod("set-id", 0755) == 0, "chmod");
  in_child("the same without its bits", run_set_id);
  need(chown("set-id", 0, 0) == 0, "chown");
  in_child("exec", keeps_across_exec);
  return 0;
}
