// Settings of /proc/sys: their modes, what they take and refuse, and what obeys them. Only what belongs to namespaces of
// its own is changed: the rest is written as it is.
#include "check.h"
#include <arpa/inet.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>

static const char *path_of(const char *name) {
  static char path[128];
  snprintf(path, sizeof path, "/proc/sys/%s", name);
  return path;
}

static const char *value_of(const char *name) {
  static char text[256];
  int fd = open(path_of(name), O_RDONLY);
  if (fd < 0) {
    return error_name(errno);
  }
  ssize_t count = read(fd, text, sizeof text - 1);
  close(fd);
  if (count < 0) {
    return error_name(errno);
  }
  text[count] = 0;
  text[strcspn(text, "\n")] = 0;
  return text;
}

static const char *store(const char *name, const char *value) {
  int fd = open(path_of(name), O_WRONLY | O_TRUNC);
  if (fd < 0) {
    return error_name(errno);
  }
  ssize_t count = write(fd, value, strlen(value));
  const char *result = count < 0 ? error_name(errno) : count == (ssize_t)strlen(value) ? "taken" : "taken in part";
  close(fd);
  return result;
}

static void set(const char *name, const char *value) {
  const char *result = store(name, value);
  say("%s := \"%s\": %s, is %s", name, value, result, value_of(name));
}

static void modes(void) {
  static const char *const names[] = {
      "fs/aio-max-nr", "fs/aio-nr", "fs/dentry-state", "fs/epoll/max_user_watches", "fs/file-max", "fs/file-nr", "fs/inode-nr",
      "fs/inotify/max_user_watches", "fs/mqueue/msg_max", "fs/nr_open", "fs/overflowuid", "fs/pipe-max-size",
      "fs/protected_hardlinks", "fs/suid_dumpable", "kernel/cap_last_cap", "kernel/core_pattern", "kernel/core_uses_pid",
      "kernel/domainname", "kernel/dmesg_restrict", "kernel/hostname", "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni",
      "kernel/ngroups_max", "kernel/osrelease", "kernel/ostype", "kernel/panic", "kernel/pid_max", "kernel/printk",
      "kernel/random/boot_id", "kernel/random/uuid", "kernel/randomize_va_space", "kernel/sem", "kernel/shmall",
      "kernel/shmmax", "kernel/shmmni", "kernel/threads-max", "kernel/version", "net/core/optmem_max", "net/core/somaxconn",
      "net/ipv4/ip_default_ttl", "net/ipv4/ip_forward", "net/ipv4/ip_local_port_range", "net/ipv4/ip_unprivileged_port_start",
      "net/ipv4/ping_group_range", "net/ipv4/tcp_available_congestion_control", "net/ipv4/tcp_congestion_control",
      "net/ipv4/tcp_fin_timeout", "net/ipv4/tcp_keepalive_time", "net/ipv4/tcp_rmem", "net/ipv4/tcp_syncookies",
      "net/ipv6/bindv6only", "net/ipv6/conf/all/forwarding", "net/ipv4/conf/lo/rp_filter", "net/unix/max_dgram_qlen",
      "user/max_user_namespaces", "vm/dirty_ratio", "vm/drop_caches", "vm/max_map_count", "vm/mmap_min_addr",
      "vm/overcommit_memory", "vm/overcommit_ratio", "vm/panic_on_oom", "vm/swappiness", "vm/vfs_cache_pressure"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct stat stat;
    if (lstat(path_of(names[i]), &stat) < 0) {
      say("%s: %s", names[i], error_name(errno));
    } else {
      say("%s: %o, %ld bytes", names[i], (unsigned)stat.st_mode, (long)stat.st_size);
    }
  }
}

// What Linux has whatever the machine is.
static void values(void) {
  static const char *const names[] = {"fs/aio-max-nr", "fs/inotify/max_queued_events", "fs/lease-break-time", "fs/mount-max",
                                      "fs/overflowgid", "fs/pipe-max-size", "fs/pipe-user-pages-soft", "kernel/cap_last_cap",
                                      "kernel/ngroups_max", "kernel/ostype", "kernel/overflowuid", "kernel/pid_max",
                                      "kernel/random/poolsize", "kernel/randomize_va_space", "vm/max_map_count",
                                      "vm/overcommit_memory", "vm/overcommit_ratio", "vm/swappiness"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    say("%s is %s", names[i], value_of(names[i]));
  }
}

