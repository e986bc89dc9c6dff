// /proc/self/maps: what the program has mapped is there, with its rights, offset and name, and in order.
#include "check.h"
#include <limits.h>
#include <sys/mman.h>

struct line {
  unsigned long start;
  unsigned long end;
  char rights[5];
  unsigned long offset;
  unsigned long inode;
  char name[PATH_MAX];
};

static bool find(const void *address, struct line *found) {
  FILE *maps = fopen("/proc/self/maps", "r");
  need(maps != NULL, "maps");
  char text[PATH_MAX + 100];
  bool right = false;
  while (!right && fgets(text, sizeof text, maps) != NULL) {
    struct line line = {0};
    sscanf(text, "%lx-%lx %4s %lx %*s %lu %4095[^\n]", &line.start, &line.end, line.rights, &line.offset,
           &line.inode, line.name);
    if ((unsigned long)address >= line.start && (unsigned long)address < line.end) {
      *found = line;
      right = true;
    }
  }
  fclose(maps);
  return right;
}

static void show_line(const char *what, const void *address) {
  struct line line;
  if (!find(address, &line)) {
    say("%s: not there", what);
    return;
  }
  const char *slash = strrchr(line.name, '/');
  say("%s: %s, offset %#lx, inode %d, name \"%s\"", what, line.rights, line.offset, line.inode != 0,
      slash == NULL ? line.name : slash + 1);
}

static void order(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char text[PATH_MAX + 100];
  unsigned long last = 0;
  bool ordered = true;
  bool paged = true;
  int count = 0;
  while (fgets(text, sizeof text, maps) != NULL) {
    unsigned long start = 0;
    unsigned long end = 0;
    sscanf(text, "%lx-%lx", &start, &end);
    ordered = ordered && start >= last && end > start;
    paged = paged && start % PAGE == 0 && end % PAGE == 0;
    last = end;
    count++;
  }
  fclose(maps);
  say("in order %d, whole pages %d, some %d", ordered, paged, count > 3);
}

static void in_another_root(void) {
  need(mkdir("root", 0755) == 0, "mkdir");
  int fd = open("root/in\nside", O_RDWR | O_CREAT, 0644);
  int proc = open("/proc", O_RDONLY | O_DIRECTORY);
  need(fd >= 0 && proc >= 0 && ftruncate(fd, PAGE) == 0, "open");
  void *map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  need(chroot("root") == 0, "chroot");
  FILE *maps = fdopen(openat(proc, "self/maps", O_RDONLY), "r");
  char line[PATH_MAX];
  char start[32];
  snprintf(start, sizeof start, "%lx-", (unsigned long)map);
  while (fgets(line, sizeof line, maps) != NULL) {
    if (strncmp(line, start, strlen(start)) == 0) {
      char *name = strchr(line, '/');
      say("as seen from another root: %s", name == NULL ? "no name\n" : strtok(name, "\n"));
    }
  }
}

static int global;

int main(void) {
  order();
  char local;
  show_line("stack", &local);
  // Several VMAs hold the program; the text's rights are sure.
  struct line line;
  CHECK(find((void *)main, &line) && strcmp(line.rights, "r-xp") == 0 && line.inode != 0);
  CHECK(find(&global, &line) && strcmp(line.rights, "rw-p") == 0);
  show_line("heap", (char *)sbrk(PAGE));
  char *map = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(map + PAGE, PAGE, PROT_NONE);
  mprotect(map + 2 * PAGE, PAGE, PROT_READ | PROT_EXEC);
  mprotect(map + 3 * PAGE, PAGE, PROT_READ);
  show_line("none", map + PAGE);
  show_line("executable", map + 2 * PAGE);
  show_line("readable", map + 3 * PAGE);
  CHECK(find(map + PAGE, &line) && line.start == (unsigned long)map + PAGE &&
        line.end == (unsigned long)map + 2 * PAGE);
  munmap(map + 3 * PAGE, PAGE);
  show_line("unmapped", map + 3 * PAGE);
  int fd = open("mapped file", O_RDWR | O_CREAT, 0644);
  need(ftruncate(fd, 4 * PAGE) == 0, "ftruncate");
  char *shared = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
  char *private = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
  show_line("shared file", shared);
  show_line("private file", private);
  struct stat status;
  fstat(fd, &status);
  CHECK(find(shared, &line) && line.inode == status.st_ino);
  unlink("mapped file");
  show_line("deleted file", shared);
  char *zero = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  show_line("shared anonymous", zero);
  int memory = memfd_create("called", 0);
  need(ftruncate(memory, PAGE) == 0, "ftruncate");
  show_line("memfd", mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memory, 0));
  order();
  in_child("chroot", in_another_root);
  return 0;
}
