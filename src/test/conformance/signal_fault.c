// Faults: the signal, si_code and si_addr of each; handlers that repair; blocked and ignored ones kill.
#include "check.h"
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int seen_code;
static volatile int seen_signal;
static void *volatile seen_address;

static void catch(int number, siginfo_t *info, void *context) {
  (void)context;
  seen_signal = number;
  seen_code = info->si_code;
  seen_address = info->si_addr;
  siglongjmp(back, 1);
}

static const char *code_name(int number, int code) {
  if (code == SI_KERNEL) {
    return "SI_KERNEL";
  }
  switch (number << 8 | code) {
    case SIGSEGV << 8 | SEGV_MAPERR: return "SEGV_MAPERR";
    case SIGSEGV << 8 | SEGV_ACCERR: return "SEGV_ACCERR";
    case SIGBUS << 8 | BUS_ADRERR: return "BUS_ADRERR";
    case SIGBUS << 8 | BUS_ADRALN: return "BUS_ADRALN";
    case SIGFPE << 8 | FPE_INTDIV: return "FPE_INTDIV";
    case SIGFPE << 8 | FPE_FLTDIV: return "FPE_FLTDIV";
    case SIGILL << 8 | ILL_ILLOPN: return "ILL_ILLOPN";
    case SIGTRAP << 8 | TRAP_BRKPT: return "TRAP_BRKPT";
    case SIGTRAP << 8 | TRAP_TRACE: return "TRAP_TRACE";
    default: return "another code";
  }
}

#define FAULT(what, statement, address)                                                      \
  do {                                                                                       \
    if (sigsetjmp(back, 1) == 0) {                                                           \
      statement;                                                                             \
      say("%s: no fault", what);                                                             \
    } else {                                                                                 \
      say("%s: %s, %s, right address %d", what, signal_name(seen_signal),                    \
          code_name(seen_signal, seen_code), seen_address == (void *)(address));             \
    }                                                                                        \
  } while (0)

static volatile char *page;
static volatile char *strange;
static volatile int zero;
static volatile int sink;

static void memory(void) {
  volatile char *low = bad_pointer();
  FAULT("read of nothing", sink = *low, low);
  FAULT("write to nothing", *low = 1, low);
  page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect((char *)page + PAGE, PAGE, PROT_NONE);
  FAULT("guard page read", sink = page[PAGE + 5], page + PAGE + 5);
  FAULT("guard page write", page[PAGE + 6] = 1, page + PAGE + 6);
  mprotect((char *)page, PAGE, PROT_READ);
  FAULT("read of read-only", sink = page[7], 0);
  FAULT("write to read-only", page[7] = 1, page + 7);
  munmap((char *)page + PAGE, PAGE);
  FAULT("hole", page[PAGE] = 1, page + PAGE);
  FAULT("execution of data", ((void (*)(void))(page + 2 * PAGE))(), page + 2 * PAGE);
  FAULT("execution of nothing", ((void (*)(void))low)(), low);
  strange = (volatile char *)0x8000000000000000UL;
  FAULT("not canonical", sink = *strange, 0);
}

static void files(void) {
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  need(write(fd, "x", 1) == 1, "write");
  volatile char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  FAULT("in the file's last page", sink = map[100], 0);
  FAULT("behind the file's end", sink = map[PAGE], map + PAGE);
  FAULT("writing there", map[PAGE + 3] = 1, map + PAGE + 3);
  need(ftruncate(fd, 2 * PAGE) == 0, "ftruncate");
  FAULT("after it grew", sink = map[PAGE], 0);
  need(ftruncate(fd, 0) == 0, "ftruncate");
  FAULT("after it shrank", sink = map[0], map);
}

static void processor(void) {
  FAULT("division by zero", sink = 17 / zero, seen_address);
  FAULT("illegal instruction", __asm__ volatile("ud2"), seen_address);
  FAULT("breakpoint", __asm__ volatile("int3"), 0);
  FAULT("privileged instruction", __asm__ volatile("hlt"), 0);
  FAULT("privileged port", __asm__ volatile("cli"), 0);
}

static void repair(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  char *start = (char *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1));
  need(mprotect(start, PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

static void repaired(void) {
  struct sigaction action = {.sa_sigaction = repair, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  volatile char *pages = mmap(NULL, 8 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 8; i++) {
    pages[i * PAGE + 17] = (char)i;
  }
  int sum = 0;
  for (int i = 0; i < 8; i++) {
    sum += pages[i * PAGE + 17];
  }
  say("repaired, sum %d", sum);
}

static void skip(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)info;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 99;
}

static void skipped(void) {
  struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, NULL);
  long result = 0;
  __asm__ volatile("ud2" : "=a"(result));
  say("skipped, rax %ld", result);
}

static void no_core(void) {
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

static void blocked(void) {
  no_core();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  *(volatile char *)bad_pointer() = 1;
}

static void ignored(void) {
  no_core();
  signal(SIGSEGV, SIG_IGN);
  *(volatile char *)bad_pointer() = 1;
}

static void plain(void) {
  no_core();
  signal(SIGSEGV, SIG_DFL);
  *(volatile char *)bad_pointer() = 1;
}

static void divided(void) {
  no_core();
  signal(SIGFPE, SIG_DFL);
  sink = 17 / zero;
}

static void sent(void) {
  no_core();
  signal(SIGSEGV, SIG_IGN);
  SHOW(raise(SIGSEGV));
  signal(SIGSEGV, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGSEGV);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SHOW(raise(SIGSEGV));
  say("sent ones can be ignored and blocked");
}

int main(void) {
  struct sigaction action = {.sa_sigaction = catch, .sa_flags = SA_SIGINFO};
  int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    sigaction(numbers[i], &action, NULL);
  }
  memory();
  files();
  processor();
  in_child("repair", repaired);
  in_child("skip", skipped);
  in_child("default", plain);
  in_child("blocked", blocked);
  in_child("ignored", ignored);
  in_child("divided", divided);
  in_child("sent", sent);
  return 0;
}
