// The root directories of sentry and gofer: a small tmpfs each, with the few host paths that a JVM
// needs bound read-only, and for the gofer the container's root.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/openat2.h>

#include "launcher.h"

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#define MOVE_FROM_EMPTY_PATH 0x4

// What java itself is linked with; those that a system does not have are passed over.
static const char *const libraries[] = {
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib/x86_64-linux-gnu/libpthread.so.0",
    "/lib/x86_64-linux-gnu/librt.so.1",
    "/lib/x86_64-linux-gnu/libz.so.1",
    "/lib64/libc.so.6",
    "/lib64/libm.so.6",
    "/lib64/libdl.so.2",
    "/lib64/libpthread.so.0",
    "/lib64/librt.so.1",
    "/lib64/libz.so.1",
};

// Makes the directories above the last component.
static void make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
      die("make %s", path);
    }
    *slash = '/';
  }
}

// Only adds restrictions: those that a mount has already may not be taken away without root. Reaches
// what is mounted below as well.
static void restrict_mount(const char *path, bool read_only) {
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | (read_only ? MOUNT_ATTR_RDONLY : 0),
  };
  if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof attributes) != 0) {
    die("restrict the mount %s", path);
  }
}

// Makes an empty directory or file to bind the path to. A negative descriptor stands for none.
static void make_mount_point(int fd, const char *path, const char *target) {
  struct stat status;
  if ((fd < 0 ? stat(path, &status) : fstat(fd, &status)) != 0) {
    die("no %s", path);
  }
  if (S_ISDIR(status.st_mode)) {
    if (mkdir(target, 0755) != 0 && errno != EEXIST) {
      die("make %s", target);
    }
  } else {
    int fd = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
      die("make %s", target);
    }
    close(fd);
  }
}

static void bind_read_only(const char *root, const char *path) {
  char target[PATH_MAX];
  if (snprintf(target, sizeof target, "%s%s", root, path) >= (int)sizeof target) {
    die("path too long: %s", path);
  }
  make_parents(target);
  make_mount_point(-1, path, target);
  // A recursive bind: below a user namespace a single mount may not be taken out of its tree.
  if (mount(path, target, NULL, MS_BIND | MS_REC, NULL) != 0) {
    die("bind %s", path);
  }
  restrict_mount(target, true);
}

static void begin_root(const char *root, const struct options *options) {
  if (mkdir(root, 0755) != 0 && errno != EEXIST) {
    die("make %s", root);
  }
  if (mount("skerry", root, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755") != 0) {
    die("mount the root %s", root);
  }
  for (unsigned i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
    if (access(libraries[i], F_OK) == 0) {
      bind_read_only(root, libraries[i]);
    }
  }
  for (int i = 0; i < options->visible_count; i++) {
    bind_read_only(root, options->visible[i]);
  }
}

static void add_directory(const char *root, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", root, name);
  if (mkdir(path, 0755) != 0) {
    die("make %s", path);
  }
}

// An empty file to cover others with.
static void make_nothing(const char *root) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/nothing", root);
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
  if (fd < 0) {
    die("make %s", path);
  }
  close(fd);
}

