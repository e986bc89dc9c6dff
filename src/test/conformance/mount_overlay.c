// Overlays with several lower directories and an upper one that is not empty, and what is left of them.
#include "mount_tree.h"

#include <dirent.h>
#include <sys/sysmacros.h>

static void put(const char *path, const char *text) {
  int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
  write(fd, text, strlen(text));
  close(fd);
}

static int by_name(const void *one, const void *other) { return strcmp(*(char *const *)one, *(char *const *)other); }

static void show_tree(const char *path, int depth) {
  DIR *dir = opendir(path);
  char *names[64];
  int count = 0;
  struct dirent *entry;
  while (dir != NULL && (entry = readdir(dir)) != NULL && count < 64) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
      names[count++] = strdup(entry->d_name);
    }
  }
  if (dir != NULL) {
    closedir(dir);
  }
  qsort(names, count, sizeof *names, by_name);
  for (int i = 0; i < count; i++) {
    char full[512], text[64] = "";
    snprintf(full, sizeof full, "%s/%s", path, names[i]);
    struct stat st;
    lstat(full, &st);
    if (S_ISREG(st.st_mode)) {
      int fd = open(full, O_RDONLY);
      long length = read(fd, text, sizeof text - 1);
      text[length < 0 ? 0 : length] = 0;
      close(fd);
    } else if (S_ISLNK(st.st_mode)) {
      text[readlink(full, text, sizeof text - 1)] = 0;
    } else if (S_ISCHR(st.st_mode)) {
      snprintf(text, sizeof text, "%d:%d", major(st.st_rdev), minor(st.st_rdev));
    }
    say("%*s%s %o %s", 2 * depth, "", names[i], st.st_mode & ~(S_ISCHR(st.st_mode) ? 0777 : 0), text);
    if (S_ISDIR(st.st_mode)) {
      show_tree(full, depth + 1);
    }
    free(names[i]);
  }
}

static void layers(void) {
  mkdir("one", 0755);
  mkdir("two", 0755);
  mkdir("three", 0755);
  mkdir("upper", 0755);
  mkdir("work", 0755);
  mkdir("m", 0755);
  mkdir("two/dir", 0755);
  mkdir("three/dir", 0700);
  mkdir("one/dir", 0750);
  put("one/file", "one");
  put("two/file", "two");
  put("three/only", "three");
  put("one/dir/a", "one");
  put("two/dir/a", "two");
  put("two/dir/b", "two");
  put("three/dir/c", "three");
  put("two/covers", "a file");
  mkdir("three/covers", 0755);
  put("upper/mine", "upper");
  mkdir("upper/dir", 0711);
  put("upper/dir/b", "upper");
  mknod("two/only", S_IFCHR | 0000, makedev(0, 0));
}

#define OPTIONS "lowerdir=one:two:three,upperdir=upper,workdir=work"

static void merged(void) {
  make_tree();
  layers();
  SHOW(mount("o", "m", "overlay", 0, OPTIONS));
  show_tree("m", 1);
  SHOW(umount("m"));
  say("upper");
  show_tree("upper", 1);
}

static void changed(void) {
  make_tree();
  layers();
  SHOW(mount("o", "m", "overlay", 0, OPTIONS));
  put("m/new", "new");
  put("m/file", "changed");
  put("m/mine", "changed too");
  SHOW(unlink("m/dir/a"));
  SHOW(unlink("m/dir/b"));
  SHOW(unlink("m/covers"));
  SHOW(mkdir("m/fresh", 0700));
  put("m/fresh/x", "x");
  SHOW(symlink("target", "m/link"));
  SHOW(chmod("m/dir", 0777));
  SHOW(rename("m/new", "m/renamed"));
  show_tree("m", 1);
  SHOW(umount("m"));
  say("upper");
  show_tree("upper", 1);
  say("lower");
  show_tree("one", 1);
  SHOW(mount("o", "m", "overlay", 0, OPTIONS));
  say("again");
  show_tree("m", 1);
}

static void replaced(void) {
  make_tree();
  layers();
  SHOW(mount("o", "m", "overlay", 0, OPTIONS));
  SHOW(unlink("m/dir/a"));
  SHOW(unlink("m/dir/b"));
  SHOW(unlink("m/dir/c"));
  SHOW(rmdir("m/dir"));
  SHOW(mkdir("m/dir", 0755));
  put("m/dir/d", "d");
  SHOW(unlink("m/file"));
  SHOW(mkdir("m/file", 0755));
  show_tree("m", 1);
  SHOW(umount("m"));
  SHOW(mount("o", "m", "overlay", 0, OPTIONS));
  say("again");
  show_tree("m", 1);
}

static void refused(void) {
  make_tree();
  layers();
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=one,upperdir=upper"));
  SHOW(mount("o", "m", "overlay", 0, "upperdir=upper,workdir=work"));
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=nowhere,upperdir=upper,workdir=work"));
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=one,upperdir=upper,workdir=upper"));
  mkdir("ro", 0755);
  mount("ro", "ro", "tmpfs", 0, NULL);
  mkdir("ro/upper", 0755);
  mkdir("ro/work", 0755);
  mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=one,upperdir=ro/upper,workdir=ro/work"));
}

// What hides something cannot be looked under by way of a layer.
static void hidden(void) {
  make_tree();
  layers();
  mkdir("one/secret", 0755);
  put("one/secret/file", "secret");
  mount("mask", "one/secret", "tmpfs", 0, NULL);
  mkdir("u", 0777);
  SHOW(unshare(CLONE_NEWUSER | CLONE_NEWNS));
  put("/proc/self/setgroups", "deny");
  put("/proc/self/uid_map", "0 0 1");
  put("/proc/self/gid_map", "0 0 1");
  SHOW(mount("t", "u", "tmpfs", 0, NULL));
  mkdir("u/upper", 0755);
  mkdir("u/work", 0755);
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=one,upperdir=u/upper,workdir=u/work"));
  SHOW(mount("o", "m", "overlay", 0, "lowerdir=two,upperdir=u/upper,workdir=u/work"));
  SHOW(access("m/file", F_OK));
  put("m/written", "w");
  SHOW(umount("m"));
  SHOW(access("u/upper/written", F_OK));
}

int main(void) {
  umask(022);
  run("merged", merged);
  run("changed", changed);
  run("replaced", replaced);
  run("refused", refused);
  run("hidden", hidden);
  return 0;
}
