// membarrier(2): what the query offers works, and the rest is refused.
#include "check.h"
#include <linux/membarrier.h>

static long barrier(int command, unsigned flags) {
  return syscall(SYS_membarrier, command, flags, 0);
}

int main(void) {
  long offered = barrier(MEMBARRIER_CMD_QUERY, 0);
  CHECK(offered > 0);
  // Barriers for rseq are there or not with rseq itself.
  say("offered %#lx", offered & 0x7f);
  SHOW(barrier(MEMBARRIER_CMD_QUERY, 1));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  SHOW(barrier(MEMBARRIER_CMD_GLOBAL, 0));
  SHOW(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0));
  SHOW(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 1));
  SHOW(barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_GLOBAL, 0));
  SHOW(barrier(1 << 20, 0));
  SHOW(barrier(-1, 0));
  return 0;
}
