// Mounts by number: statx, statmount, listmount.
#include "mount_tree.h"

#include <linux/stat.h>

#define STATMOUNT 457
#define LISTMOUNT 458
#define ROOT_ID 0xffffffffffffffffUL

struct request {
  uint32_t size, spare;
  uint64_t id, parameter, namespace;
};

struct answer {
  uint32_t size, options;
  uint64_t mask;
  uint32_t major, minor;
  uint64_t magic;
  uint32_t flags, type;
  uint64_t id, parent;
  uint32_t old_id, old_parent;
  uint64_t attributes, propagation, peers, master, from;
  uint32_t root, point;
  uint64_t namespace;
  uint32_t subtype, source;
  uint32_t more[4];
  uint64_t supported;
  uint64_t spare[45];
  char text[1024];
};

static struct answer answer;

static uint64_t id_of(const char *path) {
  uint64_t status[32] = {0};
  need(syscall(SYS_statx, AT_FDCWD, path, 0, 0x4000, status) == 0, "statx");
  CHECK(((uint32_t)status[0] & 0x4000) != 0);
  return status[18];
}

static long ask(uint64_t id, uint64_t mask, size_t size, unsigned flags) {
  struct request request = {32, 0, id, mask, 0};
  memset(&answer, 0, sizeof answer);
  return syscall(STATMOUNT, &request, &answer, size, flags);
}

static long list(uint64_t id, uint64_t last, uint64_t *ids, size_t count, unsigned flags) {
  struct request request = {32, 0, id, last, 0};
  return syscall(LISTMOUNT, &request, ids, count, flags);
}

static void told(void) {
  make_tree();
  mkdir("a", 0755);
  need(mount("the source", "a", "tmpfs", MS_NOSUID | MS_NOATIME, "size=1m") == 0, "mount");
  uint64_t id = id_of("a"), above = id_of(".");
  CHECK(id > 1UL << 31 && above > 1UL << 31 && id > above);
  SHOW(ask(id, 0, sizeof answer, 0));
  say("size %u, mask %lx", answer.size, (unsigned long)answer.mask);
  SHOW(ask(id, 1, sizeof answer, 0));
  say("mask %lx, magic %lx, flags %x", (unsigned long)answer.mask, (unsigned long)answer.magic, answer.flags);
  SHOW(ask(id, 2, sizeof answer, 0));
  CHECK(answer.id == id && answer.parent == above);
  say("mask %lx, attributes %lx, propagation %lx, groups %d", (unsigned long)answer.mask,
      (unsigned long)answer.attributes, (unsigned long)answer.propagation, answer.peers != 0);
  SHOW(ask(id, 8 | 16 | 32, sizeof answer, 0));
  say("size %u, mask %lx: %s on %s, %s", answer.size, (unsigned long)answer.mask, answer.text + answer.root,
      answer.text + answer.point, answer.text + answer.type);
  SHOW(ask(id, 0x200, sizeof answer, 0));
  say("mask %lx: %s", (unsigned long)answer.mask, answer.text + answer.source);
  SHOW(ask(id, 0x100, sizeof answer, 0));
  say("size %u, mask %lx", answer.size, (unsigned long)answer.mask);
  SHOW(mount(NULL, "a", NULL, MS_SHARED, NULL));
  SHOW(ask(id, 2, sizeof answer, 0));
  say("propagation %lx, groups %d", (unsigned long)answer.propagation, answer.peers != 0);
  SHOW(ask(id, 16, 512, 0));
  SHOW(ask(id, 16, 520, 0));
  SHOW(ask(id, 2, 16, 0));
  say("size %u", answer.size);
  SHOW(ask(id, 2, 0, 0));
  SHOW(ask(id, 2, sizeof answer, 1));
  SHOW(ask(id + 1000000, 2, sizeof answer, 0));
  SHOW(ask(1, 2, sizeof answer, 0));
  SHOW(ask(1UL << 31, 2, sizeof answer, 0));
  struct request request = {32, 0, id, 2, 0};
  SHOW(syscall(STATMOUNT, &request, bad_pointer(), 512L, 0));
  SHOW(syscall(STATMOUNT, &request, -1L, 512L, 0));
  SHOW(syscall(STATMOUNT, bad_pointer(), &answer, 512L, 0));
  request.size = 23;
  SHOW(syscall(STATMOUNT, &request, &answer, 512L, 0));
  request.size = 24;
  SHOW(syscall(STATMOUNT, &request, &answer, 512L, 0));
  request.size = 5000;
  SHOW(syscall(STATMOUNT, &request, &answer, 512L, 0));
}

static void listed(void) {
  make_tree();
  mkdir("a", 0755);
  need(mount("one", "a", "tmpfs", 0, NULL) == 0, "mount");
  mkdir("a/b", 0755);
  need(mount("two", "a/b", "tmpfs", 0, NULL) == 0, "mount");
  mkdir("c", 0755);
  need(mount("three", "c", "tmpfs", 0, NULL) == 0, "mount");
  uint64_t base = id_of("."), one = id_of("a"), two = id_of("a/b"), three = id_of("c"), ids[256];
  SHOW(list(base, 0, ids, 256, 0));
  CHECK(ids[0] == one && ids[1] == two && ids[2] == three);
  SHOW(list(base, 0, ids, 256, 1));
  CHECK(ids[0] == three && ids[1] == two && ids[2] == one);
  SHOW(list(base, one, ids, 256, 0));
  CHECK(ids[0] == two);
  SHOW(list(base, two, ids, 256, 1));
  CHECK(ids[0] == one);
  SHOW(list(base, 0, ids, 2, 0));
  SHOW(list(base, 0, ids, 0, 0));
  SHOW(list(one, 0, ids, 256, 0));
  CHECK(ids[0] == two);
  SHOW(list(two, 0, ids, 256, 0));
  long all = list(ROOT_ID, 0, ids, 256, 0);
  CHECK(all > 4 && ids[all - 1] == three);
  SHOW(list(base, 0, ids, 256, 2));
  SHOW(list(base, 5, ids, 256, 0));
  SHOW(list(7, 0, ids, 256, 0));
  SHOW(list(base + 1000000, 0, ids, 256, 0));
  SHOW(list(base, 0, bad_pointer(), 256, 0));
  SHOW(list(base, 0, ids, SIZE_MAX, 0));
  SHOW(syscall(LISTMOUNT, bad_pointer(), ids, 2L, 0));
  need(chroot("a") == 0 && chdir("/") == 0, "chroot");
  SHOW(list(ROOT_ID, 0, ids, 256, 0));
  CHECK(ids[0] == one && ids[1] == two);
  SHOW(ask(base, 16, sizeof answer, 0));
  SHOW(ask(two, 16, sizeof answer, 0));
  say("%s", answer.text + answer.point);
  need(setresuid(1000, 1000, 1000) == 0, "setresuid");
  SHOW(ask(base, 16, sizeof answer, 0));
  SHOW(list(base, 0, ids, 256, 0));
  SHOW(ask(two, 16, sizeof answer, 0));
}

int main(void) {
  run("told", told);
  run("listed", listed);
  return 0;
}
