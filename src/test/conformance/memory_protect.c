// Protection beyond mprotect: sealing, parts of files elsewhere, keys, data limits, readable means executable.
#include "check.h"
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

static void *map(size_t pages, int protection) {
  void *area = mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(area != MAP_FAILED, "mmap");
  return area;
}

static void sealing(void) {
  char *area = map(4, PROT_READ | PROT_WRITE);
  SHOW(syscall(SYS_mseal, area + 1, PAGE, 0));
  SHOW(syscall(SYS_mseal, area, PAGE, 1));
  SHOW(syscall(SYS_mseal, area, 0, 0));
  SHOW(syscall(SYS_mseal, area, -1UL, 0));
  SHOW(syscall(SYS_mseal, area, -2 * PAGE, 0));
  SHOW(syscall(SYS_mseal, area, 1UL << 46, 0));
  SHOW(syscall(SYS_mseal, area + PAGE, 2 * PAGE, 0));
  SHOW(mprotect(area, PAGE, PROT_READ));
  SHOW(mprotect(area + PAGE, PAGE, PROT_READ));
  SHOW(munmap(area + PAGE, PAGE));
  SHOW(munmap(area, 4 * PAGE));
  SHOW(mremap(area + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  SHOW(madvise(area + PAGE, PAGE, MADV_DONTNEED));
  SHOW(mmap(area + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
  area[PAGE] = 1;
  SHOW(munmap(area, PAGE));
}

static void parts(void) {
  int fd = open("parts", O_RDWR | O_CREAT | O_TRUNC, 0600);
  need(fd >= 0, "parts");
  char text[3 * PAGE];
  for (int i = 0; i < 3; i++) {
    memset(text + i * PAGE, 'a' + i, PAGE);
  }
  need(write(fd, text, sizeof text) == sizeof text, "write");
  char *area = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  need(area != MAP_FAILED, "mmap");
  close(fd);
  SHOW(remap_file_pages(area, PAGE, 0, 2, 0));
  SHOW(remap_file_pages(area + 2 * PAGE, PAGE, 0, 0, 0));
  say("%c%c%c", area[0], area[PAGE], area[2 * PAGE]);
  SHOW(remap_file_pages(area, PAGE, PROT_READ, 0, 0));
  SHOW(remap_file_pages(area, 0, 0, 0, 0));
  char *own = map(1, PROT_READ);
  SHOW(remap_file_pages(own, PAGE, 0, 0, 0));
  SHOW(unlink("parts"));
}

static void keys(void) {
  SHOW(pkey_alloc(1, 0));
  SHOW(pkey_alloc(0, 8));
  char *area = map(1, PROT_READ);
  SHOW(pkey_mprotect(area, PAGE, PROT_READ | PROT_WRITE, -1));
  area[0] = 1;
  SHOW(pkey_mprotect(area, PAGE, PROT_READ, 15));
  SHOW(pkey_mprotect(area, PAGE, PROT_READ, -2));
  SHOW(pkey_free(15));
}

static void data_limit(void) {
  char *area = map(8192, PROT_READ);
  struct rlimit limit = {16 << 20, RLIM_INFINITY};
  SHOW(setrlimit(RLIMIT_DATA, &limit));
  SHOW(mprotect(area, 8192 * PAGE, PROT_READ | PROT_WRITE));
  SHOW(mprotect(area, 16 * PAGE, PROT_READ | PROT_WRITE));
  SHOW(mprotect(area, 8192 * PAGE, PROT_READ));
  SHOW(mmap(NULL, 8192 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
}

static void run(char *code) {
  // mov eax, 42; ret
  static const unsigned char instructions[] = {0xb8, 42, 0, 0, 0, 0xc3};
  memcpy(code, instructions, sizeof instructions);
  int (*function)(void) = (int (*)(void))(uintptr_t)code;
  say("ran: %d", function());
}

static void plain_memory(void) {
  run(map(1, PROT_READ | PROT_WRITE));
}

static void readable_is_executable(void) {
  SHOW(personality(READ_IMPLIES_EXEC));
  SHOW(personality(0xffffffff) == READ_IMPLIES_EXEC);
  run(map(1, PROT_READ | PROT_WRITE));
  in_child("a child", plain_memory);
  SHOW(personality(PER_LINUX) == READ_IMPLIES_EXEC);
  run(map(1, PROT_READ | PROT_WRITE));
}

static void forgotten(void) {
  SHOW(personality(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE));
  execl("/proc/self/exe", "self", "again", NULL);
}

// What was mapped from a file that is open for reading cannot become writable, nor can zeros.
static void read_only_zeros(void) {
  int fd = open("/dev/zero", O_RDONLY);
  char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  need(shared != MAP_FAILED, "shared");
  say("%d", shared[0]);
  SHOW(mprotect(shared, PAGE, PROT_READ | PROT_WRITE));
  SHOW(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  char *private = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
  SHOW(mprotect(private, PAGE, PROT_READ | PROT_WRITE));
  private[0] = 'p';
  say("%d", shared[0]);
  close(fd);
  fd = open("/dev/zero", O_RDWR);
  char *first = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  char *second = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  SHOW(mprotect(first, PAGE, PROT_READ | PROT_WRITE));
  first[0] = 'f';
  say("%d", second[0]);
}

int main(int count, char **words) {
  if (count > 1 && strcmp(words[1], "again") == 0) {
    SHOW(personality(0xffffffff) == ADDR_NO_RANDOMIZE);
    plain_memory();
  }
  in_child("sealing", sealing);
  parts();
  read_only_zeros();
  keys();
  in_child("data limit", data_limit);
  in_child("plain memory", plain_memory);
  in_child("readable is executable", readable_is_executable);
  in_child("forgotten", forgotten);
  SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED ? -1 : 0);
  SHOW(mmap(NULL, PAGE, PROT_READ, 0, 0, 0) == MAP_FAILED ? -1 : 0);
  SHOW(msync((void *)-1L, PAGE, MS_SYNC));
  SHOW(mincore((void *)1L, PAGE, (unsigned char *)&count));
  return 0;
}
