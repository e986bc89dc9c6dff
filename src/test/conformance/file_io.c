// read, write and their vectors: offsets, zero lengths, bad memory, partial transfers.
#include "check.h"
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

static int fd;

static long offset(void) {
  return lseek(fd, 0, SEEK_CUR);
}

static void simple(void) {
  char text[16] = "";
  SHOW(write(fd, "0123456789", 10));
  SHOW(read(fd, text, 5));
  SHOW(lseek(fd, 3, SEEK_SET));
  SHOW(read(fd, text, 5));
  say("%s", text);
  SHOW(offset());
  SHOW(read(fd, text, 16));
  SHOW(read(fd, text, 16));
  SHOW(read(fd, text, 0));
  SHOW(write(fd, text, 0));
  SHOW(read(fd, bad_pointer(), 0));
  SHOW(write(fd, bad_pointer(), 0));
  SHOW(read(fd, bad_pointer(), 1));
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(read(fd, bad_pointer(), 1));
  SHOW(offset());
  SHOW(write(fd, bad_pointer(), 5));
  SHOW(offset());
  SHOW(syscall(SYS_read, fd, text, -1L));
  SHOW(syscall(SYS_write, fd, text, -1L));
  SHOW(read(-1, text, 1));
  SHOW(write(-1, text, 1));
  SHOW(read(99, text, 0));
}

static void positioned(void) {
  char text[16] = "";
  SHOW(pread(fd, text, 3, 4));
  say("%s", text);
  SHOW(pwrite(fd, "XY", 2, 12));
  SHOW(offset());
  SHOW(pread(fd, text, 16, 8));
  say("%.2s %d %d %.2s", text, text[2], text[3], text + 4);
  SHOW(pread(fd, text, 1, -1));
  SHOW(pwrite(fd, text, 1, -1));
  SHOW(pread(fd, text, 1, INT64_MAX));
  SHOW(pread(fd, text, 1, 100));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(pread(pair[0], text, 1, 0));
  SHOW(pwrite(pair[1], text, 1, 0));
  close(pair[0]);
  close(pair[1]);
}

static void left(void) {
  int bytes = 7;
  SHOW(lseek(fd, 4, SEEK_SET));
  SHOW(ioctl(fd, FIONREAD, &bytes));
  SHOW(bytes);
  SHOW(lseek(fd, 100, SEEK_SET));
  SHOW(ioctl(fd, FIONREAD, &bytes));
  SHOW(bytes);
  SHOW(ioctl(fd, FIONREAD, bad_pointer()));
  SHOW(ioctl(fd, TIOCOUTQ, &bytes));
  int directory = open(".", O_RDONLY);
  SHOW(ioctl(directory, FIONREAD, &bytes));
  close(directory);
}

// Memory that ends in the middle: the part before counts.
static void at_the_edge(void) {
  char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(pages != MAP_FAILED, "mmap");
  memset(pages, 'e', 2 * PAGE);
  need(munmap(pages + PAGE, PAGE) == 0, "munmap");
  char *edge = pages + PAGE;
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(write(pair[1], edge - 4, 4));
  char text[16];
  SHOW(read(pair[0], text, 16));
  SHOW(write(pair[1], "abcdefgh", 8));
  SHOW(read(pair[0], edge - 4, 4));
  say("%.4s", edge - 4);
  SHOW(pwrite(fd, edge - 4, 4, 0));
  SHOW(pread(fd, edge - 4, 4, 0));
  SHOW(pwrite(fd, edge, 4, 0));
  SHOW(pread(fd, edge, 4, 0));
  need(mprotect(pages, PAGE, PROT_READ) == 0, "mprotect");
  SHOW(pread(fd, pages, 4, 0));
  SHOW(pwrite(fd, pages, 4, 0));
  need(mprotect(pages, PAGE, PROT_NONE) == 0, "mprotect");
  SHOW(pwrite(fd, pages, 4, 0));
  munmap(pages, PAGE);
}

