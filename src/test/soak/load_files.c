// Pipes, files, names, locks, watches, memory, /proc.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "load.h"

static char data[1 << 16];

void pipes(void) {
  for (int i = 0; i < 20; i++) {
    int ends[2];
    need(pipe(ends) == 0, "pipe");
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      close(ends[0]);
      for (int k = 0; k < 10; k++) {
        (void)!write(ends[1], data, sizeof data);
      }
      _exit(0);
    }
    close(ends[1]);
    // Every other one stops before the end: the writer sees EPIPE.
    for (int k = 0; i % 2 == 0 || k < 2; k++) {
      if (read(ends[0], data, sizeof data) <= 0) {
        break;
      }
    }
    close(ends[0]);
    reap(child);
  }
  for (int i = 0; i < 30; i++) {
    int ends[2];
    int others[2];
    need(pipe2(ends, O_NONBLOCK) == 0 && pipe2(others, O_NONBLOCK) == 0, "pipe2");
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 18);
    while (write(ends[1], data, sizeof data) > 0) {
    }
    (void)!tee(ends[0], others[1], 4096, SPLICE_F_NONBLOCK);
    splice(ends[0], NULL, others[1], NULL, 8192, SPLICE_F_NONBLOCK);
    if (i % 2 == 0) {
      close(ends[0]);
      close(ends[1]);
      close(others[0]);
      close(others[1]);
    }
  }
}

void files(void) {
  char name[64];
  char other[64];
  need(mkdir("files", 0700) == 0 && chdir("files") == 0, "mkdir");
  for (int i = 0; i < 100; i++) {
    sprintf(name, "f%d", i);
    int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    need(fd >= 0, name);
    (void)!pwrite(fd, data, sizeof data, i * 100);
    (void)!ftruncate(fd, 1000 * i);
    void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (i > 5) {
      memset(mapped, i, 4096);
    }
    if (i % 3 == 0) {
      munmap(mapped, 4096);
    }
    if (i % 2 == 0) {
      close(fd);
    }
    sprintf(other, "g%d", i);
    need(rename(name, other) == 0, "rename");
    sprintf(name, "h%d", i);
    need(link(other, name) == 0, "link");
    unlink(other);
    setxattr(name, "user.note", "value", 5, 0);
    if (i % 4 == 0) {
      symlink(name, other);
      unlink(other);
    }
  }
  int fd = open(".", O_TMPFILE | O_RDWR, 0600);
  if (fd >= 0) {
    (void)!write(fd, data, 1000);
  }
  DIR *directory = opendir(".");
  while (readdir(directory) != NULL) {
  }
  for (int i = 0; i < 100; i++) {
    sprintf(name, "h%d", i);
    need(unlink(name) == 0, "unlink");
  }
  need(chdir("..") == 0 && rmdir("files") == 0, "rmdir");
}

void locks(void) {
  int fd = open("locked", O_RDWR | O_CREAT, 0600);
  need(fd >= 0, "locked");
  pid_t children[10];
  for (int i = 0; i < 10; i++) {
    children[i] = fork();
    need(children[i] >= 0, "fork");
    if (children[i] == 0) {
      int own = open("locked", O_RDWR);
      for (int k = 0; k < 20; k++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = k * 3, .l_len = 1};
        fcntl(own, F_SETLKW, &lock);
        if (k % 2 == 0) {
          lock.l_type = F_UNLCK;
          fcntl(own, F_SETLK, &lock);
        }
        struct flock mine = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 1000 + i * 100 + k * 3, .l_len = 1};
        fcntl(own, F_OFD_SETLK, &mine);
      }
      flock(own, LOCK_SH);
      _exit(0);
    }
  }
  for (int i = 0; i < 10; i++) {
    reap(children[i]);
  }
  unlink("locked");
}

// Deep, long, missing and many names.
void names(void) {
  char name[300];
  struct stat status;
  char start[4096];
  need(getcwd(start, sizeof start) != NULL, "getcwd");
  for (int i = 0; i < 30; i++) {
    need(mkdir("deep", 0700) == 0 && chdir("deep") == 0, "deep");
  }
  need(chdir(start) == 0, start);
  for (int i = 0; i < 200; i++) {
    sprintf(name, "missing-%d", i);
    stat(name, &status);
  }
  for (int i = 0; i < 50; i++) {
    memset(name, 'n', 200);
    sprintf(name + 200, "%d", i);
    mkdir(name, 0700);
    rmdir(name);
  }
  need(system("rm -r deep") == 0, "rm");
}

