// Extended attributes on a tmpfs: names, sizes, flags, errors.
#include "check.h"
#include <sys/xattr.h>

static char path[64];

static void show_value(const char *what, ssize_t length, const char *text) {
  if (length < 0) {
    say("%s: %s", what, error_name(errno));
  } else {
    say("%s: %zd bytes \"%.*s\"", what, length, (int)length, text);
  }
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *file) {
  char names[1024];
  ssize_t length = listxattr(file, names, sizeof names);
  SHOW(length);
  char *sorted[16];
  int count = 0;
  for (char *name = names; name < names + length && count < 16; name += strlen(name) + 1) {
    sorted[count++] = name;
  }
  qsort(sorted, (size_t)count, sizeof *sorted, compare);
  for (int i = 0; i < count; i++) {
    say("  %s", sorted[i]);
  }
}

static void trusted(void) {
  char text[64];
  SHOW(setxattr(path, "trusted.a", "one", 3, 0));
  SHOW(setxattr(path, "trusted.a", "two!", 4, XATTR_CREATE));
  SHOW(setxattr(path, "trusted.b", "x", 1, XATTR_REPLACE));
  SHOW(setxattr(path, "trusted.a", "two!", 4, XATTR_REPLACE));
  show_value("get", getxattr(path, "trusted.a", text, sizeof text), text);
  SHOW(getxattr(path, "trusted.a", NULL, 0));
  SHOW(getxattr(path, "trusted.a", text, 3));
  SHOW(getxattr(path, "trusted.none", text, sizeof text));
  SHOW(setxattr(path, "trusted.empty", "", 0, 0));
  show_value("empty", getxattr(path, "trusted.empty", text, sizeof text), text);
  list(path);
  SHOW(listxattr(path, NULL, 0));
  SHOW(listxattr(path, text, 2));
  SHOW(removexattr(path, "trusted.a"));
  SHOW(removexattr(path, "trusted.a"));
  list(path);
}

static void names(void) {
  char long_name[300] = "trusted.";
  memset(long_name + 8, 'n', 260);
  long_name[255] = 0;
  SHOW(setxattr(path, long_name, "x", 1, 0));
  long_name[255] = 'n';
  long_name[256] = 0;
  SHOW(setxattr(path, long_name, "x", 1, 0) == -1);
  SHOW(setxattr(path, "", "x", 1, 0));
  SHOW(setxattr(path, "nothing", "x", 1, 0));
  SHOW(setxattr(path, "strange.x", "x", 1, 0));
  SHOW(setxattr(path, "trusted.", "x", 1, 0));
  SHOW(setxattr(path, "trusted.x", "x", 1, 4));
  SHOW(syscall(SYS_setxattr, path, "trusted.x", "x", 65537L, 0));
  SHOW(setxattr(path, bad_pointer(), "x", 1, 0));
  SHOW(setxattr(path, "trusted.x", bad_pointer(), 1, 0));
  SHOW(setxattr("missing", "trusted.x", "x", 1, 0));
  SHOW(getxattr("", "trusted.x", NULL, 0));
}

static void descriptors(void) {
  char text[16];
  int fd = open(path, O_RDONLY);
  SHOW(fsetxattr(fd, "trusted.f", "fd", 2, 0));
  show_value("fgetxattr", fgetxattr(fd, "trusted.f", text, sizeof text), text);
  SHOW(fremovexattr(fd, "trusted.f"));
  SHOW(flistxattr(99, text, 2));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(fgetxattr(pair[0], "user.x", text, sizeof text));
  close(fd);
}

static void links(void) {
  char link[80];
  snprintf(link, sizeof link, "%s-link", path);
  need(symlink(path, link) == 0, "symlink");
  char text[16];
  SHOW(lsetxattr(link, "trusted.own", "1", 1, 0));
  SHOW(setxattr(link, "trusted.of-target", "2", 1, 0));
  SHOW(lgetxattr(link, "trusted.own", text, sizeof text));
  SHOW(getxattr(link, "trusted.own", text, sizeof text));
  SHOW(lgetxattr(link, "trusted.of-target", text, sizeof text));
  SHOW(lsetxattr(link, "user.x", "1", 1, 0));
  SHOW(lremovexattr(link, "trusted.own"));
  SHOW(unlink(link));
}

static void ordinary(void) {
  become_ordinary();
  char text[16];
  SHOW(setxattr(path, "trusted.o", "x", 1, 0));
  SHOW(getxattr(path, "trusted.b", text, sizeof text));
  SHOW(setxattr(path, "security.o", "x", 1, 0));
}

int main(void) {
  snprintf(path, sizeof path, "/dev/shm/xattr-%d", (int)getpid());
  make_file(path, "x");
  trusted();
  names();
  descriptors();
  links();
  in_child("ordinary", ordinary);
  SHOW(unlink(path));
  return 0;
}
