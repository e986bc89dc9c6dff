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

static void show_at(const char *what, void *page) {
  int mode = -1;
  unsigned long nodes = 99;
  if (syscall(SYS_get_mempolicy, &mode, &nodes, 64, page, MPOL_F_ADDR) != 0) {
    say("%s: %s", what, error_name(errno));
    return;
  }
  say("%s: mode %#x nodes %#lx", what, (unsigned)mode, nodes);
}

static long bind_to(char *start, long pages, int mode, unsigned long nodes) {
  mask[0] = nodes;
  return syscall(SYS_mbind, start, pages * PAGE, mode, mask, 64, 0);
}

// The policy in numa_maps of what begins at an address.
static void show_listed(char *start) {
  FILE *file = fopen("/proc/self/numa_maps", "r");
  char line[512];
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long address;
    char policy[64];
    if (sscanf(line, "%lx %63s", &address, policy) == 2 && address == (uintptr_t)start) {
      say("listed as %s", policy);
    }
  }
  fclose(file);
}

// What libnuma looks for.
static void node(void) {
  static const char *const names[] = {"online", "possible", "has_cpu", "has_memory", "has_normal_memory"};
  char path[64];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    sprintf(path, "/sys/devices/system/node/%s", names[i]);
    show_file(path);
  }
  show_file("/sys/devices/system/node/node0/distance");
  CHECK(access("/sys/devices/system/node/node0/cpu0/topology", F_OK) == 0);
  CHECK(access("/sys/devices/system/cpu/cpu0/node0/cpumap", F_OK) == 0);
  FILE *file = fopen("/sys/devices/system/node/node0/meminfo", "r");
  char line[128];
  long total = 0, unused = 0, used = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    sscanf(line, "Node 0 MemTotal: %ld kB", &total);
    sscanf(line, "Node 0 MemFree: %ld kB", &unused);
    sscanf(line, "Node 0 MemUsed: %ld kB", &used);
  }
  fclose(file);
  CHECK(total > 0 && unused > 0 && unused + used == total);
}

static void ranges(void) {
  char *area = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  need(area != MAP_FAILED, "mmap");
  SHOW(set(MPOL_INTERLEAVE, 1, 64));
  show_at("none of its own", area);
  SHOW(bind_to(area, 16, MPOL_BIND, 1));
  SHOW(bind_to(area + 4 * PAGE, 4, MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, 1));
  SHOW(bind_to(area + 6 * PAGE, 1, MPOL_PREFERRED, 0));
  SHOW(bind_to(area + 9 * PAGE, 1, MPOL_PREFERRED, 1));
  SHOW(bind_to(area + 10 * PAGE, 2, MPOL_DEFAULT, 0));
  SHOW(bind_to(area + 12 * PAGE, 1, MPOL_LOCAL, 0));
  SHOW(bind_to(area + 13 * PAGE, 1, 5, 1));
  for (int i = 0; i < 16; i++) {
    char what[16];
    sprintf(what, "page %d", i);
    show_at(what, area + i * PAGE + 5);
  }
  show_listed(area);
  int node = -1;
  SHOW(syscall(SYS_get_mempolicy, &node, NULL, 0, area, MPOL_F_NODE | MPOL_F_ADDR));
  say("node %d", node);
  SHOW(syscall(450, area, PAGE, 0, 0));
  SHOW(syscall(450, area, 16 * PAGE, 0, 0));
  SHOW(syscall(450, area + 10 * PAGE, 2 * PAGE, 0, 0));
  SHOW(syscall(450, area, PAGE, 99999, 0));
  SHOW(syscall(450, area, PAGE, 0, 1));
  SHOW(syscall(450, area, 0, 0, 0));
  pid_t child = fork();
  if (child == 0) {
    show_at("inherited", area);
    SHOW(bind_to(area, 1, MPOL_DEFAULT, 0));
    _exit(0);
  }
  reap("child", child);
  show_at("not the child's", area);
  munmap(area, PAGE);
  show_at("unmapped", area);
  need(mmap(area, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == area, "mmap");
  show_at("mapped again", area);
  need(mmap(area + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED, "mmap");
  show_at("mapped over", area + 2 * PAGE);
  show_at("beside it", area + 3 * PAGE);
  char *target = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(bind_to(target, 4, MPOL_LOCAL, 0));
  need(mremap(area + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target + PAGE) == target + PAGE, "mremap");
  show_at("before what was moved", target);
  show_at("moved", target + 2 * PAGE);
  show_at("behind", target + 3 * PAGE);
  show_at("where it was", area + 4 * PAGE);
  SHOW(bind_to(area + 3 * PAGE, 2, MPOL_DEFAULT, 0));
  SHOW(bind_to(area + 3 * PAGE, 2, MPOL_BIND, 1));
  SHOW(set(MPOL_DEFAULT, 0, 64));
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
  in_child("ranges", ranges);
  node();
  return 0;
}
