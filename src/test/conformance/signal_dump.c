// Core files: which signals leave one, when not, what it looks like.
#include "check.h"
#include <elf.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/resource.h>

static char secret[] = "something to be found in the core";

static void limit(rlim_t bytes) {
  struct rlimit value = {bytes, RLIM_INFINITY};
  need(setrlimit(RLIMIT_CORE, &value) == 0, "setrlimit");
}

static const char pattern[] = "not to be dumped, ever again";
static char *hidden[2];

static int die(rlim_t bytes, int number, int flag) {
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    limit(bytes);
    if (flag == 1) {
      prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    } else if (flag == 2) {
      need(mkdir("below", 0755) == 0 && chdir("below") == 0, "below");
    } else if (flag == 3) {
      secret[0] = 'S';
      for (int i = 0; i < 2; i++) {
        hidden[i] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        need(hidden[i] != MAP_FAILED, "mmap");
        sprintf(hidden[i], "%s%c", pattern, 'a' + i);
        need(madvise(hidden[i], PAGE, MADV_DONTDUMP) == 0, "madvise");
      }
      need(madvise(hidden[1], PAGE, MADV_DODUMP) == 0, "madvise");
    }
    signal(number, SIG_DFL);
    raise(number);
    _exit(7);
  }
  siginfo_t info;
  need(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0, "waitid");
  int status = 0;
  need(waitpid(child, &status, 0) == child, "waitpid");
  say("%s: %s, dumped %d, code %d", signal_name(number), WIFSIGNALED(status) ? signal_name(WTERMSIG(status)) : "exited",
      !!WCOREDUMP(status), info.si_code);
  return child;
}

static void there(const char *path) {
  struct stat file;
  if (stat(path, &file) < 0) {
    say("%s: %s", path, error_name(errno));
    return;
  }
  say("%s: mode %o, larger than a page %d", path, file.st_mode, file.st_size > PAGE);
}

// How often a core has the pattern with something else behind it than in the program.
static void search(void) {
  int fd = open("core", O_RDONLY);
  struct stat file;
  need(fd >= 0 && fstat(fd, &file) == 0, "core");
  char *text = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  need(text != MAP_FAILED, "mmap");
  char found[3] = "";
  char *end = text + file.st_size;
  for (char *at = text; (at = memmem(at, (size_t)(end - at), pattern, sizeof pattern - 1)) != NULL; at++) {
    char behind = at[sizeof pattern - 1];
    if (behind == 'a' || behind == 'b') {
      found[behind - 'a'] = behind;
    }
  }
  say("left out %d, dumped %d", found[0] == 0, found[1] == 'b');
  munmap(text, (size_t)file.st_size);
  close(fd);
}

static void look_inside(pid_t child, int number) {
  FILE *file = fopen("core", "r");
  need(file != NULL, "core");
  Elf64_Ehdr head;
  need(fread(&head, sizeof head, 1, file) == 1, "header");
  say("elf %d type %d machine %d", memcmp(head.e_ident, ELFMAG, SELFMAG) == 0, head.e_type, head.e_machine);
  bool found = false;
  bool mine = false;
  bool registers = false;
  for (int i = 0; i < head.e_phnum; i++) {
    Elf64_Phdr segment;
    fseek(file, (long)(head.e_phoff + (unsigned)i * head.e_phentsize), SEEK_SET);
    need(fread(&segment, sizeof segment, 1, file) == 1, "program header");
    if (segment.p_type == PT_LOAD && segment.p_vaddr <= (uintptr_t)secret &&
        segment.p_vaddr + segment.p_filesz > (uintptr_t)secret) {
      char text[sizeof secret];
      fseek(file, (long)(segment.p_offset + (uintptr_t)secret - segment.p_vaddr), SEEK_SET);
      need(fread(text, sizeof text, 1, file) == 1, "data");
      found = text[0] == 'S' && strcmp(text + 1, secret + 1) == 0;
    } else if (segment.p_type == PT_NOTE) {
      Elf64_Nhdr note;
      fseek(file, (long)segment.p_offset, SEEK_SET);
      need(fread(&note, sizeof note, 1, file) == 1, "note");
      prstatus_t status;
      fseek(file, 8, SEEK_CUR);
      need(note.n_type == NT_PRSTATUS && fread(&status, sizeof status, 1, file) == 1, "status");
      mine = status.pr_pid == child && status.pr_info.si_signo == number && status.pr_cursig == number;
      registers = status.pr_reg[16] != 0 && status.pr_reg[19] != 0 && status.pr_ppid == getpid();
    }
  }
  fclose(file);
  CHECK(found);
  CHECK(mine);
  CHECK(registers);
}

int main(void) {
  char name[16] = "";
  FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");
  need(file != NULL && fgets(name, sizeof name, file) != NULL, "core_pattern");
  need(strcmp(name, "core\n") == 0, "the usual core_pattern");
  die(0, SIGSEGV, 0);
  die(100, SIGSEGV, 0);
  there("core");
  die(RLIM_INFINITY, SIGTERM, 0);
  die(RLIM_INFINITY, SIGKILL, 0);
  die(RLIM_INFINITY, SIGSEGV, 1);
  there("core");
  int numbers[] = {SIGQUIT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    die(RLIM_INFINITY, numbers[i], 0);
    there("core");
    unlink("core");
  }
  pid_t child = die(RLIM_INFINITY, SIGABRT, 3);
  look_inside(child, SIGABRT);
  search();
  die(4096, SIGABRT, 0);
  struct stat cut;
  say("cut off: %d", stat("core", &cut) == 0 && cut.st_size <= 4096);
  die(RLIM_INFINITY, SIGABRT, 2);
  there("below/core");
  unlink("core");
  need(mkdir("core", 0755) == 0, "mkdir");
  die(RLIM_INFINITY, SIGABRT, 0);
  return 0;
}
