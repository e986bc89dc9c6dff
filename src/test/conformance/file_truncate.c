// truncate and ftruncate: sizes, what grows is zero, limits, errors.
#include "check.h"
#include <sys/sendfile.h>
#include <sys/resource.h>

static void show_size(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) {
    say("%s: %s", path, error_name(errno));
    return;
  }
  say("%s has %ld bytes", path, (long)status.st_size);
}

static void growing(void) {
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  SHOW(write(fd, "abcdef", 6));
  SHOW(ftruncate(fd, 3));
  SHOW(ftruncate(fd, 6));
  char text[8];
  memset(text, 'x', sizeof text);
  SHOW(pread(fd, text, 8, 0));
  say("%c%c%c %d%d%d", text[0], text[1], text[2], text[3], text[4], text[5]);
  SHOW(lseek(fd, 0, SEEK_CUR));
  SHOW(ftruncate(fd, 0));
  SHOW(write(fd, "z", 1));
  show_size("file");
  SHOW(ftruncate(fd, 5L << 30));
  show_size("file");
  SHOW(pread(fd, text, 8, (5L << 30) - 4));
  SHOW(pread(fd, text, 8, 5L << 30));
  SHOW(pread(fd, text, 8, 6L << 30));
  SHOW(ftruncate(fd, -1));
  close(fd);
}

static void by_path(void) {
  SHOW(truncate("file", 10));
  show_size("file");
  SHOW(truncate("file", -1));
  SHOW(truncate("missing", 0));
  SHOW(truncate(".", 0));
  SHOW(truncate("file/", 0));
  SHOW(truncate("", 0));
  SHOW(truncate(bad_pointer(), 0));
  need(symlink("file", "link") == 0, "symlink");
  SHOW(truncate("link", 2));
  show_size("file");
  need(mkfifo("fifo", 0644) == 0, "mkfifo");
  SHOW(truncate("fifo", 0));
}

static void descriptors(void) {
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(ftruncate(pair[1], 0));
  int directory = open(".", O_RDONLY);
  SHOW(ftruncate(directory, 0));
  SHOW(ftruncate(99, 0));
  int null = open("/dev/null", O_RDWR);
  SHOW(ftruncate(null, 0));
}

static volatile sig_atomic_t too_large;

static void on_size(int signal) {
  (void)signal;
  too_large++;
}

static void limited(void) {
  signal(SIGXFSZ, on_size);
  struct rlimit limit = {100, 100};
  need(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
  int fd = open("limited", O_RDWR | O_CREAT, 0644);
  SHOW(ftruncate(fd, 100));
  SHOW(ftruncate(fd, 101));
  say("signals %d", too_large);
  char text[64] = "";
  SHOW(pwrite(fd, text, 64, 60));
  say("signals %d", too_large);
  SHOW(pwrite(fd, text, 64, 100));
  say("signals %d", too_large);
  SHOW(pwrite(fd, text, 0, 200));
  SHOW(write(fd, text, 64));
  SHOW(write(fd, text, 64));
  SHOW(write(fd, text, 64));
  say("signals %d", too_large);
  int source = open("file", O_RDONLY);
  int ends[2];
  need(source >= 0 && pipe(ends) == 0 && write(ends[1], text, 64) == 64, "a pipe");
  SHOW(lseek(fd, 90, SEEK_SET));
  SHOW(splice(ends[0], NULL, fd, NULL, 64, 0));
  SHOW(splice(ends[0], NULL, fd, NULL, 64, 0));
  SHOW(splice(ends[0], NULL, fd, &(off_t){95}, 64, 0));
  say("signals %d", too_large);
  SHOW(lseek(fd, 99, SEEK_SET));
  SHOW(sendfile(fd, source, NULL, 1));
  SHOW(sendfile(fd, source, NULL, 1));
  say("signals %d", too_large);
}

static void killed(void) {
  struct rlimit limit = {0, 0};
  int fd = open("killed", O_RDWR | O_CREAT, 0644);
  need(setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
  need(setrlimit(RLIMIT_CORE, &limit) == 0, "setrlimit");
  write(fd, "x", 1) < 0 ? say("not reached") : say("written");
}

static void ordinary(void) {
  become_ordinary();
  SHOW(truncate("file", 0));
}

int main(void) {
  need(chmod(".", 0755) == 0, "chmod");
  growing();
  by_path();
  descriptors();
  in_child_piped("limited", limited);
  in_child_piped("killed", killed);
  in_child("ordinary", ordinary);
  struct timespec past[2] = {{1000, 0}, {1000, 0}};
  struct stat status;
  utimensat(AT_FDCWD, "file", past, 0);
  SHOW(truncate("file", 2));
  stat("file", &status);
  CHECK(status.st_mtime > 1000);
  chmod("file", 06755);
  SHOW(truncate("file", 1));
  stat("file", &status);
  say("mode %o", status.st_mode);
  return 0;
}