// What cannot be, and what is already.
static void refused(void) {
  static const char *const pairs[][2] = {
      {"fs/pipe-max-size", "x"}, {"vm/swappiness", "201"}, {"vm/swappiness", "-1"}, {"vm/overcommit_memory", "3"},
      {"vm/dirty_ratio", "101"}, {"vm/overcommit_memory", "yes"}, {"kernel/core_uses_pid", ""}, {"kernel/osrelease", "6"},
      {"kernel/printk", "x"}, {"vm/drop_caches", "0"}, {"fs/suid_dumpable", "9"}, {"kernel/kptr_restrict", "7"}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    say("%s := \"%s\": %s", pairs[i][0], pairs[i][1], store(pairs[i][0], pairs[i][1]));
  }
  static const char *const kept[] = {"vm/swappiness", "vm/overcommit_memory", "fs/file-max", "fs/nr_open", "kernel/pid_max",
                                     "kernel/threads-max", "vm/max_map_count", "kernel/randomize_va_space",
                                     "fs/inotify/max_user_watches", "kernel/core_pattern", "fs/pipe-max-size",
                                     "vm/dirty_background_ratio", "kernel/printk", "fs/protected_symlinks"};
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    char value[256];
    snprintf(value, sizeof value, "%s\n", value_of(kept[i]));
    say("%s as it is: %s", kept[i], store(kept[i], value));
  }
  say("nr_open too low: %s, too high: %s", store("fs/nr_open", "63"), store("fs/nr_open", "4294967296"));
  SHOW(unlink("/proc/sys/vm/swappiness"));
  SHOW(open("/proc/sys/vm/swappines", O_RDWR | O_CREAT, 0600));
  SHOW(truncate("/proc/sys/vm/swappiness", 1));
  SHOW(chmod("/proc/sys/vm/swappiness", 0666));
}

static void system_v(void) {
  say("sem is %s, shmmni %s, msgmnb %s", value_of("kernel/sem"), "", "");
  say("shmmax is %s", value_of("kernel/shmmax"));
  say("msgmni is %s", value_of("kernel/msgmni"));
  set("kernel/shmmax", "8192");
  SHOW(shmget(IPC_PRIVATE, 8193, 0600));
  int segment = shmget(IPC_PRIVATE, 8192, 0600);
  CHECK(segment >= 0);
  set("kernel/shmall", "2");
  SHOW(shmget(IPC_PRIVATE, 1, 0600));
  set("kernel/shmall", "18446744073692774399");
  set("kernel/shmmni", "1");
  SHOW(shmget(IPC_PRIVATE, 1, 0600));
  struct shminfo info;
  need(shmctl(0, IPC_INFO, (struct shmid_ds *)&info) >= 0, "IPC_INFO");
  say("shmmax %lu shmmni %lu", info.shmmax, info.shmmni);
  set("kernel/shmmni", "-1");
  set("kernel/shmmni", "40000");
  shmctl(segment, IPC_RMID, NULL);
  set("kernel/msgmax", "100");
  set("kernel/msgmnb", "150");
  int queue = msgget(IPC_PRIVATE, 0600);
  struct {
    long type;
    char text[200];
  } message = {1, ""};
  SHOW(msgsnd(queue, &message, 101, IPC_NOWAIT));
  SHOW(msgsnd(queue, &message, 100, IPC_NOWAIT));
  SHOW(msgsnd(queue, &message, 100, IPC_NOWAIT));
  set("kernel/msgmni", "1");
  SHOW(msgget(IPC_PRIVATE, 0600));
  msgctl(queue, IPC_RMID, NULL);
  set("kernel/sem", "10 100 5 1");
  SHOW(semget(IPC_PRIVATE, 11, 0600));
  int set_id = semget(IPC_PRIVATE, 10, 0600);
  CHECK(set_id >= 0);
  SHOW(semget(IPC_PRIVATE, 1, 0600));
  struct sembuf operations[6] = {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}, {4, 1, 0}, {5, 1, 0}};
  SHOW(semop(set_id, operations, 6));
  SHOW(semop(set_id, operations, 5));
  semctl(set_id, 0, IPC_RMID);
  set("kernel/sem", "20");
  set("kernel/sem", "1 2 x");
}

static void queues(void) {
  set("fs/mqueue/msg_max", "5");
  set("fs/mqueue/msgsize_max", "256");
  set("fs/mqueue/msg_default", "20");
  set("fs/mqueue/queues_max", "1");
  set("fs/mqueue/msg_max", "0");
  set("fs/mqueue/msgsize_max", "127");
  mqd_t first = mq_open("/first", O_RDWR | O_CREAT, 0600, NULL);
  struct mq_attr attributes;
  need(mq_getattr(first, &attributes) == 0, "mq_getattr");
  say("a queue takes %ld messages of %ld bytes", attributes.mq_maxmsg, attributes.mq_msgsize);
  mq_close(first);
  mq_unlink("/first");
}

static int bound(int type, int port) {
  int fd = socket(AF_INET, type, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_ANY)};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    say("bind to port %d: %s", port, error_name(errno));
    close(fd);
    return -1;
  }
  socklen_t length = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &length);
  port = ntohs(address.sin_port);
  close(fd);
  return port;
}

