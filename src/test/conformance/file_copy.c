// copy_file_range and sendfile: offsets, ends, and what they refuse.
#include "check.h"
#include <sys/sendfile.h>

static int from;
static int to;

static void copies(void) {
  SHOW(copy_file_range(from, NULL, to, NULL, 4, 0));
  show_file("to");
  SHOW(lseek(from, 0, SEEK_CUR));
  loff_t in = 6;
  loff_t out = 10;
  SHOW(copy_file_range(from, &in, to, &out, 100, 0));
  say("in %ld, out %ld", (long)in, (long)out);
  SHOW(lseek(from, 0, SEEK_CUR));
  SHOW(lseek(to, 0, SEEK_END));
  SHOW(copy_file_range(from, &in, to, &out, 100, 0));
  SHOW(copy_file_range(from, NULL, to, NULL, 0, 0));
  SHOW(copy_file_range(from, NULL, to, NULL, 1, 1));
  SHOW(copy_file_range(from, NULL, from, NULL, 1, 0));
  in = 0;
  out = 2;
  int both = open("from", O_RDWR);
  SHOW(copy_file_range(both, &in, both, &out, 5, 0));
  SHOW(copy_file_range(to, NULL, from, NULL, 1, 0));
  SHOW(copy_file_range(99, NULL, to, NULL, 1, 0));
  int directory = open(".", O_RDONLY);
  SHOW(copy_file_range(directory, NULL, to, NULL, 1, 0));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  SHOW(copy_file_range(pair[0], NULL, to, NULL, 1, 0));
  SHOW(copy_file_range(from, NULL, pair[1], NULL, 1, 0));
  int appending = open("to", O_WRONLY | O_APPEND);
  SHOW(copy_file_range(from, NULL, appending, NULL, 1, 0));
  in = -1;
  SHOW(copy_file_range(from, &in, to, NULL, 1, 0));
}

static void sends(void) {
  SHOW(lseek(from, 0, SEEK_SET));
  SHOW(ftruncate(to, 0));
  SHOW(lseek(to, 0, SEEK_SET));
  SHOW(sendfile(to, from, NULL, 3));
  show_file("to");
  off_t offset = 5;
  SHOW(sendfile(to, from, &offset, 100));
  say("offset %ld", (long)offset);
  SHOW(lseek(from, 0, SEEK_CUR));
  show_file("to");
  SHOW(sendfile(to, from, &offset, 100));
  SHOW(sendfile(to, from, NULL, 0));
  int pair[2];
  need(pipe(pair) == 0, "pipe");
  offset = 0;
  SHOW(sendfile(pair[1], from, &offset, 5));
  char text[8] = "";
  SHOW(read(pair[0], text, 8));
  say("through the pipe: %s", text);
  SHOW(sendfile(to, pair[0], NULL, 1));
  SHOW(sendfile(from, to, NULL, 1));
  offset = -1;
  SHOW(sendfile(to, from, &offset, 1));
  SHOW(sendfile(99, from, NULL, 1));
  SHOW(sendfile(to, 99, NULL, 1));
  SHOW(sendfile(to, from, bad_pointer(), 1));
}

static void large(void) {
  size_t length = 1 << 20;
  char *data = malloc(length);
  for (size_t i = 0; i < length; i++) {
    data[i] = (char)(i * 7 >> 4);
  }
  int source = open("source", O_RDWR | O_CREAT, 0644);
  int target = open("target", O_RDWR | O_CREAT, 0644);
  need(write(source, data, length) == (ssize_t)length, "write");
  off_t offset = 0;
  size_t sent = 0;
  for (ssize_t count; sent < length; sent += (size_t)count) {
    count = sendfile(target, source, &offset, length - sent);
    need(count > 0, "sendfile");
  }
  char *back = malloc(length);
  need(pread(target, back, length, 0) == (ssize_t)length, "pread");
  CHECK(memcmp(data, back, length) == 0);
  loff_t in = 0;
  loff_t out = 0;
  need(ftruncate(target, 0) == 0, "ftruncate");
  SHOW(copy_file_range(source, &in, target, &out, length, 0));
  memset(back, 0, length);
  need(pread(target, back, length, 0) == (ssize_t)length, "pread");
  CHECK(memcmp(data, back, length) == 0);
}

int main(void) {
  make_file("from", "abcdefghij");
  from = open("from", O_RDONLY);
  to = open("to", O_RDWR | O_CREAT, 0644);
  copies();
  sends();
  large();
  return 0;
}
