// What a core file tells of a process with threads: notes, their order, registers of each, and memory that was written.
#include "check.h"
#include <elf.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <sys/resource.h>

#define THREADS 3
#define KNOWN 0x1122334455667788

struct shared {
  pid_t tids[THREADS];
  void *selves[THREADS];
  pthread_barrier_t barrier;
};

static struct shared *shared;

// Pointers that are written once, when the program is put in place, and protected then.
static void *const table[] = {&shared, &shared};

static void *wait_for_the_end(void *argument) {
  long which = (long)argument;
  shared->tids[which] = gettid();
  shared->selves[which] = (void *)pthread_self();
  pthread_barrier_wait(&shared->barrier);
  if (which == 1) {
    __asm__ volatile("mov %0, %%r12; 1: syscall; jmp 1b" ::"r"(KNOWN), "a"(SYS_pause) : "r12", "rcx", "r11", "memory");
  }
  for (volatile int i = 0;; i++) {
  }
  return argument;
}

static void die(int number) {
  struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &all);
  pthread_t threads[THREADS];
  for (long i = 1; i < THREADS; i++) {
    need(pthread_create(&threads[i], NULL, wait_for_the_end, (void *)i) == 0, "a thread");
  }
  shared->tids[0] = gettid();
  shared->selves[0] = (void *)pthread_self();
  pthread_barrier_wait(&shared->barrier);
  await_thread_sleep(shared->tids[1]);
  if (number == SIGSEGV) {
    *(volatile int *)bad_pointer() = 1;
  }
  raise(number);
}

static char *core;
static size_t core_size;

static void read_core(void) {
  int fd = open("core", O_RDONLY);
  need(fd >= 0, "a core");
  struct stat now;
  fstat(fd, &now);
  core_size = (size_t)now.st_size;
  core = mmap(NULL, core_size, PROT_READ, MAP_PRIVATE, fd, 0);
  need(core != MAP_FAILED, "mmap");
  close(fd);
  SHOW(unlink("core"));
}

static const char *note_name(unsigned type) {
  switch (type) {
    case NT_PRSTATUS: return "PRSTATUS";
    case NT_PRFPREG: return "PRFPREG";
    case NT_PRPSINFO: return "PRPSINFO";
    case NT_AUXV: return "AUXV";
    case NT_SIGINFO: return "SIGINFO";
    case NT_FILE: return "FILE";
    case 0x202: return "X86_XSTATE";
    default: return "another";
  }
}

// In what order the others come is not determined, but that the first is the one that was struck.
static const struct elf_prstatus *statuses[THREADS];

static void keep_status(const struct elf_prstatus *status) {
  for (int i = 0; i < THREADS; i++) {
    if (shared->tids[i] == status->pr_pid) {
      CHECK(i != 0 || statuses[1] == NULL);
      statuses[i] = status;
    }
  }
}

static void show_status_note(int which) {
  const struct elf_prstatus *status = statuses[which];
  need(status != NULL, "a thread's note");
  const struct user_regs_struct *now = (const void *)status->pr_reg;
  say("thread %d: signal %s, info %d %d %d, own memory %d, valid %d", which, signal_name(status->pr_cursig),
      status->pr_info.si_signo, status->pr_info.si_code, status->pr_info.si_errno,
      (void *)now->fs_base == shared->selves[which], status->pr_fpvalid);
  say("mask %lx, pending %lx, parent %d", status->pr_sighold, status->pr_sigpend, status->pr_ppid == getpid());
  say("cs %llx ss %llx, stack %d", now->cs, now->ss, now->rsp != 0);
  if (which == 1) {
    say("r12 %llx, rax %lld, orig_rax %lld", now->r12, now->rax, now->orig_rax);
  }
}

static void show_files(const long *data) {
  long count = data[0];
  CHECK(data[1] == PAGE);
  const char *name = (const char *)(data + 2 + 3 * count);
  char path[256] = "";
  need(readlink("/proc/self/exe", path, sizeof path - 1) > 0, "readlink");
  int own = 0;
  bool covers = false;
  for (long i = 0; i < count; i++) {
    if (strcmp(name, path) == 0) {
      own++;
      covers |= (long)show_files >= data[2 + 3 * i] && (long)show_files < data[3 + 3 * i];
    }
    name += strlen(name) + 1;
  }
  say("own mappings: %s, code among them: %d", own > 1 ? "some" : "none", covers);
}

static void show_notes(const char *at, const char *end) {
  while (at < end) {
    const Elf64_Nhdr *note = (const void *)at;
    const char *owner = at + sizeof *note;
    const void *data = owner + ((note->n_namesz + 3) & ~3U);
    // The layout of X86_XSTATE follows since Linux 6.12.
    if (note->n_type != 0x205) {
      say("%s %s", owner, note_name(note->n_type));
    }
    if (note->n_type == NT_PRSTATUS) {
      keep_status(data);
    } else if (note->n_type == NT_FILE) {
      show_files(data);
    } else if (note->n_type == NT_SIGINFO) {
      const siginfo_t *info = data;
      say("siginfo %s code %d", signal_name(info->si_signo), info->si_code);
    } else if (note->n_type == NT_PRPSINFO) {
      const struct elf_prpsinfo *info = data;
      say("name %s", info->pr_fname);
    }
    at = (const char *)data + ((note->n_descsz + 3) & ~3U);
  }
}

// Whether the page of an address was written to the file.
static bool is_dumped(const Elf64_Phdr *headers, int count, const void *address) {
  for (int i = 0; i < count; i++) {
    uintptr_t offset = (uintptr_t)address - headers[i].p_vaddr;
    if (headers[i].p_type == PT_LOAD && (uintptr_t)address >= headers[i].p_vaddr && offset < headers[i].p_memsz) {
      return offset < headers[i].p_filesz;
    }
  }
  return false;
}

static void dump(int number) {
  say("by %s", signal_name(number));
  pid_t child = fork();
  if (child == 0) {
    die(number);
    _exit(1);
  }
  int status;
  need(waitpid(child, &status, 0) == child, "the child");
  show_status("the child", status);
  CHECK(WCOREDUMP(status));
  read_core();
  memset(statuses, 0, sizeof statuses);
  const Elf64_Ehdr *head = (const void *)core;
  const Elf64_Phdr *headers = (const void *)(core + head->e_phoff);
  for (int i = 0; i < head->e_phnum; i++) {
    if (headers[i].p_type == PT_NOTE) {
      show_notes(core + headers[i].p_offset, core + headers[i].p_offset + headers[i].p_filesz);
    }
  }
  for (int i = 0; i < THREADS; i++) {
    show_status_note(i);
  }
  say("written: data %d, protected data %d, code %d", is_dumped(headers, head->e_phnum, &shared),
      is_dumped(headers, head->e_phnum, table), is_dumped(headers, head->e_phnum, (void *)dump));
  munmap(core, core_size);
}

int main(void) {
  // The JVM that starts the program has its own.
  int filter = open("/proc/self/coredump_filter", O_WRONLY);
  need(filter >= 0 && write(filter, "0x33", 4) == 4, "the filter");
  close(filter);
  shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  need(shared != MAP_FAILED, "mmap");
  pthread_barrierattr_t attributes;
  pthread_barrierattr_init(&attributes);
  pthread_barrier_init(&shared->barrier, &attributes, THREADS);
  need(table[0] == table[1], "the table");
  dump(SIGABRT);
  dump(SIGSEGV);
  return 0;
}
