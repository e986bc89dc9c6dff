// memfd_create(2) and seals (fcntl(2), "File Sealing").
#include "check.h"
#include <sys/mman.h>

#ifndef MFD_EXEC
#define MFD_NOEXEC_SEAL 8U
#define MFD_EXEC 0x10U
#endif

static int made(const char *name, unsigned flags) {
  int fd = memfd_create(name, flags);
  need(fd >= 0, "memfd_create");
  return fd;
}

static void creating(void) {
  int fd = made("name", MFD_ALLOW_SEALING);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GETFL) & ~O_LARGEFILE);
  struct stat status;
  SHOW(fstat(fd, &status));
  say("mode %o links %ld size %ld", status.st_mode, (long)status.st_nlink, (long)status.st_size);
  SHOW(fcntl(fd, F_GET_SEALS));
  close(fd);
  fd = made("plain", MFD_CLOEXEC);
  SHOW(fcntl(fd, F_GETFD));
  SHOW(fcntl(fd, F_GET_SEALS));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  close(fd);
  fd = made("no program", MFD_NOEXEC_SEAL);
  SHOW(fcntl(fd, F_GET_SEALS));
  fstat(fd, &status);
  say("mode %o", status.st_mode);
  SHOW(fchmod(fd, 0777));
  close(fd);
  fd = made("program", MFD_EXEC);
  fstat(fd, &status);
  say("mode %o", status.st_mode);
  close(fd);
  SHOW(memfd_create("both", MFD_EXEC | MFD_NOEXEC_SEAL));
  SHOW(memfd_create("unknown", 0x800));
  SHOW(memfd_create(bad_pointer(), 0));
  char name[300];
  memset(name, 'n', sizeof name);
  name[249] = 0;
  CHECK(memfd_create(name, 0) >= 0);
  name[249] = 'n';
  name[250] = 0;
  SHOW(memfd_create(name, 0));
}

static void sizes(void) {
  int fd = made("sizes", MFD_ALLOW_SEALING);
  SHOW(ftruncate(fd, 2 * PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(ftruncate(fd, PAGE));
  SHOW(ftruncate(fd, 3 * PAGE));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(ftruncate(fd, 4 * PAGE));
  SHOW(ftruncate(fd, 3 * PAGE));
  SHOW(pwrite(fd, "x", 1, 4 * PAGE));
  SHOW(pwrite(fd, "xyz", 3, 3 * PAGE - 1));
  SHOW(pwrite(fd, "x", 1, 0));
  SHOW(fallocate(fd, 0, 0, 8 * PAGE));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
  SHOW(fcntl(fd, F_GET_SEALS));
  close(fd);
}

static void writes(void) {
  int fd = made("writes", MFD_ALLOW_SEALING);
  SHOW(ftruncate(fd, PAGE));
  char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  need(map != MAP_FAILED, "mmap");
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(map, PAGE);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(write(fd, "x", 1));
  SHOW(write(fd, "x", 0));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
  SHOW(ftruncate(fd, 2 * PAGE));
  CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  say("%s", error_name(errno));
  map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  CHECK(map != MAP_FAILED);
  map[0] = 'x';
  map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  CHECK(map != MAP_FAILED);
  if (map != MAP_FAILED) {
    SHOW(mprotect(map, PAGE, PROT_READ | PROT_WRITE));
  }
  SHOW(fcntl(fd, F_ADD_SEALS, 0x1000));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(fcntl(fd, F_GET_SEALS));
  close(fd);
}

static void future(void) {
  int fd = made("future", MFD_ALLOW_SEALING);
  SHOW(ftruncate(fd, PAGE));
  char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  need(map != MAP_FAILED, "mmap");
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  map[0] = 'm';
  char byte = 0;
  SHOW(pread(fd, &byte, 1, 0));
  CHECK(byte == 'm');
  SHOW(pwrite(fd, "x", 1, 0));
  CHECK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  say("%s", error_name(errno));
  close(fd);
}

static void others(void) {
  int fd = open("/proc/self/exe", O_RDONLY);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  close(fd);
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(fcntl(ends[0], F_GET_SEALS));
  fd = made("again", MFD_ALLOW_SEALING);
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  int reading = open(name, O_RDONLY);
  CHECK(reading >= 0);
  SHOW(fcntl(reading, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(fcntl(reading, F_GET_SEALS));
  SHOW(write(reading, "x", 1));
  char link[64] = "";
  SHOW(readlink(name, link, sizeof link - 1));
  say("%s", link);
  CHECK(write(fd, "x", 1) == 1);
  SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(fcntl(reading, F_GET_SEALS));
  SHOW(pread(reading, name, 5, 0));
}

int main(void) {
  creating();
  sizes();
  writes();
  future();
  others();
  return 0;
}