void watching(void) {
  char name[64];
  need(mkdir("watched", 0700) == 0, "watched");
  for (int k = 0; k < 5; k++) {
    int fd = inotify_init1(IN_NONBLOCK);
    need(fd >= 0, "inotify_init1");
    inotify_add_watch(fd, "watched", IN_ALL_EVENTS);
    for (int i = 0; i < 20; i++) {
      sprintf(name, "watched/%d", i);
      close(open(name, O_RDWR | O_CREAT, 0600));
      int watch = inotify_add_watch(fd, name, IN_ALL_EVENTS);
      close(open(name, O_RDONLY));
      if (i % 3 == 0) {
        inotify_rm_watch(fd, watch);
      }
      unlink(name);
    }
    if (k % 2 == 0) {
      while (read(fd, data, sizeof data) > 0) {
      }
      close(fd);
    }
  }
  rmdir("watched");
}

void memory(void) {
  for (int i = 0; i < 100; i++) {
    char *area = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    need(area != MAP_FAILED, "mmap");
    memset(area, 1, 1 << 18);
    mprotect(area, 4096, PROT_READ);
    char *moved = mremap(area, 1 << 20, 1 << 21, MREMAP_MAYMOVE);
    madvise(moved, 1 << 20, MADV_DONTNEED);
    if (i % 2 == 0) {
      munmap(moved + 8192, (1 << 21) - 8192);
    } else {
      munmap(moved, 1 << 21);
    }
  }
  for (int i = 0; i < 20; i++) {
    int fd = memfd_create("load", MFD_ALLOW_SEALING);
    need(fd >= 0, "memfd_create");
    (void)!ftruncate(fd, 1 << 20);
    char *shared = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    memset(shared, 2, 1 << 18);
    char *also = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
      also[0] = shared[0];
      munmap(shared, 1 << 19);
      _exit(0);
    }
    need(child > 0, "fork");
    reap(child);
    if (i % 2 == 0) {
      close(fd);
      munmap(also, 1 << 18);
    }
  }
  int zero = open("/bin/true", O_RDONLY);
  for (int i = 0; i < 20; i++) {
    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, zero, 0);
  }
  struct iovec local = {data, 100};
  process_vm_readv(getpid(), &local, 1, &local, 1, 0);
}

void proc_files(void) {
  static const char *const read_from[] = {
      "/proc/self/maps", "/proc/self/status", "/proc/self/stat", "/proc/self/mountinfo", "/proc/stat",
      "/proc/meminfo", "/proc/self/smaps", "/proc/net/tcp", "/proc/net/unix", "/proc/self/limits",
      "/proc/self/cmdline", "/proc/self/environ", "/proc/uptime", "/proc/sys/kernel/pid_max", "/proc/cpuinfo",
  };
  for (unsigned i = 0; i < sizeof read_from / sizeof read_from[0]; i++) {
    int fd = open(read_from[i], O_RDONLY);
    need(fd >= 0, read_from[i]);
    // Some of it, all of it, none of it.
    (void)!read(fd, data, 10);
    while (i % 2 == 0 && read(fd, data, sizeof data) > 0) {
    }
  }
  DIR *proc = opendir("/proc");
  struct dirent *entry;
  while ((entry = readdir(proc)) != NULL) {
    char name[300];
    sprintf(name, "/proc/%s/stat", entry->d_name);
    int fd = open(name, O_RDONLY);
    if (fd >= 0) {
      (void)!read(fd, data, sizeof data);
    }
    sprintf(name, "/proc/%s/fd", entry->d_name);
    DIR *descriptors = opendir(name);
    while (descriptors != NULL && readdir(descriptors) != NULL) {
    }
  }
  // Of a process that is gone.
  pid_t child = fork();
  if (child == 0) {
    pause();
  }
  char name[64];
  sprintf(name, "/proc/%d/status", child);
  int fd = open(name, O_RDONLY);
  sprintf(name, "/proc/%d/task", child);
  need(open(name, O_RDONLY | O_DIRECTORY) >= 0, name);
  kill(child, SIGKILL);
  reap(child);
  (void)!read(fd, data, sizeof data);
}
