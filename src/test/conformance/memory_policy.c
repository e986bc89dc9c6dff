// Memory policies, on the one node that there is.
#include "check.h"
#include <linux/mempolicy.h>
#include <sys/mman.h>

static unsigned long mask[2];

static long set(int mode, unsigned long nodes, unsigned long count) {
  mask[0] = nodes;
  return syscall(SYS_set_mempolicy, mode, mask, count);
}

static void get(void) {
  int mode = -1;
  unsigned long nodes[2] = {99, 99};
  SHOW(syscall(SYS_get_mempolicy, &mode, nodes, 64, NULL, 0));
  say("mode %#x nodes %#lx", (unsigned)mode, nodes[0]);
}

static void child(void) {
  get();
}

int main(void) {
  get();
  int mode = -1;
  unsigned long nodes[4] = {99, 99, 99, 99};
  SHOW(syscall(SYS_get_mempolicy, &mode, nodes, 256, NULL, MPOL_F_MEMS_ALLOWED));
  CHECK((nodes[0] & 1) == 1 && nodes[1] == 0 && nodes[3] == 0);
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, &mode, MPOL_F_NODE | MPOL_F_ADDR));
  say("node %d", mode);
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, MPOL_F_NODE));
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, &mode, 0));
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, bad_pointer(), MPOL_F_ADDR));
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE));
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 64));
  SHOW(syscall(SYS_get_mempolicy, bad_pointer(), NULL, 0, NULL, 0));
  SHOW(set(MPOL_BIND, 1, 64));
  get();
  in_child("child", child);
  SHOW(set(MPOL_BIND | MPOL_F_STATIC_NODES, 1, 64));
  get();
  SHOW(set(MPOL_INTERLEAVE, 1, 2));
  get();
  SHOW(syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, MPOL_F_NODE));
  SHOW(set(MPOL_PREFERRED, 1, 64));
  get();
  SHOW(set(MPOL_PREFERRED, 0, 64));
  get();
  SHOW(set(MPOL_LOCAL, 0, 64));
  get();
  SHOW(set(MPOL_LOCAL, 1, 64));
  SHOW(set(MPOL_BIND, 0, 64));
  SHOW(set(MPOL_BIND, 1, 1));
  SHOW(set(99, 1, 64));
  SHOW(set(MPOL_BIND | MPOL_F_STATIC_NODES | MPOL_F_RELATIVE_NODES, 1, 64));
  SHOW(set(MPOL_BIND, 1, 1UL << 40));
  SHOW(syscall(SYS_set_mempolicy, MPOL_BIND, bad_pointer(), 64));
  SHOW(set(MPOL_DEFAULT, 1, 64));
  SHOW(syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
  get();
  char *area = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mask[0] = 1;
  SHOW(syscall(SYS_mbind, area, 4 * PAGE, MPOL_BIND, mask, 64, 0));
  SHOW(syscall(SYS_mbind, area, 4 * PAGE, MPOL_DEFAULT, NULL, 0, 0));
  SHOW(syscall(SYS_mbind, area + 1, PAGE, MPOL_BIND, mask, 64, 0));
  SHOW(syscall(SYS_mbind, area, PAGE, MPOL_BIND, mask, 64, 64));
  SHOW(syscall(SYS_mbind, area, 0, MPOL_BIND, mask, 64, 0));
  SHOW(syscall(SYS_mbind, area, PAGE, 99, mask, 64, 0));
  SHOW(syscall(SYS_mbind, area, PAGE, MPOL_BIND, bad_pointer(), 64, 0));
  munmap(area + 2 * PAGE, PAGE);
  SHOW(syscall(SYS_mbind, area, 4 * PAGE, MPOL_BIND, mask, 64, 0));
  area[0] = 1;
  void *pages[2] = {area, area + 2 * PAGE};
  int status[2] = {99, 99};
  SHOW(syscall(SYS_move_pages, 0, 2, pages, NULL, status, 0));
  say("%d %d", status[0], status[1]);
  SHOW(syscall(SYS_move_pages, 0, 1, pages, NULL, status, 64));
  SHOW(syscall(SYS_move_pages, 1 << 29, 1, pages, NULL, status, 0));
  SHOW(syscall(SYS_move_pages, 0, 1, bad_pointer(), NULL, status, 0));
  SHOW(syscall(SYS_migrate_pages, 0, 64, mask, mask));
  SHOW(syscall(SYS_migrate_pages, 1 << 29, 64, mask, mask));
  return 0;
}
