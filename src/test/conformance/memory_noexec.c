// Files of a mount with noexec are not mapped executable, neither at once nor by mprotect(2).
#include "check.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>

static void try_mappings(const char *what, int flags, int fd) {
  say("%s", what);
  char *area = mmap(NULL, 3 * PAGE, PROT_READ, flags, fd, 0);
  CHECK(area != MAP_FAILED);
  SHOW(mprotect(area, PAGE, PROT_READ | PROT_EXEC));
  SHOW(mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE));
  SHOW(mprotect(area + PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
  SHOW(mprotect(area + 2 * PAGE, PAGE, PROT_EXEC));
  SHOW(mprotect(area, 3 * PAGE, PROT_READ));
  pid_t child = fork();
  if (child == 0) {
    _exit(mprotect(area, PAGE, PROT_READ | PROT_EXEC) == 0 ? 0 : errno == EACCES ? 1 : 2);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  say("in a child: %d", WEXITSTATUS(status));
  SHOW(munmap(area, 3 * PAGE));
}

int main(void) {
  SHOW(mkdir("noexec", 0700));
  SHOW(mkdir("exec", 0700));
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    say("no mount namespace: %d", errno);
    return 1;
  }
  SHOW(mount("none", "noexec", "tmpfs", MS_NOEXEC, NULL));
  SHOW(mount("none", "exec", "tmpfs", 0, NULL));
  int fd = open("noexec/file", O_RDWR | O_CREAT, 0700);
  CHECK(fd >= 0);
  SHOW(ftruncate(fd, 3 * PAGE));
  CHECK(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED && errno == EPERM);
  try_mappings("private, noexec", MAP_PRIVATE, fd);
  try_mappings("shared, noexec", MAP_SHARED, fd);
  int other = open("exec/file", O_RDWR | O_CREAT, 0700);
  SHOW(ftruncate(other, 3 * PAGE));
  try_mappings("private, exec", MAP_PRIVATE, other);
  try_mappings("anonymous", MAP_PRIVATE | MAP_ANONYMOUS, -1);
  // What was mapped there before does not count.
  char *area = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
  CHECK(mmap(area, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == area);
  SHOW(mprotect(area, PAGE, PROT_READ | PROT_EXEC));
  return 0;
}
