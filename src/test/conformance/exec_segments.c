// Which segments a program may have: memory without a file, places out of order, an interpreter without a name.
#include "check.h"
#include <elf.h>
#include <stddef.h>

extern char **environ;

#define CODE 0x400000
#define OTHER 0x500000
#define LOWER 0x300000

// Adds five to the word at a fixed address, and exits with what is there then.
#define TO_ADDRESS(where) (where) & 0xff, (where) >> 8 & 0xff, (where) >> 16 & 0xff, (where) >> 24
#define ADD_AND_EXIT(where)                                                                                \
  {0x83, 0x04, 0x25, TO_ADDRESS(where), 5, 0x8b, 0x3c, 0x25, TO_ADDRESS(where), 0xb8, 60, 0, 0, 0, 0x0f, 0x05}

// Exits with the word at a fixed address.
#define EXIT_WITH(where) {0x8b, 0x3c, 0x25, TO_ADDRESS(where), 0xb8, 60, 0, 0, 0, 0x0f, 0x05}

struct program {
  Elf64_Ehdr header;
  Elf64_Phdr parts[3];
  unsigned char code[64];
  char text[8];
  uint32_t word;
};

static struct program program_with(const unsigned char *code, size_t length) {
  struct program made = {
      .header = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC,
                 .e_machine = EM_X86_64,
                 .e_version = EV_CURRENT,
                 .e_entry = CODE + offsetof(struct program, code),
                 .e_phoff = offsetof(struct program, parts),
                 .e_ehsize = sizeof(Elf64_Ehdr),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 2},
      .parts = {{.p_type = PT_LOAD,
                 .p_flags = PF_R | PF_X,
                 .p_vaddr = CODE,
                 .p_filesz = sizeof(struct program),
                 .p_memsz = sizeof(struct program),
                 .p_align = PAGE}},
      .word = 7};
  memcpy(made.code, code, length);
  return made;
}

static void run(const char *what, const struct program *made) {
  unlink("made");
  int fd = open("made", O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  need(write(fd, made, sizeof *made) == sizeof *made, "write");
  close(fd);
  pid_t child = fork();
  need(child >= 0, "fork");
  if (child == 0) {
    char *arguments[] = {"made", NULL};
    execve("./made", arguments, environ);
    say("%s: %s", what, error_name(errno));
    _exit(1);
  }
  reap(what, child);
}

// Zeros can be written whatever the segment's rights are, and a file's part only if they let it.
static void memory_without_file(void) {
  unsigned char code[] = ADD_AND_EXIT(OTHER);
  struct program made = program_with(code, sizeof code);
  made.parts[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = OTHER, .p_memsz = PAGE};
  run("nothing but zeros", &made);
  unsigned char behind[] = ADD_AND_EXIT(OTHER + PAGE);
  made = program_with(behind, sizeof behind);
  made.parts[1] = (Elf64_Phdr){
      .p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = OTHER, .p_filesz = 100, .p_memsz = 2 * PAGE};
  run("zeros behind a file", &made);
  memcpy(made.code, code, sizeof code);
  run("the file before zeros", &made);
}

static void out_of_order(void) {
  unsigned char code[] = EXIT_WITH(LOWER + offsetof(struct program, word));
  struct program made = program_with(code, sizeof code);
  made.parts[1] = made.parts[0];
  made.parts[1].p_vaddr = LOWER;
  made.parts[1].p_flags = PF_R;
  run("the lower one last", &made);
  unsigned char own[] = EXIT_WITH(CODE + offsetof(struct program, word));
  memcpy(made.code, own, sizeof own);
  made.parts[1] = made.parts[0];
  run("one upon the other", &made);
}

static void interpreters(void) {
  unsigned char code[] = EXIT_WITH(CODE + offsetof(struct program, word));
  struct program made = program_with(code, sizeof code);
  made.parts[1] = (Elf64_Phdr){
      .p_type = PT_INTERP, .p_offset = offsetof(struct program, text), .p_filesz = 2, .p_memsz = 2};
  run("without a name", &made);
  made.parts[1].p_filesz = 1;
  run("too short", &made);
  memcpy(made.text, "/none", 6);
  made.parts[1].p_filesz = 6;
  run("not there", &made);
  made.parts[1].p_filesz = 5;
  run("without an end", &made);
}

int main(void) {
  memory_without_file();
  out_of_order();
  interpreters();
  return 0;
}
