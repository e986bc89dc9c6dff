// Processes, threads, signals, timers, and those that are killed.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

extern char **environ;

static char *const true_words[] = {"true", NULL};

void processes(void) {
  for (int i = 0; i < 100; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      _exit(0);
    }
    reap(child);
  }
  for (int i = 0; i < 15; i++) {
    pid_t child;
    need(posix_spawn(&child, "/bin/true", NULL, NULL, true_words, environ) == 0, "posix_spawn");
    reap(child);
    child = i % 2 == 0 ? vfork() : fork();
    if (child == 0) {
      execv("/bin/true", true_words);
      _exit(1);
    }
    need(child > 0, "fork");
    reap(child);
  }
  // A tree whose middle ends first: the grandchildren are init's.
  for (int i = 0; i < 10; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      if (i % 2 == 0) {
        setsid();
      }
      if (fork() == 0) {
        usleep(2000);
      }
      _exit(0);
    }
    reap(child);
  }
  // Twenty at once.
  for (int i = 0; i < 20; i++) {
    if (fork() == 0) {
      usleep(1000 * i);
      _exit(i);
    }
  }
  while (wait(NULL) > 0) {
  }
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int ready;

static void *meets(void *most) {
  pthread_mutex_lock(&mutex);
  ready++;
  pthread_cond_broadcast(&condition);
  while (ready < (int)(long)most) {
    pthread_cond_wait(&condition, &mutex);
  }
  pthread_mutex_unlock(&mutex);
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec = (soon.tv_nsec + 1000000) % 1000000000;
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(&condition, &mutex, &soon);
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void *sleeps(void *unused) {
  (void)unused;
  pause();
  return NULL;
}

static void *executes(void *unused) {
  (void)unused;
  execv("/bin/true", true_words);
  return NULL;
}

void threads(void) {
  pthread_t thread[40];
  for (int k = 0; k < 3; k++) {
    ready = 0;
    for (long i = 0; i < 40; i++) {
      need(pthread_create(&thread[i], NULL, meets, (void *)40L) == 0, "pthread_create");
    }
    for (int i = 0; i < 40; i++) {
      pthread_join(thread[i], NULL);
    }
  }
  // A process with threads that ends, executes, is killed.
  for (int k = 0; k < 6; k++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      for (int i = 0; i < 5; i++) {
        pthread_create(&thread[i], NULL, sleeps, NULL);
      }
      if (k % 3 == 0) {
        _exit(0);
      }
      if (k % 3 == 1) {
        pthread_create(&thread[5], NULL, executes, NULL);
      }
      pause();
    }
    usleep(3000);
    if (k % 3 == 2) {
      kill(child, SIGKILL);
    }
    reap(child);
  }
}

static volatile int seen;

static void count(int number) {
  (void)number;
  seen++;
}

void signals(void) {
  struct sigaction action = {.sa_handler = count};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
  for (int i = 0; i < 50; i++) {
    kill(getpid(), SIGUSR1);
  }
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  for (int i = 0; i < 100; i++) {
    union sigval value = {.sival_int = i};
    sigqueue(getpid(), SIGRTMIN, value);
  }
  struct timespec none = {0, 0};
  for (int i = 0; i < 50; i++) {
    sigtimedwait(&set, NULL, &none);
  }
  for (int i = 0; i < 10; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      signal(SIGUSR1, SIG_DFL);
      raise(i % 2 == 0 ? SIGSTOP : SIGUSR1);
      _exit(0);
    }
    int status;
    while (waitpid(child, &status, WUNTRACED) < 0) {
    }
    if (WIFSTOPPED(status)) {
      kill(child, SIGCONT);
      while (waitpid(child, &status, 0) < 0) {
      }
    }
  }
}

void timers(void) {
  signal(SIGALRM, count);
  signal(SIGPROF, count);
  for (int i = 0; i < 30; i++) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;
    need(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "timer_create");
    struct itimerspec often = {{0, 500000}, {i < 20 ? 0 : 3600, 500000}};
    timer_settime(timer, 0, &often, NULL);
    if (i % 2 == 0) {
      timer_delete(timer);
    }
  }
  struct itimerval interval = {{0, 1000}, {0, 1000}};
  setitimer(ITIMER_REAL, &interval, NULL);
  setitimer(ITIMER_PROF, &interval, NULL);
  for (int i = 0; i < 20; i++) {
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec soon = {{0, 200000}, {i % 3 == 0 ? 3600 : 0, 200000}};
    timerfd_settime(fd, 0, &soon, NULL);
    uint64_t times;
    if (i % 3 != 0) {
      (void)!read(fd, &times, sizeof times);
    }
  }
  for (int i = 0; i < 5; i++) {
    usleep(1000);
  }
}

// Each waits for ever.

static void wait_pipe(void) {
  int ends[2];
  char byte;
  need(pipe(ends) == 0, "pipe");
  (void)!read(ends[0], &byte, 1);
}

static void wait_full_pipe(void) {
  static char data[1 << 17];
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  (void)!write(ends[1], data, sizeof data);
}

static void wait_futex(void) {
  int word = 0;
  struct timespec long_time = {3600, 0};
  syscall(SYS_futex, &word, 0, 0, &long_time);
}

