// inotify(7): what is done with the content and the attributes of files.
#include "inotify_events.h"
#include <dirent.h>
#include <sys/sendfile.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/xattr.h>

static int fd;

static void content(void) {
  char text[16];
  int file = open("dir/f", O_RDWR | O_TRUNC);
  drain(fd, "open with O_TRUNC");
  SHOW(read(file, text, sizeof text));
  drain(fd, "read at the end");
  SHOW(write(file, "0123456789", 10));
  SHOW(write(file, "0123456789", 10));
  drain(fd, "two writes are one event");
  SHOW(write(file, text, 0));
  drain(fd, "write of nothing");
  SHOW(pread(file, text, 4, 0));
  SHOW(pwrite(file, "x", 1, 3));
  SHOW(pread(file, text, 4, 0));
  drain(fd, "pread and pwrite");
  struct iovec part = {text, 4};
  SHOW(lseek(file, 0, SEEK_SET));
  SHOW(readv(file, &part, 1));
  SHOW(writev(file, &part, 1));
  drain(fd, "readv and writev");
  SHOW(pread(file, bad_pointer(), 4, 0));
  SHOW(pwrite(file, bad_pointer(), 4, 0));
  drain(fd, "bad pointers");
  SHOW(ftruncate(file, 5));
  drain(fd, "ftruncate");
  SHOW(ftruncate(file, 5));
  drain(fd, "ftruncate to the same");
  SHOW(truncate("dir/f", 50));
  drain(fd, "truncate");
  SHOW(fallocate(file, 0, 0, 100));
  drain(fd, "fallocate");
  SHOW(fsync(file));
  drain(fd, "fsync");
  char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  need(map != MAP_FAILED, "mmap");
  map[0] = 'm';
  munmap(map, PAGE);
  drain(fd, "mapping");
  int other = open("dir/g", O_RDWR | O_CREAT, 0644);
  drain(fd, "another file");
  SHOW(lseek(file, 0, SEEK_SET));
  SHOW(sendfile(other, file, NULL, 10));
  drain(fd, "sendfile");
  SHOW(copy_file_range(file, NULL, other, NULL, 10, 0));
  drain(fd, "copy_file_range");
  int twin = dup(file);
  close(file);
  drain(fd, "close of one of two descriptors");
  close(twin);
  drain(fd, "the last close");
  close(other);
  int path = open("dir/f", O_PATH);
  close(path);
  drain(fd, "O_PATH, and the close of another");
  close(open("dir/f", O_RDONLY));
  drain(fd, "open to read");
  close(open("dir/f", 3));
  drain(fd, "open with access mode 3");
}

static void attributes(void) {
  SHOW(chmod("dir/f", 0600));
  drain(fd, "chmod");
  SHOW(chown("dir/f", -1, -1));
  drain(fd, "chown to nobody else");
  SHOW(chown("dir/f", getuid(), -1));
  drain(fd, "chown");
  struct timespec times[2] = {{1, 0}, {2, 0}};
  SHOW(utimensat(AT_FDCWD, "dir/f", times, 0));
  drain(fd, "both times");
  times[1].tv_nsec = UTIME_OMIT;
  SHOW(utimensat(AT_FDCWD, "dir/f", times, 0));
  drain(fd, "the access time");
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = 5;
  SHOW(utimensat(AT_FDCWD, "dir/f", times, 0));
  drain(fd, "the modification time");
  SHOW(setxattr("dir/f", "user.a", "1", 1, 0));
  drain(fd, "setxattr");
  SHOW(removexattr("dir/f", "user.a"));
  drain(fd, "removexattr");
  SHOW(removexattr("dir/f", "user.a"));
  drain(fd, "removexattr of what is not there");
  SHOW(chmod("dir", 0700));
  drain(fd, "chmod of the directory");
  SHOW(access("dir/f", R_OK));
  struct stat status;
  SHOW(stat("dir/f", &status));
  drain(fd, "questions");
}

static void directories(void) {
  mkdir("dir/sub", 0755);
  drain(fd, "mkdir");
  DIR *list = opendir("dir");
  drain(fd, "opendir");
  while (readdir(list) != NULL) {
  }
  drain(fd, "readdir");
  closedir(list);
  drain(fd, "closedir");
  list = opendir("dir/sub");
  while (readdir(list) != NULL) {
  }
  closedir(list);
  drain(fd, "a directory below");
  chmod("dir/sub", 0700);
  drain(fd, "chmod of it");
}

static void fifo(void) {
  mkfifo("dir/p", 0600);
  int ends = open("dir/p", O_RDWR);
  char byte;
  SHOW(write(ends, "a", 1));
  SHOW(read(ends, &byte, 1));
  close(ends);
  drain(fd, "a FIFO");
}

static void script(void) {
  make_file("dir/script", "#!/bin/true\n");
  need(chmod("dir/script", 0755) == 0, "chmod");
  drain(fd, "made");
  pid_t child = fork();
  if (child == 0) {
    execl("dir/script", "script", (char *)NULL);
    _exit(1);
  }
  reap("script", child);
  drain(fd, "executed");
}

static void program(void) {
  pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "inotify_data", "child", (char *)NULL);
    _exit(1);
  }
  reap("child", child);
}

int main(int count, char **words) {
  if (count > 1) {
    return words[1][0] == 'c' ? 7 : 8;
  }
  fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  need(fd >= 0, "inotify_init1");
  mkdir("dir", 0755);
  make_file("dir/f", "text");
  SHOW(inotify_add_watch(fd, "dir", IN_ALL_EVENTS));
  content();
  attributes();
  directories();
  fifo();
  SHOW(inotify_add_watch(fd, "dir/f", IN_MODIFY | IN_CLOSE));
  int file = open("dir/f", O_WRONLY | O_APPEND);
  SHOW(write(file, "x", 1));
  close(file);
  drain(fd, "directory and file");
  script();
  program();
  return 0;
}
