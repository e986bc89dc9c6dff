// Shorthand for seccomp filter programs.
#ifndef SKERRY_BPF_H
#define SKERRY_BPF_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#define X32_SYSCALL_BIT 0x40000000U

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (offset))
#define LOAD_NUMBER LOAD(offsetof(struct seccomp_data, nr))
#define LOAD_ARCH LOAD(offsetof(struct seccomp_data, arch))
#define LOAD_ARG_LOW(index) LOAD(offsetof(struct seccomp_data, args) + 8 * (index))
#define LOAD_ARG_HIGH(index) LOAD(offsetof(struct seccomp_data, args) + 8 * (index) + 4)
#define LOAD_IP_LOW LOAD(offsetof(struct seccomp_data, instruction_pointer))
#define LOAD_IP_HIGH LOAD(offsetof(struct seccomp_data, instruction_pointer) + 4)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define JUMP_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define JUMP_AT_LEAST(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (value), (yes), (no))
#define JUMP_BITS(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (yes), (no))

#endif
