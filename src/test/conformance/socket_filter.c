// Filters of classic BPF on sockets for datagrams: what they let through, what they cut, what cannot be attached.
#include "check.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int receiver;
static int sender;

static int attach(struct sock_filter *program, unsigned short length) {
  struct sock_fprog request = {length, program};
  return setsockopt(receiver, SOL_SOCKET, SO_ATTACH_FILTER, &request, sizeof request);
}

#define ATTACH(...)                                                                                                              \
  do {                                                                                                                           \
    struct sock_filter program[] = {__VA_ARGS__};                                                                                \
    errno = 0;                                                                                                                   \
    show("attach " #__VA_ARGS__, attach(program, sizeof program / sizeof *program));                                             \
  } while (0)

static void exchange(const char *text) {
  need(send(sender, text, strlen(text), 0) == (ssize_t)strlen(text), "send");
  char buffer[100];
  ssize_t count = recv(receiver, buffer, sizeof buffer, MSG_DONTWAIT);
  if (count < 0) {
    say("\"%s\": %s", text, error_name(errno));
  } else {
    say("\"%s\" comes as \"%.*s\"", text, (int)count, buffer);
  }
}

int main(void) {
  receiver = socket(AF_INET, SOCK_DGRAM, 0);
  sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof name;
  need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  getsockname(receiver, (struct sockaddr *)&name, &length);
  need(connect(sender, (struct sockaddr *)&name, sizeof name) == 0, "connect");
  int zero = 0;
  int one = 1;
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero));
  exchange("before");
  ATTACH(BPF_STMT(BPF_RET | BPF_K, 0));
  exchange("nothing");
  ATTACH(BPF_STMT(BPF_RET | BPF_K, 0xffffffff));
  exchange("everything");
  ATTACH(BPF_STMT(BPF_RET | BPF_K, 11));
  exchange("three");
  ATTACH(BPF_STMT(BPF_RET | BPF_K, 4));
  exchange("no byte");
  // The first byte behind the header of UDP.
  ATTACH(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1), BPF_STMT(BPF_RET | BPF_K, 1000),
         BPF_STMT(BPF_RET | BPF_K, 0));
  exchange("yes");
  exchange("no");
  exchange("");
  // The length that the header tells, less one.
  ATTACH(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 4), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), BPF_STMT(BPF_RET | BPF_A, 0));
  exchange("shorter");
  // Where the last byte is, and whether it is an exclamation mark.
  ATTACH(BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 1), BPF_STMT(BPF_MISC | BPF_TAX, 0),
         BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0), BPF_STMT(BPF_ST, 3), BPF_STMT(BPF_LDX | BPF_W | BPF_MEM, 3),
         BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40, 1, 0), BPF_STMT(BPF_RET | BPF_K, 99),
         BPF_STMT(BPF_RET | BPF_K, 0));
  exchange("stop!");
  exchange("letter");
  ATTACH(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 8), BPF_STMT(BPF_MISC | BPF_TXA, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 4),
         BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 8), BPF_STMT(BPF_RET | BPF_A, 0));
  exchange("3 of it");
  ATTACH(BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 7), BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0), BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
         BPF_STMT(BPF_RET | BPF_K, 99));
  exchange("divided");
  ATTACH(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 100), BPF_STMT(BPF_RET | BPF_K, 99));
  exchange("beyond");
  ATTACH(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 99));
  ATTACH(BPF_STMT(BPF_LD | BPF_W | BPF_IMM, 7));
  ATTACH(BPF_STMT(BPF_LD | BPF_W | BPF_MEM, 16), BPF_STMT(BPF_RET | BPF_K, 99));
  ATTACH(BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_RET | BPF_K, 99));
  ATTACH(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), BPF_STMT(BPF_RET | BPF_K, 99));
  ATTACH(BPF_STMT(0xff, 0), BPF_STMT(BPF_RET | BPF_K, 99));
  ATTACH(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), BPF_STMT(BPF_RET | BPF_K, 99));
  exchange("still beyond");
  struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, 99)};
  SHOW(attach(all, 0));
  SHOW(attach(NULL, 1));
  SHOW(attach(bad_pointer(), 1));
  struct sock_fprog request = {1, all};
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_ATTACH_FILTER, &request, 8));
  SHOW(attach(all, 1));
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero));
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero));
  SHOW(attach(all, 1));
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof one));
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof zero));
  SHOW(attach(all, 1));
  SHOW(setsockopt(receiver, SOL_SOCKET, SO_LOCK_FILTER, &zero, sizeof zero));
  exchange("locked");
  return 0;
}
