// Holes: SEEK_DATA and SEEK_HOLE, fallocate, blocks.
#include "check.h"
#include <sys/mman.h>
#include <linux/falloc.h>

static void show_byte(int fd, long offset) {
  unsigned char byte = 0xff;
  long count = pread(fd, &byte, 1, offset);
  say("at %ld: %ld, %d", offset, count, byte);
}

static void show_shape(int fd) {
  struct stat status;
  fstat(fd, &status);
  say("size %ld, blocks %s", (long)status.st_size, status.st_blocks == 0 ? "none" : "some");
}

// What reserves pages far behind the end does not move the end; they go with the next truncation. A failed write does.
static void behind_the_end(void) {
  int fd = memfd_create("sparse", 0);
  struct stat status;
  SHOW(write(fd, "0123456789", 10));
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 8 * PAGE, 2 * PAGE));
  fstat(fd, &status);
  say("size %ld blocks %ld", (long)status.st_size, (long)status.st_blocks);
  SHOW(ftruncate(fd, 10));
  fstat(fd, &status);
  say("size %ld blocks %ld", (long)status.st_size, (long)status.st_blocks);
  SHOW(pwrite(fd, bad_pointer(), 10, 20 * PAGE));
  fstat(fd, &status);
  say("size %ld", (long)status.st_size);
  SHOW(ftruncate(fd, 10));
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 8 * PAGE, PAGE));
  SHOW(fallocate(fd, 0, 4 * PAGE, PAGE));
  fstat(fd, &status);
  say("size %ld blocks %ld", (long)status.st_size, (long)status.st_blocks);
  close(fd);
}

int main(void) {
  int fd = open("sparse", O_RDWR | O_CREAT, 0644);
  SHOW(lseek(fd, 0, SEEK_DATA));
  SHOW(lseek(fd, 0, SEEK_HOLE));
  long mega = 1L << 20;
  SHOW(pwrite(fd, "x", 1, mega));
  show_shape(fd);
  SHOW(lseek(fd, 0, SEEK_DATA));
  SHOW(lseek(fd, 0, SEEK_HOLE));
  SHOW(lseek(fd, mega, SEEK_HOLE));
  SHOW(lseek(fd, mega + 1, SEEK_DATA));
  SHOW(lseek(fd, mega + 1, SEEK_HOLE));
  SHOW(lseek(fd, -1, SEEK_DATA));
  SHOW(lseek(fd, 5 * mega, SEEK_HOLE));
  SHOW(lseek(fd, 0, SEEK_END));
  SHOW(lseek(fd, -10, SEEK_SET));
  SHOW(lseek(fd, -2 * mega, SEEK_CUR));
  SHOW(lseek(fd, 10, SEEK_END));
  SHOW(write(fd, "y", 1));
  SHOW(lseek(fd, INT64_MAX, SEEK_SET));
  SHOW(lseek(fd, 0, 99));
  show_byte(fd, 5);
  show_byte(fd, mega);
  show_byte(fd, mega + 1);
  show_byte(fd, mega + 11);
  show_byte(fd, mega + 12);
  SHOW(fallocate(fd, 0, 0, 4 * mega));
  show_shape(fd);
  show_byte(fd, mega);
  SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5 * mega));
  show_shape(fd);
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, PAGE));
  SHOW(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, mega, PAGE));
  show_byte(fd, mega);
  SHOW(fallocate(fd, 0, 0, 0));
  SHOW(fallocate(fd, 0, -1, 10));
  SHOW(fallocate(fd, 0, 0, -1));
  SHOW(fallocate(99, 0, 0, 1));
  SHOW(fallocate(fd, 0, INT64_MAX, 1));
  int reader = open("sparse", O_RDONLY);
  SHOW(fallocate(reader, 0, 0, 10));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(fallocate(pair[1], 0, 0, 10));
  SHOW(lseek(pair[0], 0, SEEK_CUR));
  int directory = open(".", O_RDONLY);
  SHOW(fallocate(directory, 0, 0, 10));
  int fresh = open("fresh", O_RDWR | O_CREAT, 0644);
  SHOW(ftruncate(fresh, mega));
  show_shape(fresh);
  SHOW(posix_fadvise(fresh, 0, 0, POSIX_FADV_DONTNEED));
  SHOW_ERROR(posix_fadvise(fresh, 0, 0, 99));
  SHOW_ERROR(posix_fadvise(pair[0], 0, 0, POSIX_FADV_NORMAL));
  SHOW_ERROR(posix_fadvise(99, 0, 0, POSIX_FADV_NORMAL));
  behind_the_end();
  return 0;
}