static int option(int level, int name) {
  int fd = socket(level == IPPROTO_IPV6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  int value = -1;
  socklen_t length = sizeof value;
  getsockopt(fd, level, name, &value, &length);
  close(fd);
  return value;
}

static void interfaces(void) {
  set("net/ipv4/conf/lo/tag", "5");
  say("%s %s", value_of("net/ipv4/conf/default/tag"), value_of("net/ipv4/conf/all/tag"));
  set("net/ipv4/conf/lo/tag", "-5");
  set("net/ipv4/conf/lo/tag", "x");
  static const char *const names[] = {"arp_accept",    "arp_filter",     "arp_notify",      "bc_forwarding", "bootp_relay", "drop_gratuitous_arp",
                                      "medium_id",     "proxy_arp",      "shared_media",    "src_valid_mark", "tag",        "disable_policy",
                                      "disable_xfrm",  "force_igmp_version", "igmpv2_unsolicited_report_interval"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char path[128];
    sprintf(path, "net/ipv4/conf/default/%s", names[i]);
    char text[32];
    snprintf(text, sizeof text, "%s", value_of(path));
    sprintf(path, "net/ipv4/conf/lo/%s", names[i]);
    say("%s: %s, of lo %s", names[i], text, value_of(path));
  }
  need(unshare(CLONE_NEWNET) == 0, "unshare");
  say("a new one: %s", value_of("net/ipv4/conf/lo/tag"));
}

static void network(void) {
  set("net/ipv4/ip_local_port_range", "2000 2003");
  for (int i = 0; i < 5; i++) {
    int port = bound(SOCK_DGRAM, 0);
    say("a free port is within: %s", port >= 2000 && port <= 2003 ? "yes" : "NO");
  }
  set("net/ipv4/ip_local_port_range", "2003 2000");
  set("net/ipv4/ip_local_port_range", "0 70000");
  set("net/ipv4/ip_local_port_range", "3000");
  set("net/ipv4/ip_unprivileged_port_start", "70000");
  set("net/ipv4/ip_unprivileged_port_start", "80");
  set("net/ipv4/ip_default_ttl", "77");
  say("IP_TTL %d", option(IPPROTO_IP, IP_TTL));
  set("net/ipv4/ip_default_ttl", "0");
  set("net/ipv4/ip_default_ttl", "256");
  set("net/ipv4/tcp_keepalive_time", "100");
  set("net/ipv4/tcp_keepalive_intvl", "10");
  set("net/ipv4/tcp_keepalive_probes", "3");
  set("net/ipv4/tcp_syn_retries", "2");
  say("TCP_KEEPIDLE %d, TCP_KEEPINTVL %d, TCP_KEEPCNT %d, TCP_SYNCNT %d", option(IPPROTO_TCP, TCP_KEEPIDLE),
      option(IPPROTO_TCP, TCP_KEEPINTVL), option(IPPROTO_TCP, TCP_KEEPCNT), option(IPPROTO_TCP, TCP_SYNCNT));
  set("net/ipv4/tcp_syn_retries", "0");
  set("net/ipv6/bindv6only", "1");
  say("IPV6_V6ONLY %d", option(IPPROTO_IPV6, IPV6_V6ONLY));
  set("net/ipv6/bindv6only", "2");
  set("net/ipv4/tcp_congestion_control", "reno");
  set("net/ipv4/tcp_congestion_control", "none such");
  set("net/ipv4/ping_group_range", "0 2147483647");
  set("net/ipv4/ping_group_range", "5 3");
  set("net/core/somaxconn", "2");
  set("net/core/somaxconn", "-1");
  set("net/unix/max_dgram_qlen", "3");
  int receiver = socket(AF_UNIX, SOCK_DGRAM, 0);
  struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0receiver"};
  need(bind(receiver, (struct sockaddr *)&name, sizeof name) == 0, "bind");
  int sender = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int sent = 0;
  while (sent < 100 && sendto(sender, "x", 1, 0, (struct sockaddr *)&name, sizeof name) == 1) {
    sent++;
  }
  say("%d datagrams wait, then %s", sent, error_name(errno));
  become_ordinary();
  set("net/ipv4/ip_default_ttl", "64");
  bound(SOCK_STREAM, 79);
  say("port 80: %d", bound(SOCK_STREAM, 80));
  set("vm/swappiness", "60");
  set("kernel/hostname", "other");
}

int main(void) {
  modes();
  values();
  refused();
  need(unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS) == 0, "unshare");
  set("kernel/hostname", "somewhere\nelse");
  set("kernel/domainname", "example.org");
  system_v();
  queues();
  in_child("interfaces", interfaces);
  network();
  return 0;
}
