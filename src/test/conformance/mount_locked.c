// What a mount namespace of a lesser user namespace cannot undo: flags, and mounts that hide something.
#include "mount_tree.h"

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (write(fd, text, strlen(text)) < 0) {
    say("%s: %s", path, error_name(errno));
  }
  close(fd);
}

static void enter(void) {
  SHOW(unshare(CLONE_NEWUSER | CLONE_NEWNS));
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 0 1");
  put("/proc/self/gid_map", "0 0 1");
}

static void flags(void) {
  make_tree();
  mkdir("ro", 0755);
  mkdir("safe", 0755);
  mkdir("copy", 0755);
  mkdir("plain", 0755);
  mount("x", "ro", "tmpfs", MS_RDONLY, NULL);
  mount("y", "safe", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, NULL);
  mount("z", "plain", "tmpfs", 0, NULL);
  enter();
  SHOW(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND, NULL));
  SHOW(mount(NULL, "ro", NULL, MS_REMOUNT, NULL));
  SHOW(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL));
  SHOW(mount(NULL, "safe", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));
  SHOW(mount(NULL, "safe", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
  SHOW(mount(NULL, "safe", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, NULL));
  SHOW(mount(NULL, "plain", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  SHOW(mount(NULL, "plain", NULL, MS_REMOUNT | MS_BIND, NULL));
  SHOW(mount(NULL, "plain", NULL, MS_REMOUNT | MS_BIND | MS_NOATIME, NULL));
  SHOW(mount("ro", "copy", NULL, MS_BIND, NULL));
  SHOW(mount(NULL, "copy", NULL, MS_REMOUNT | MS_BIND, NULL));
  SHOW(umount("copy"));
  show_mounts("all", ROOT);
}

static void hidden(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("copy", 0755);
  mkdir("a/secret", 0755);
  touch("a/secret/file");
  touch("a/masked");
  mount("mask", "a/secret", "tmpfs", 0, NULL);
  mount("/dev/null", "a/masked", NULL, MS_BIND, NULL);
  enter();
  SHOW(umount("a/secret"));
  SHOW(umount2("a/secret", MNT_DETACH));
  SHOW(umount("a/masked"));
  SHOW(mount("a/secret", "copy", NULL, MS_MOVE, NULL));
  SHOW(mount("a", "copy", NULL, MS_BIND, NULL));
  SHOW(mount("a", "copy", NULL, MS_BIND | MS_REC, NULL));
  SHOW(access("copy/secret/file", F_OK));
  SHOW(umount("copy/secret"));
  SHOW(umount2("copy", MNT_DETACH));
  SHOW(umount2(ROOT, MNT_DETACH));
  SHOW(access("a/secret/file", F_OK));
  SHOW(mount("x", "a/secret", "tmpfs", 0, NULL));
  SHOW(umount("a/secret"));
  SHOW(umount("a/secret"));
  SHOW(mount(NULL, "a/secret", NULL, MS_UNBINDABLE, NULL));
  SHOW(mount("a", "copy", NULL, MS_BIND | MS_REC, NULL));
  SHOW(unshare(CLONE_NEWNS));
  SHOW(umount("a/secret"));
}

// A detached tree of which part is locked still hides what it hid.
static void detached(void) {
  make_tree();
  mkdir("a", 0755);
  mkdir("a/secret", 0755);
  touch("a/secret/file");
  mkdir("copy", 0755);
  mount("mask", "a/secret", "tmpfs", 0, NULL);
  enter();
  SHOW(mount("a", "copy", NULL, MS_BIND | MS_REC, NULL));
  SHOW(chdir("copy"));
  SHOW(umount2(ROOT "/copy", MNT_DETACH));
  SHOW(access("secret", F_OK));
  SHOW(access("secret/file", F_OK));
}

static void new_ones(void) {
  make_tree();
  mkdir("m", 0755);
  enter();
  SHOW(mount("x", "m", "tmpfs", 0, NULL));
  SHOW(mknod("m/null", S_IFCHR | 0666, 0x103));
  SHOW(mknod("m/fifo", S_IFIFO | 0666, 0));
  SHOW(mount(NULL, "m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  SHOW(mount(NULL, "m", NULL, MS_REMOUNT, NULL));
  SHOW(umount("m"));
  SHOW(mount("x", "m", "tmpfs", 0, "uid=5"));
  SHOW(mount("x", "m", "devtmpfs", 0, NULL));
  SHOW(mount("x", "m", "proc", 0, NULL));
  SHOW(mount("x", "m", "sysfs", 0, NULL));
  SHOW(mount("x", "m", "nofs", 0, NULL));
}

// Who may mount at all.
static void rights(void) {
  make_tree();
  mkdir("m", 0755);
  SHOW(setresuid(1000, 1000, 1000));
  SHOW(mount("x", "m", "tmpfs", 0, NULL));
  SHOW(unshare(CLONE_NEWNS));
  SHOW(unshare(CLONE_NEWUSER));
  SHOW(mount("x", "m", "tmpfs", 0, NULL));
  SHOW(umount(ROOT));
  SHOW(unshare(CLONE_NEWNS));
  SHOW(mount("x", "m", "tmpfs", 0, NULL));
  struct stat st;
  stat("m", &st);
  say("owned by %d, mode %o", st.st_uid, st.st_mode);
  SHOW(mkdir("m/dir", 0700));
  SHOW(open("m/file", O_CREAT | O_RDWR, 0600));
}

int main(void) {
  umask(022);
  run("flags", flags);
  run("hidden", hidden);
  run("detached", detached);
  run("new ones", new_ones);
  run("rights", rights);
  return 0;
}