static void vectors(void) {
  char a[4] = "";
  char b[4] = "";
  struct iovec out[3] = {{"aa", 2}, {NULL, 0}, {"bbb", 3}};
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(writev(fd, out, 3));
  struct iovec in[2] = {{a, 2}, {b, 3}};
  SHOW(preadv(fd, in, 2, 0));
  say("%.2s %.3s", a, b);
  SHOW(readv(fd, in, 0));
  SHOW(writev(fd, NULL, 0));
  SHOW(syscall(SYS_readv, fd, in, -1L));
  SHOW(syscall(SYS_readv, fd, in, IOV_MAX + 1L));
  SHOW(readv(fd, bad_pointer(), 1));
  struct iovec too_long[2] = {{a, 1}, {b, (size_t)-1}};
  SHOW(readv(fd, too_long, 2));
  struct iovec second_bad[2] = {{"ok", 2}, {bad_pointer(), 2}};
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(writev(pair[1], second_bad, 1));
  SHOW(writev(99, out, 1));
  struct iovec outside[2] = {{(void *)-1L, 0}, {in[0].iov_base, in[0].iov_len}};
  SHOW(readv(fd, outside, 2));
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(preadv2(ends[0], in, 0, 2, 0));
  SHOW(preadv(ends[1], in, 2, 0));
  SHOW(pwrite(ends[0], "x", 1, 0));
  SHOW(pread(ends[1], ends, 1, 0));
  SHOW(preadv2(fd, in, 2, 0, RWF_NOWAIT | 0x4000));
  SHOW(preadv2(fd, in, 2, -1, 0));
  SHOW(preadv2(fd, in, 2, -2, 0));
  SHOW(pwritev2(fd, out, 3, 0, RWF_DSYNC));
  SHOW(pwritev(fd, out, 3, -1));
  struct iovec many[IOV_MAX];
  for (int i = 0; i < IOV_MAX; i++) {
    many[i] = (struct iovec){"m", 1};
  }
  SHOW(pwritev(fd, many, IOV_MAX, 0));
}

static void large(void) {
  size_t length = 3 << 20;
  char *data = malloc(length);
  for (size_t i = 0; i < length; i++) {
    data[i] = (char)(i * 31 >> 3);
  }
  SHOW(pwrite(fd, data, length, 5));
  char *back = malloc(length);
  SHOW(pread(fd, back, length, 5));
  CHECK(memcmp(data, back, length) == 0);
  free(data);
  free(back);
}

static void devices(void) {
  char text[8] = "xxxxxxx";
  int null = open("/dev/null", O_RDWR);
  SHOW(read(null, text, 8));
  SHOW(write(null, text, 8));
  SHOW(write(null, bad_pointer(), 8));
  SHOW(lseek(null, 100, SEEK_SET));
  int zero = open("/dev/zero", O_RDWR);
  SHOW(read(zero, text, 8));
  CHECK(memcmp(text, "\0\0\0\0\0\0\0\0", 8) == 0);
  SHOW(read(zero, bad_pointer(), 8));
  SHOW(write(zero, text, 8));
  int full = open("/dev/full", O_RDWR);
  SHOW(write(full, text, 8));
  SHOW(read(full, text, 8));
  int random = open("/dev/urandom", O_RDONLY);
  SHOW(read(random, text, 8));
  struct stat status;
  SHOW(fstat(null, &status));
  say("mode %o, device %#lx", status.st_mode, (unsigned long)status.st_rdev);
}

int main(void) {
  fd = open("file", O_RDWR | O_CREAT, 0644);
  need(fd >= 0, "file");
  simple();
  positioned();
  left();
  at_the_edge();
  vectors();
  large();
  devices();
  SHOW(fsync(fd));
  SHOW(fdatasync(fd));
  SHOW(syncfs(fd));
  SHOW(fsync(99));
  SHOW(sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE));
  SHOW(sync_file_range(fd, 0, 0, 0x100));
  SHOW(sync_file_range(fd, -1, 0, 0));
  return 0;
}
