// What a tracer reads and writes of a stopped task: registers, memory, signals, and what it is refused.
#include <asm/prctl.h>
#include <asm/ptrace-abi.h>

#include "ptrace_tracee.h"

static volatile long shared_word = 0x1122334455667788;
static char *text_page;
static char *no_access;
static char *shared_file;
static volatile double number = 1.5;

__attribute__((noipa)) static long constant(void) {
  return 42;
}

// An int3, and a halt of the code with known registers.
static void known(void) {
  __asm__ volatile(
      "mov $0x1111, %%rbx; mov $0x2222, %%r12; mov $0x3333, %%r13; movsd %0, %%xmm7; std; int3; cld"
      :
      : "m"(number)
      : "rbx", "r12", "r13", "xmm7", "cc");
}

static void body(void) {
  known();
  say("the word is %lx", shared_word);
  say("constant: %ld", constant());
  say("text page: %d", text_page[0]);
  say("file page: %c", shared_file[0]);
}

static void show_peek(const char *what, pid_t child, const volatile void *address) {
  long word = 0x5555;
  long result = ptrace(PTRACE_PEEKDATA, child, address, &word);
  say("peek %s: %ld %s, %lx", what, result, result < 0 ? error_name(errno) : "", word);
}

static void general(pid_t child) {
  struct user_regs_struct now = registers(child);
  say("rbx %llx r12 %llx r13 %llx, orig_rax %lld", now.rbx, now.r12, now.r13, (long long)now.orig_rax);
  CHECK((now.eflags & 0x400) != 0 && (now.eflags & 0x200) != 0);
  say("cs %llx ss %llx ds %llx es %llx fs %llx gs %llx", now.cs, now.ss, now.ds, now.es, now.fs, now.gs);
  CHECK(now.fs_base != 0);
  say("gs_base %llx", now.gs_base);
  unsigned char before;
  need(ptrace(PTRACE_PEEKTEXT, child, now.rip - 1, &(long){0}) == 0, "PEEKTEXT");
  long word;
  ptrace(PTRACE_PEEKTEXT, child, now.rip - 1, &word);
  before = (unsigned char)word;
  say("before rip: %x", before);

  struct user_regs_struct other = {0};
  struct iovec vector = {&other, sizeof other};
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &vector));
  CHECK(vector.iov_len == sizeof other && memcmp(&other, &now, sizeof other) == 0);
  vector.iov_len = 64;
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &vector));
  say("length %zu", vector.iov_len);
  vector.iov_len = 63;
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &vector));
  vector.iov_len = sizeof other + 800;
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &vector));
  say("length %zu", vector.iov_len);
  vector.iov_len = 64;
  SHOW(ptrace(PTRACE_GETREGSET, child, 0x1234, &vector));
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, 0));
  SHOW(ptrace(PTRACE_GETREGS, child, 0, 16));

  for (size_t at = 0; at < sizeof now; at += 8) {
    need(ptrace(PTRACE_PEEKUSR, child, at, &word) == 0, "PEEKUSR");
    if (memcmp(&word, (char *)&now + at, 8) != 0) {
      say("PEEKUSR %zu differs", at);
    }
  }
  SHOW(ptrace(PTRACE_PEEKUSR, child, 4, &word));
  SHOW(ptrace(PTRACE_PEEKUSR, child, -8, &word));
  SHOW(ptrace(PTRACE_PEEKUSR, child, sizeof(struct user) + 16, &word));
  SHOW(ptrace(PTRACE_PEEKUSR, child, offsetof(struct user, u_tsize), &word));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_tsize), 1));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.cs), 1));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.fs_base), 1L << 62));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.eflags), now.eflags & ~0x400UL));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, regs.eflags), 0x3000));
  now = registers(child);
  say("eflags of nothing: %llx", now.eflags & ~0x2UL);
}

static void debug(pid_t child) {
  static const int places[] = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int i = 0; i < 8; i++) {
    long word = -1;
    long result = ptrace(PTRACE_PEEKUSR, child, offsetof(struct user, u_debugreg[places[i]]), &word);
    say("debug register %d: %ld, %lx", i, result, word);
  }
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[4]), 0));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[0]), ~0UL << 47));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[7]), 0));
  SHOW(ptrace(PTRACE_POKEUSR, child, offsetof(struct user, u_debugreg[6]), 0));
}

