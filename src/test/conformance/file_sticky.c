// Sticky and set-group-id directories, and the set-id bits of files.
#include "check.h"

static void show_mode(const char *path) {
  struct stat status;
  if (lstat(path, &status) != 0) {
    say("%s: %s", path, error_name(errno));
    return;
  }
  say("%s: mode %o, uid %d, gid %d", path, status.st_mode, (int)status.st_uid, (int)status.st_gid);
}

static void in_sticky(void) {
  become_ordinary();
  make_file("sticky/mine", "");
  SHOW(unlink("sticky/theirs"));
  SHOW(rename("sticky/theirs", "sticky/x"));
  SHOW(rename("sticky/mine", "sticky/theirs"));
  SHOW(rename("sticky/mine", "sticky/new"));
  SHOW(unlink("sticky/new"));
  SHOW(rmdir("sticky/their-dir"));
  SHOW(unlink("own-sticky/theirs"));
  SHOW(unlink("loose/theirs"));
  SHOW(chmod("own-sticky", 01700));
  show_mode("own-sticky");
}

static void in_setgid(void) {
  need(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0, "ids");
  make_file("setgid/file", "");
  need(mkdir("setgid/dir", 0755) == 0, "mkdir");
  show_mode("setgid/file");
  show_mode("setgid/dir");
  SHOW(mkdir("setgid/dir/below", 0700));
  show_mode("setgid/dir/below");
  SHOW(symlink("x", "setgid/link"));
  show_mode("setgid/link");
  SHOW(mkfifo("setgid/fifo", 0600));
  show_mode("setgid/fifo");
  // Not a member of the file's group: the bit is dropped without a word.
  SHOW(chmod("setgid/file", 02755));
  show_mode("setgid/file");
  int fd = open("setgid/created", O_RDWR | O_CREAT, 02775);
  CHECK(fd >= 0);
  show_mode("setgid/created");
  make_file("plain/file", "");
  SHOW(chmod("plain/file", 02755));
  show_mode("plain/file");
}

#define PROTECTED "/proc/sys/fs/protected_symlinks"

static bool store(const char *value) {
  int fd = open(PROTECTED, O_WRONLY);
  bool done = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
  close(fd);
  return done;
}

static void follow(void) {
  static const char *const names[] = {"sticky/root-link", "sticky/other-link", "own-sticky/root-link", "own-sticky/other-link",
                                      "loose/root-link",  "loose/other-link",  "sticky/directory-link/."};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int fd = open(names[i], O_RDONLY);
    say("%s: %s", names[i], fd < 0 ? error_name(errno) : "followed");
    close(fd);
  }
}

static void follow_as_other(void) {
  become_ordinary();
  follow();
}

// Whose links are followed in a directory that all may write to, if the system is to care.
static void links(void) {
  make_file("target", "");
  static const char *const directories[] = {"sticky", "own-sticky", "loose"};
  for (size_t i = 0; i < 3; i++) {
    char path[32];
    sprintf(path, "%s/root-link", directories[i]);
    need(symlink("../target", path) == 0, path);
    sprintf(path, "%s/other-link", directories[i]);
    need(symlink("../target", path) == 0 && lchown(path, 65534, 65534) == 0, path);
  }
  need(symlink("../loose", "sticky/directory-link") == 0 && lchown("sticky/directory-link", 65534, 65534) == 0, "link");
  char before[2] = "";
  int fd = open(PROTECTED, O_RDONLY);
  need(read(fd, before, 1) == 1, PROTECTED);
  close(fd);
  CHECK(store("1"));
  follow();
  in_child("other", follow_as_other);
  CHECK(store(before));
}

int main(void) {
  umask(0);
  need(chmod(".", 0755) == 0, "chmod");
  need(mkdir("sticky", 01777) == 0 && mkdir("own-sticky", 01777) == 0, "mkdir");
  show_mode("sticky");
  need(mkdir("loose", 0777) == 0, "mkdir");
  need(chown("own-sticky", 65534, 65534) == 0, "chown");
  make_file("sticky/theirs", "");
  make_file("own-sticky/theirs", "");
  make_file("loose/theirs", "");
  need(mkdir("sticky/their-dir", 0777) == 0, "mkdir");
  in_child("sticky", in_sticky);
  need(mkdir("setgid", 0777) == 0 && chown("setgid", 0, 777) == 0, "mkdir");
  need(chmod("setgid", 02777) == 0 && mkdir("plain", 0777) == 0, "chmod");
  in_child("setgid", in_setgid);
  make_file("program", "");
  SHOW(chmod("program", 06755));
  show_mode("program");
  SHOW(chown("program", 12, 34));
  show_mode("program");
  SHOW(chmod("program", 02745));
  SHOW(chown("program", -1, 35));
  show_mode("program");
  SHOW(chmod("program", 0107777));
  show_mode("program");
  SHOW(lchown("missing", 1, 1));
  SHOW(symlink("program", "link"));
  SHOW(lchown("link", 9, 9));
  show_mode("link");
  show_mode("program");
  SHOW(chown("link", 8, 8));
  show_mode("program");
  SHOW(fchmodat(AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW));
  SHOW(fchownat(AT_FDCWD, "link", 7, 7, 0x1));
  SHOW(fchownat(AT_FDCWD, "", 7, 7, AT_EMPTY_PATH));
  show_mode(".");
  links();
  return 0;
}