static void wait_poll(void) {
  struct pollfd watched[20];
  for (int i = 0; i < 20; i += 2) {
    int ends[2];
    need(pipe(ends) == 0, "pipe");
    watched[i] = (struct pollfd){ends[0], POLLIN, 0};
    watched[i + 1] = (struct pollfd){ends[0], POLLIN, 0};
  }
  poll(watched, 20, 3600000);
}

static void wait_select(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  select(ends[0] + 1, &set, NULL, NULL, NULL);
}

static void wait_epoll(void) {
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  epoll_wait(epoll, &event, 1, 3600000);
}

static void wait_accept(void) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  listen(fd, 5);
  accept(fd, NULL, NULL);
}

static void wait_receive(void) {
  int pair[2];
  char byte;
  need(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0, "socketpair");
  recv(pair[0], &byte, 1, 0);
}

static void wait_sleep(void) {
  struct timespec long_time = {3600, 0};
  nanosleep(&long_time, NULL);
}

// Ends with its parent, which may have ended already.
static void follow(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(0);
  }
}

static void wait_child(void) {
  pid_t self = getpid();
  if (fork() == 0) {
    follow(self);
    pause();
  }
  wait(NULL);
}

static void wait_signal(void) {
  sigset_t set;
  sigemptyset(&set);
  sigsuspend(&set);
}

static void wait_signal_set(void) {
  sigset_t set;
  int number;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  sigwait(&set, &number);
}

static void wait_timer_file(void) {
  int fd = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec late = {{0, 0}, {3600, 0}};
  timerfd_settime(fd, 0, &late, NULL);
  uint64_t times;
  (void)!read(fd, &times, sizeof times);
}

static void wait_lock(void) {
  int fd = open("lock-file", O_RDWR | O_CREAT, 0600);
  flock(fd, LOCK_EX);
  int other = open("lock-file", O_RDWR);
  flock(other, LOCK_EX);
}

static void wait_fifo(void) {
  (void)!open("fifo", O_RDONLY);
}

static void wait_message(void) {
  int queue = msgget(0x5150, IPC_CREAT | 0600);
  char data[16];
  msgrcv(queue, data, 8, 0, 0);
}

static void wait_semaphore(void) {
  int set = semget(0x5151, 1, IPC_CREAT | 0600);
  struct sembuf up = {0, 1, SEM_UNDO};
  semop(set, &up, 1);
  struct sembuf down = {0, -30000, SEM_UNDO};
  semop(set, &down, 1);
}

static void wait_terminal(void) {
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  grantpt(master);
  unlockpt(master);
  setsid();
  int slave = open(ptsname(master), O_RDWR);
  char byte;
  (void)!read(slave, &byte, 1);
}

static void wait_threads(void) {
  pthread_t thread[5];
  for (int i = 0; i < 5; i++) {
    pthread_create(&thread[i], NULL, sleeps, NULL);
  }
  pthread_join(thread[0], NULL);
}

static void wait_vfork(void) {
  pid_t self = getpid();
  if (vfork() == 0) {
    follow(self);
    pause();
    _exit(0);
  }
}

static void wait_stopped(void) {
  raise(SIGSTOP);
}

static void waits_not(void) {
  for (;;) {
  }
}

static void (*const waits[])(void) = {
    wait_pipe,    wait_full_pipe, wait_futex,      wait_poll,       wait_select,  wait_epoll,
    wait_accept,  wait_receive,   wait_sleep,      wait_child,      wait_signal,  wait_signal_set,
    wait_lock,    wait_fifo,      wait_timer_file, wait_message,    wait_semaphore,
    wait_terminal, wait_threads,  wait_vfork,      wait_stopped,    waits_not,
};

#define WAITS (sizeof waits / sizeof waits[0])

void killed_waits(void) {
  (void)!mkfifo("fifo", 0600);
  pid_t children[2 * WAITS];
  for (unsigned i = 0; i < 2 * WAITS; i++) {
    children[i] = fork();
    need(children[i] >= 0, "fork");
    if (children[i] == 0) {
      waits[i % WAITS]();
      _exit(0);
    }
  }
  usleep(60000);
  for (unsigned i = 0; i < 2 * WAITS; i++) {
    kill(children[i], i < WAITS ? SIGKILL : i % 2 == 0 ? SIGTERM : SIGHUP);
    kill(children[i], SIGCONT);
    if (waits[i % WAITS] == wait_vfork) {
      kill(children[i], SIGKILL);
    }
    reap(children[i]);
  }
  unlink("fifo");
  unlink("lock-file");
  msgctl(msgget(0x5150, 0), IPC_RMID, NULL);
  semctl(semget(0x5151, 0, 0), 0, IPC_RMID);
}

// Killed at any moment while they make processes, threads and programs.
void killed_makers(void) {
  for (int i = 0; i < 24; i++) {
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
      setpgid(0, 0);
      for (;;) {
        pthread_t thread;
        switch (i % 4) {
          case 0:
            if (fork() == 0) {
              _exit(0);
            }
            break;
          case 1:
            pthread_create(&thread, NULL, sleeps, NULL);
            break;
          case 2:
            if (vfork() == 0) {
              execv("/bin/true", true_words);
              _exit(1);
            }
            break;
          default:
            if (fork() == 0) {
              pause();
            }
            wait3(NULL, WNOHANG, NULL);
        }
        wait3(NULL, WNOHANG, NULL);
      }
    }
    setpgid(child, child);
    usleep(1500 + 700 * i);
    kill(-child, SIGKILL);
    reap(child);
  }
}