static void bases(pid_t child) {
  unsigned long value = 0;
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, &value, ARCH_GET_FS));
  CHECK(value == registers(child).fs_base);
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, 0x1234000, ARCH_SET_GS));
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, &value, ARCH_GET_GS));
  say("gs %lx, %llx", value, registers(child).gs_base);
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, 0, ARCH_SET_GS));
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, -1, ARCH_SET_GS));
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, &value, 0x999));
  SHOW(ptrace(PTRACE_ARCH_PRCTL, child, bad_pointer(), ARCH_GET_GS));
  struct iovec vector = {&value, sizeof value};
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_386_IOPERM, &vector));
  SHOW(ptrace(PTRACE_SETREGSET, child, NT_386_IOPERM, &vector));
}

static void vectors(pid_t child) {
  struct user_fpregs_struct fp;
  SHOW(ptrace(PTRACE_GETFPREGS, child, 0, &fp));
  double value;
  memcpy(&value, &fp.xmm_space[7 * 4], sizeof value);
  say("xmm7 %.2f, cwd %x, mxcsr %x", value, fp.cwd, fp.mxcsr);
  for (int i = 0; i < 12; i++) {
    need(((int *)((char *)&fp + 464))[i] == 0, "nothing in the software's bytes");
  }
  value = 2.75;
  memcpy(&fp.xmm_space[7 * 4], &value, sizeof value);
  SHOW(ptrace(PTRACE_SETFPREGS, child, 0, &fp));
  fp.mxcsr = 0x80000000;
  SHOW(ptrace(PTRACE_SETFPREGS, child, 0, &fp));
  static char area[16384];
  struct iovec vector = {area, sizeof area};
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &vector));
  CHECK(vector.iov_len >= 576 && vector.iov_len < sizeof area);
  size_t size = vector.iov_len;
  memcpy(&value, area + 160 + 7 * 16, sizeof value);
  uint64_t features;
  uint64_t present;
  memcpy(&features, area + 464, 8);
  memcpy(&present, area + 512, 8);
  say("xmm7 %.2f in the area", value);
  CHECK((features & 3) == 3 && (present & ~features) == 0);
  SHOW(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &vector));
  vector.iov_len = size - 8;
  SHOW(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &vector));
  vector.iov_len = size;
  area[520] = 1;
  SHOW(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &vector));
  struct iovec first = {&fp, sizeof fp};
  SHOW(ptrace(PTRACE_GETREGSET, child, NT_PRFPREG, &first));
  say("length %zu", first.iov_len);
}

static void memory(pid_t child) {
  show_peek("the word", child, &shared_word);
  SHOW(ptrace(PTRACE_POKEDATA, child, &shared_word, 0x4711L));
  show_peek("the word", child, &shared_word);
  show_peek("what nobody may", child, no_access);
  SHOW(ptrace(PTRACE_POKEDATA, child, no_access, 1));
  show_peek("nowhere", child, bad_pointer());
  SHOW(ptrace(PTRACE_POKEDATA, child, bad_pointer(), 1));
  SHOW(ptrace(PTRACE_PEEKDATA, child, &shared_word, bad_pointer()));
  show_peek("the kernel's half", child, (void *)(1UL << 63));
  SHOW(ptrace(PTRACE_POKEDATA, child, text_page, 7));
  // constant() gives another number now.
  long word;
  need(ptrace(PTRACE_PEEKTEXT, child, constant, &word) == 0, "PEEKTEXT");
  memcpy(&word, (unsigned char[]){0xb8, 99, 0, 0, 0, 0xc3}, 6);
  SHOW(ptrace(PTRACE_POKETEXT, child, constant, word));
  say("here it is %ld", constant());
  // A shared mapping that may only be read stays so.
  SHOW(ptrace(PTRACE_POKEDATA, child, shared_file, 0x58585858));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", child);
  int fd = open(path, O_RDWR);
  need(fd >= 0, path);
  long seen = 0;
  CHECK(pread(fd, &seen, 8, (off_t)(uintptr_t)&shared_word) == 8 && seen == 0x4711);
  CHECK(pwrite(fd, "\x08", 1, (off_t)(uintptr_t)text_page) == 1);
  SHOW(pwrite(fd, "\x08", 1, (off_t)(uintptr_t)shared_file));
  SHOW(pread(fd, &seen, 8, 16));
  SHOW(pread(fd, &seen, 1, (off_t)(uintptr_t)no_access));
  close(fd);
}

