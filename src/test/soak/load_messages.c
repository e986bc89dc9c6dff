// Sockets, epoll and its kind, terminals, System V and POSIX messages.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

static char data[1 << 16];

static int listener(int family, struct sockaddr_storage *address, socklen_t *length) {
  int fd = socket(family, SOCK_STREAM, 0);
  need(fd >= 0, "socket");
  memset(address, 0, sizeof *address);
  address->ss_family = (sa_family_t)family;
  *length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  need(bind(fd, (struct sockaddr *)address, *length) == 0, "bind");
  need(listen(fd, 20) == 0, "listen");
  need(getsockname(fd, (struct sockaddr *)address, length) == 0, "getsockname");
  return fd;
}

void tcp(void) {
  for (int k = 0; k < 6; k++) {
    struct sockaddr_storage address;
    socklen_t length;
    int server = listener(k % 2 == 0 ? AF_INET : AF_INET6, &address, &length);
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      for (int i = 0; i < 15; i++) {
        int fd = accept(server, NULL, NULL);
        ssize_t got = read(fd, data, sizeof data);
        (void)!write(fd, data, (size_t)got);
        if (i % 2 == 0) {
          close(fd);
        }
      }
      _exit(0);
    }
    for (int i = 0; i < 15; i++) {
      int fd = socket(address.ss_family, SOCK_STREAM, 0);
      need(connect(fd, (struct sockaddr *)&address, length) == 0, "connect");
      (void)!write(fd, data, 1000);
      (void)!read(fd, data, sizeof data);
      if (i % 3 == 0) {
        shutdown(fd, SHUT_WR);
      }
      if (i % 5 == 0) {
        struct linger reset = {1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      }
      if (i % 2 == 0) {
        close(fd);
      }
    }
    reap(child);
    // Never accepted: some hang up before, the others see the listener go.
    for (int i = 0; i < 15; i++) {
      int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
      connect(fd, (struct sockaddr *)&address, length);
      (void)!write(fd, data, 5000);
      if (i % 2 == 0) {
        close(fd);
      }
    }
    close(server);
    int fd = socket(address.ss_family, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&address, length);
  }
}

void datagrams(void) {
  for (int k = 0; k < 10; k++) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int one = socket(AF_INET, SOCK_DGRAM, 0);
    int two = socket(AF_INET, SOCK_DGRAM, 0);
    need(bind(one, (struct sockaddr *)&address, length) == 0, "bind");
    getsockname(one, (struct sockaddr *)&address, &length);
    connect(two, (struct sockaddr *)&address, length);
    for (int i = 0; i < 20; i++) {
      send(two, data, 1000, 0);
    }
    recv(one, data, sizeof data, 0);
    int pair[2];
    need(socketpair(AF_UNIX, k % 2 == 0 ? SOCK_DGRAM : SOCK_SEQPACKET, 0, pair) == 0, "socketpair");
    for (int i = 0; i < 5; i++) {
      send(pair[0], data, 1000, MSG_DONTWAIT);
    }
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    sprintf(name.sun_path, "socket-%d", k);
    int bound = socket(AF_UNIX, k % 2 == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);
    need(bind(bound, (struct sockaddr *)&name, sizeof name) == 0, "bind");
    listen(bound, 5);
    int client = socket(AF_UNIX, k % 2 == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);
    connect(client, (struct sockaddr *)&name, sizeof name);
    (void)!write(client, data, 100);
    unlink(name.sun_path);
    name.sun_path[0] = 0;
    int hidden = socket(AF_UNIX, SOCK_STREAM, 0);
    bind(hidden, (struct sockaddr *)&name, sizeof name);
    if (k % 2 == 0) {
      close(one);
      close(pair[0]);
      close(bound);
    }
  }
}