// Hides what is mounted on a directory of the container's root, if there is one.
static void cover(const char *container, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", container, name);
  if (access(path, F_OK) == 0 &&
      mount("empty", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0") != 0) {
    die("cover %s", path);
  }
}

// What the gofer serves. The service has resolved and allowed the path, so a symbolic link in it came
// there since, maybe by the hand of another sandbox's guest.
static int open_served(const char *path) {
  struct open_how how = {
      .flags = O_PATH | O_CLOEXEC,
      .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (fd < 0) {
    die("open %s", path);
  }
  return fd;
}

// As root only the file's own file system is bound: what else the host has mounted below stays out.
// Without root the host does not allow that.
static void bind_served(const struct options *options, int fd, const char *path, const char *target,
                        bool writable) {
  unsigned long deep = options->rootless ? MS_REC : 0;
  char source[64];
  snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
  if (mount(source, target, NULL, MS_BIND | deep, NULL) != 0) {
    die("bind %s", path);
  }
  restrict_mount(target, !writable);
  close(fd);
}

// Where an absolute path of the host's lies below what is served from another one; false if not.
static bool place_in(const char *host, const char *path, const char *target, char *place) {
  size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
  return strncmp(host, path, length) == 0 && host[length] == '/' &&
         snprintf(place, PATH_MAX, "%s%s", target, host + length) < PATH_MAX;
}

// Other sandboxes' output, and the token that starts more of them, are not a guest's to read, also
// where its root is the host's.
static void hide_service(const struct options *options, const char *gofer, const char *path,
                         const char *target) {
  char state[PATH_MAX];
  char token[PATH_MAX + 8];
  char place[PATH_MAX];
  if (realpath(options->state, state) == NULL) {
    die("resolve %s", options->state);
  }
  char *slash = strrchr(state, '/');
  if (slash == state) {
    return;
  }
  *slash = 0;
  if (place_in(state, path, target, place)) {
    cover(place, "");
  }
  slash = strrchr(state, '/');
  snprintf(token, sizeof token, "%.*s/token", (int)(slash - state), state);
  if (place_in(token, path, target, place) && access(place, F_OK) == 0) {
    char nothing[PATH_MAX];
    snprintf(nothing, sizeof nothing, "%s/nothing", gofer);
    if (mount(nothing, place, NULL, MS_BIND, NULL) != 0) {
      die("cover %s", place);
    }
  }
}

static void bind_all(const struct options *options, const char *gofer) {
  add_directory(gofer, "mounts");
  for (int i = 0; i < options->bind_count; i++) {
    char target[PATH_MAX];
    const char *path = options->binds[i].path;
    snprintf(target, sizeof target, "%s/mounts/%d", gofer, i + 1);
    int fd = open_served(path);
    make_mount_point(fd, path, target);
    bind_served(options, fd, path, target, options->binds[i].writable);
    hide_service(options, gofer, path, target);
  }
}

static void end_root(const char *root) {
  if (mount(NULL, root, NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, "size=1m,mode=0755") != 0) {
    die("make the root %s read-only", root);
  }
}

void roots_build(const struct options *options) {
  char sentry[PATH_MAX - 16];
  char gofer[PATH_MAX - 16];
  char container[PATH_MAX];
  snprintf(container, sizeof container, "%s/mnt", options->state);
  if (mkdir(container, 0755) != 0 && errno != EEXIST) {
    die("make %s", container);
  }
  mode_t saved = umask(0);
  snprintf(sentry, sizeof sentry, "%s/mnt/sentry", options->state);
  begin_root(sentry, options);
  add_directory(sentry, "proc");
  add_directory(sentry, "empty");
  end_root(sentry);

  snprintf(gofer, sizeof gofer, "%s/mnt/gofer", options->state);
  begin_root(gofer, options);
  add_directory(gofer, "rootfs");
  snprintf(container, sizeof container, "%s/rootfs", gofer);
  make_nothing(gofer);
  bind_served(options, open_served(options->rootfs), options->rootfs, container, options->writable);
  hide_service(options, gofer, options->rootfs, container);
  if (options->rootless) {
    // The kernel's own file systems came along.
    cover(container, "proc");
    cover(container, "sys");
    cover(container, "dev");
  }
  bind_all(options, gofer);
  end_root(gofer);
  umask(saved);
}

void roots_enter(void) {
  // A mount that came with the namespace is locked in place; a copy of it is not.
  int tree = (int)syscall(SYS_open_tree, AT_FDCWD, ".", OPEN_TREE_CLONE | AT_RECURSIVE | O_CLOEXEC);
  if (tree < 0 ||
      syscall(SYS_move_mount, tree, "", AT_FDCWD, ".", MOVE_FROM_EMPTY_PATH) != 0 ||
      fchdir(tree) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
      umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    die("enter the new root");
  }
  close(tree);
}

void roots_open_data(void) {
  int context = (int)syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
  // The sandbox's own accounts and its memory limit bound it.
  if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "size", "100%", 0) != 0 ||
      syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) {
    die("make the memory for files");
  }
  int root = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (root < 0 || dup2(root, DATA_DESCRIPTOR) < 0) {
    die("make the memory for files");
  }
  close(root);
  close(context);
}