static void signals(pid_t child) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  SHOW(ptrace(PTRACE_GETSIGINFO, child, 0, &info));
  say("signal %d code %d", info.si_signo, info.si_code);
  uint64_t mask = 0;
  SHOW(ptrace(PTRACE_GETSIGMASK, child, 8, &mask));
  say("mask %lx", mask);
  mask = 1UL << (SIGUSR1 - 1) | 1UL << (SIGKILL - 1) | 1UL << (SIGUSR2 - 1);
  SHOW(ptrace(PTRACE_SETSIGMASK, child, 8, &mask));
  SHOW(ptrace(PTRACE_GETSIGMASK, child, 8, &mask));
  say("mask %lx", mask);
  SHOW(ptrace(PTRACE_GETSIGMASK, child, 4, &mask));
  SHOW(kill(child, SIGUSR1));
  SHOW(syscall(SYS_tgkill, child, child, SIGUSR2));
  siginfo_t all[4];
  struct ptrace_peeksiginfo_args args = {.off = 0, .flags = 0, .nr = 4};
  SHOW(ptrace(PTRACE_PEEKSIGINFO, child, &args, all));
  say("own: signal %d code %d", all[0].si_signo, all[0].si_code);
  args.flags = PTRACE_PEEKSIGINFO_SHARED;
  SHOW(ptrace(PTRACE_PEEKSIGINFO, child, &args, all));
  say("shared: signal %d code %d", all[0].si_signo, all[0].si_code);
  args.off = 5;
  SHOW(ptrace(PTRACE_PEEKSIGINFO, child, &args, all));
  args.nr = -1;
  SHOW(ptrace(PTRACE_PEEKSIGINFO, child, &args, all));
  args.nr = 1;
  args.flags = 2;
  SHOW(ptrace(PTRACE_PEEKSIGINFO, child, &args, all));
}

static void requests(pid_t child) {
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, 0x400));
  SHOW(ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  SHOW(ptrace(PTRACE_LISTEN, child, 0, 0));
  SHOW(ptrace(PTRACE_INTERRUPT, child, 0, 0));
  SHOW(ptrace(PTRACE_CONT, child, 0, 65));
  SHOW(ptrace(PTRACE_CONT, child, 0, -1));
  SHOW(ptrace(PTRACE_DETACH, child, 0, 65));
  SHOW(ptrace(0x7777, child, 0, 0));
  SHOW(ptrace(PTRACE_ATTACH, child, 0, 0));
  SHOW(ptrace(PTRACE_SEIZE, child, 0, 0));
  SHOW(ptrace(PTRACE_SEIZE, child, 1, 0));
  SHOW(ptrace(PTRACE_SEIZE, child, 0, 0x400));
  SHOW(ptrace(PTRACE_ATTACH, getpid(), 0, 0));
  SHOW(ptrace(PTRACE_ATTACH, 999999, 0, 0));
  SHOW(ptrace(PTRACE_CONT, 999999, 0, 0));
  SHOW(ptrace(PTRACE_PEEKDATA, getpid(), 0, 0));
  SHOW(ptrace(0x7777, 999999, 0, 0));
  unsigned long message = 3;
  SHOW(ptrace(PTRACE_GETEVENTMSG, child, 0, &message));
  say("message %lu", message);
}

int main(void) {
  text_page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  no_access = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  make_file("shared", "shared content\n");
  int fd = open("shared", O_RDONLY);
  shared_file = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
  need(text_page != MAP_FAILED && no_access != MAP_FAILED && shared_file != MAP_FAILED, "mmap");
  pid_t child = start(body);
  requests(child);
  SHOW(ptrace(PTRACE_CONT, child, 0, 0));
  show_stop("int3", await(child));
  general(child);
  debug(child);
  bases(child);
  vectors(child);
  memory(child);
  signals(child);
  need(ptrace(PTRACE_CONT, child, 0, 0) == 0, "PTRACE_CONT");
  show_stop("end", await(child));
  show_file("shared");
  SHOW(ptrace(PTRACE_CONT, child, 0, 0));
  return 0;
}