static void pass(int socket, int fd) {
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct iovec part = {data, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  sendmsg(socket, &message, MSG_DONTWAIT);
}

// Descriptors on their way: taken, peeked at, not taken, taken without room for them.
void passing(void) {
  for (int k = 0; k < 20; k++) {
    int pair[2];
    int ends[2];
    need(socketpair(AF_UNIX, k % 2 == 0 ? SOCK_STREAM : SOCK_DGRAM, 0, pair) == 0 && pipe(ends) == 0, "pair");
    for (int i = 0; i < 6; i++) {
      pass(pair[0], ends[i % 2]);
    }
    union {
      char bytes[CMSG_SPACE(sizeof(int))];
      struct cmsghdr align;
    } control;
    struct iovec part = {data, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    recvmsg(pair[1], &message, MSG_PEEK);
    message.msg_controllen = sizeof control.bytes;
    recvmsg(pair[1], &message, 0);
    message.msg_controllen = 0;
    recvmsg(pair[1], &message, 0);
    (void)!read(pair[1], data, 1);
    if (k % 2 == 0) {
      close(pair[1]);
    }
  }
}

void polling(void) {
  int outer = epoll_create1(0);
  for (int k = 0; k < 10; k++) {
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN | (k % 2 == 0 ? EPOLLET : 0)};
    epoll_ctl(outer, EPOLL_CTL_ADD, epoll, &event);
    for (int i = 0; i < 10; i++) {
      int fds[2];
      need(pipe(fds) == 0, "pipe");
      int event_fd = eventfd(1, EFD_NONBLOCK);
      epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event);
      epoll_ctl(epoll, EPOLL_CTL_ADD, fds[1], &event);
      epoll_ctl(epoll, EPOLL_CTL_ADD, event_fd, &event);
      (void)!write(fds[1], data, 10);
      if (i % 2 == 0) {
        close(fds[0]);
        close(event_fd);
      }
      if (i % 3 == 0) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, fds[1], NULL);
      }
    }
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    int signal_fd = signalfd(-1, &set, SFD_NONBLOCK);
    epoll_ctl(epoll, EPOLL_CTL_ADD, signal_fd, &event);
    int pid_fd = (int)syscall(SYS_pidfd_open, getppid(), 0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, pid_fd, &event);
    struct epoll_event events[8];
    epoll_wait(epoll, events, 8, 1);
    epoll_wait(outer, events, 8, 1);
    if (k % 2 == 0) {
      close(epoll);
    }
  }
  struct pollfd watched = {eventfd(0, 0), POLLIN, 0};
  for (int i = 0; i < 10; i++) {
    poll(&watched, 1, 1);
  }
}

void terminals(void) {
  for (int i = 0; i < 10; i++) {
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    need(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0, "openpt");
    char name[64];
    need(ptsname_r(master, name, sizeof name) == 0, "ptsname");
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      close(master);
      setsid();
      int slave = open(name, O_RDWR);
      ioctl(slave, TIOCSCTTY, 0);
      (void)!write(slave, "hello\n", 6);
      (void)!read(slave, data, 100);
      _exit(0);
    }
    (void)!read(master, data, 100);
    if (i % 2 == 0) {
      (void)!write(master, "line\n", 5);
    }
    // Else it hangs up.
    close(master);
    reap(child);
  }
}

void system_v(void) {
  for (int i = 0; i < 10; i++) {
    int id = shmget(IPC_PRIVATE, 1 << 16, IPC_CREAT | 0600);
    need(id >= 0, "shmget");
    char *area = shmat(id, NULL, 0);
    need(area != (void *)-1, "shmat");
    area[0] = 1;
    pid_t child = fork();
    if (child == 0) {
      _exit(area[0] - 1);
    }
    need(child > 0, "fork");
    reap(child);
    shmctl(id, IPC_RMID, NULL);
    if (i % 2 == 0) {
      shmdt(area);
    }
    int set = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
    struct sembuf up = {1, 1, SEM_UNDO};
    semop(set, &up, 1);
    semctl(set, 0, IPC_RMID);
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    struct {
      long type;
      char text[1000];
    } message = {.type = 1};
    for (int k = 0; k < 5; k++) {
      msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT);
    }
    msgrcv(queue, &message, sizeof message.text, 0, IPC_NOWAIT);
    msgctl(queue, IPC_RMID, NULL);
  }
}

void queues(void) {
  for (int i = 0; i < 5; i++) {
    struct mq_attr attributes = {.mq_maxmsg = 5, .mq_msgsize = 100};
    char name[32];
    sprintf(name, "/load-%d", i);
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);
    need(queue != (mqd_t)-1, "mq_open");
    mq_send(queue, data, 50, 1);
    mq_send(queue, data, 50, 2);
    mq_receive(queue, data, 100, NULL);
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    mq_notify(queue, &event);
    mq_unlink(name);
    if (i % 2 == 0) {
      mq_close(queue);
    }
  }
}
