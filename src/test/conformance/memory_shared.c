// Shared and private memory between processes, and between maps and files.
#include "check.h"
#include <sys/mman.h>

#define RW (PROT_READ | PROT_WRITE)

static void anonymous(void) {
  volatile int *shared = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile int *private = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *shared = *private = 1;
  pid_t child = fork();
  if (child == 0) {
    *shared = 2;
    *private = 2;
    // A page that nobody touched yet is shared all the same.
    shared[500] = 77;
    _exit(0);
  }
  reap("child", child);
  say("shared %d, private %d, untouched %d", *shared, *private, shared[500]);
}

static void files(void) {
  make_file("file", "0123456789");
  int fd = open("file", O_RDWR);
  char *shared = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
  char *private = mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0);
  say("%.10s %d", shared, shared[10]);
  shared[0] = 'S';
  show_file("file");
  say("private sees %c", private[0]);
  private[1] = 'P';
  show_file("file");
  need(pwrite(fd, "W", 1, 2) == 1, "pwrite");
  say("%.3s", shared);
  say("private page is its own now: %.3s", private);
  // What is written behind the end does not get into the file.
  shared[100] = 'x';
  struct stat status;
  fstat(fd, &status);
  say("size %ld", (long)status.st_size);
  show_file("file");
  SHOW(msync(shared, PAGE, MS_SYNC));
  SHOW(msync(shared, PAGE, MS_ASYNC));
  SHOW(msync(shared, PAGE, MS_SYNC | MS_ASYNC));
  SHOW(msync(shared, PAGE, 0x100));
  SHOW(msync(shared + 1, PAGE, MS_SYNC));
  SHOW(msync((void *)0x10000000, PAGE, MS_SYNC));
  SHOW(close(fd));
  shared[3] = 'C';
  show_file("file");
  SHOW(unlink("file"));
  shared[4] = 'U';
  say("%.10s", shared);
  munmap(shared, PAGE);
  munmap(private, PAGE);
}

static void offsets(void) {
  int fd = open("big", O_RDWR | O_CREAT, 0644);
  need(ftruncate(fd, 64 * PAGE) == 0, "ftruncate");
  for (int i = 0; i < 64; i++) {
    char byte = (char)('0' + i % 10);
    need(pwrite(fd, &byte, 1, i * PAGE) == 1, "pwrite");
  }
  char *window = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 33 * PAGE);
  say("%c%c%c%c", window[0], window[PAGE], window[2 * PAGE], window[3 * PAGE]);
  window[PAGE] = '!';
  char byte = 0;
  need(pread(fd, &byte, 1, 34 * PAGE) == 1, "pread");
  say("%c", byte);
  pid_t child = fork();
  if (child == 0) {
    window[2 * PAGE] = '?';
    _exit(0);
  }
  reap("child", child);
  need(pread(fd, &byte, 1, 35 * PAGE) == 1, "pread");
  say("%c", byte);
  int other = open("big", O_RDWR);
  char *second = mmap(NULL, 64 * PAGE, RW, MAP_SHARED, other, 0);
  say("the other map: %c%c", second[34 * PAGE], second[35 * PAGE]);
  char text[4] = "";
  SHOW(pread(fd, second + 10 * PAGE, 2, 34 * PAGE));
  SHOW(pread(fd, text, 1, 10 * PAGE));
  say("%c", text[0]);
}

static void memory_files(void) {
  int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  CHECK(fd >= 0);
  SHOW(ftruncate(fd, 2 * PAGE));
  char *map = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
  strcpy(map, "in memory");
  char text[16] = "";
  SHOW(pread(fd, text, 9, 0));
  say("%s", text);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  char target[64] = "";
  SHOW(readlink(path, target, sizeof target));
  say("%s", target);
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK));
  SHOW(ftruncate(fd, 3 * PAGE));
  SHOW(ftruncate(fd, PAGE));
  SHOW(pwrite(fd, "x", 1, 2 * PAGE));
  SHOW(pwrite(fd, "x", 1, 0));
  SHOW(munmap(map, 2 * PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(pwrite(fd, "x", 1, 0));
  SHOW(mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(NULL, PAGE, RW, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(fd, F_GET_SEALS));
  int plain = memfd_create("", 0);
  SHOW(fcntl(plain, F_GET_SEALS));
  SHOW(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(memfd_create("x", 0x1000));
  SHOW(memfd_create(bad_pointer(), 0));
  char name[260];
  memset(name, 'n', sizeof name);
  name[250] = 0;
  SHOW(memfd_create(name, 0));
  name[249] = 0;
  SHOW(memfd_create(name, 0) >= 0);
  make_file("ordinary", "");
  SHOW(fcntl(open("ordinary", O_RDWR), F_ADD_SEALS, F_SEAL_GROW));
}

int main(void) {
  anonymous();
  files();
  offsets();
  memory_files();
  return 0;
}
