// What the start-up caches are made from (build/caches.sh): the calls that programs make, each once or
// twice, so that a sentry finds the classes for them linked. Whether a call succeeds does not matter.
#include <arpa/inet.h>
#include <dirent.h>
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
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TRY(call)                        \
  do {                                   \
    if ((long)(call) == -1) failures++;  \
  } while (0)

static int failures;
static char buffer[65536];
static const struct timespec moment = {0, 1000000};

static void handler(int number) { (void)number; }

static void read_whole(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  while (read(fd, buffer, sizeof buffer) > 0) {
  }
  TRY(close(fd));
}

static void files(void) {
  struct stat status;
  struct statfs system;
  TRY(mkdir("/tmp/training", 0755));
  TRY(chdir("/tmp/training"));
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  TRY(write(fd, buffer, sizeof buffer));
  TRY(pwrite(fd, buffer, 100, 5));
  TRY(pread(fd, buffer, 100, 5));
  TRY(lseek(fd, 0, SEEK_DATA));
  TRY(ftruncate(fd, 10000));
  TRY(fallocate(fd, 0, 0, 20000));
  TRY(fsync(fd));
  TRY(fstat(fd, &status));
  TRY(fchmod(fd, 0600));
  TRY(fchown(fd, 0, 0));
  TRY(futimens(fd, NULL));
  TRY(flock(fd, LOCK_EX));
  struct flock lock = {.l_type = F_WRLCK};
  TRY(fcntl(fd, F_SETLK, &lock));
  TRY(fcntl(fd, F_SETLKW, &lock));
  TRY(fcntl(fd, F_GETFL));
  TRY(dup2(fd, 50));
  TRY(close(50));
  TRY(fsetxattr(fd, "user.name", "value", 5, 0));
  TRY(fgetxattr(fd, "user.name", buffer, 100));
  int copy = open("copy", O_RDWR | O_CREAT | O_APPEND, 0644);
  TRY(sendfile(copy, fd, NULL, 1000));
  TRY(copy_file_range(fd, NULL, copy, NULL, 1000, 0));
  TRY(close(copy));
  TRY(close(fd));
  TRY(rename("copy", "other"));
  TRY(link("other", "linked"));
  TRY(symlink("other", "symbolic"));
  TRY(readlink("symbolic", buffer, 100));
  TRY(access("symbolic", R_OK));
  TRY(stat("symbolic", &status));
  TRY(lstat("absent", &status));
  TRY(statfs("/tmp", &system));
  TRY(mkfifo("fifo", 0600));
  TRY(open("/etc/absent/file", O_RDONLY));
  DIR *directory = opendir("/etc");
  while (directory != NULL && readdir(directory) != NULL) {
  }
  TRY(closedir(directory));
  TRY(unlink("linked"));
  TRY(unlink("symbolic"));
  TRY(rmdir("absent"));
  read_whole("/etc/passwd");
  read_whole("/proc/self/maps");
  read_whole("/proc/self/status");
  read_whole("/proc/self/stat");
  read_whole("/proc/meminfo");
  read_whole("/proc/cpuinfo");
  read_whole("/proc/mounts");
  read_whole("/sys/devices/system/cpu/online");
  TRY(getcwd(buffer, sizeof buffer));
  int watch = inotify_init1(IN_NONBLOCK);
  TRY(inotify_add_watch(watch, "/tmp/training", IN_ALL_EVENTS));
  TRY(unlink("other"));
  TRY(read(watch, buffer, sizeof buffer));
  TRY(close(watch));
}

static void *thread(void *argument) {
  nanosleep(&moment, NULL);
  return argument;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

static void threads(void) {
  pthread_t made;
  TRY(pthread_create(&made, NULL, thread, NULL));
  TRY(pthread_join(made, NULL));
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec = (until.tv_nsec + 1000000) % 1000000000;
  pthread_mutex_lock(&mutex);
  pthread_cond_timedwait(&condition, &mutex, &until);
  pthread_mutex_unlock(&mutex);
  cpu_set_t set;
  TRY(sched_getaffinity(0, sizeof set, &set));
  TRY(sched_yield());
  TRY(prctl(PR_SET_NAME, "training"));
}

static void memory(void) {
  char *area = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  area[0] = 1;
  TRY(mprotect(area, 4096, PROT_READ));
  TRY(madvise(area, 1 << 20, MADV_DONTNEED));
  area = mremap(area, 1 << 20, 2 << 20, MREMAP_MAYMOVE);
  TRY(munmap(area, 2 << 20));
  int fd = memfd_create("training", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  TRY(ftruncate(fd, 4096));
  area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  TRY(msync(area, 4096, MS_SYNC));
  TRY(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  TRY(brk(sbrk(4096)));
  int segment = shmget(IPC_PRIVATE, 4096, 0600);
  void *attached = shmat(segment, NULL, 0);
  TRY(shmdt(attached));
  TRY(shmctl(segment, IPC_RMID, NULL));
  int semaphores = semget(IPC_PRIVATE, 1, 0600);
  struct sembuf up = {0, 1, 0};
  TRY(semop(semaphores, &up, 1));
  TRY(semctl(semaphores, 0, IPC_RMID));
  int queue = msgget(IPC_PRIVATE, 0600);
  struct { long type; char text[4]; } message = {1, "abc"};
  TRY(msgsnd(queue, &message, 4, 0));
  TRY(msgrcv(queue, &message, 4, 0, 0));
  TRY(msgctl(queue, IPC_RMID, NULL));
}

static void run(char *const *arguments) {
  char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
  pid_t child = fork();
  if (child == 0) {
    execve(arguments[0], arguments, environment);
    _exit(0);
  }
  TRY(waitpid(child, NULL, 0));
  pid_t spawned;
  if (posix_spawn(&spawned, arguments[0], NULL, NULL, arguments, environment) == 0) {
    siginfo_t information;
    TRY(waitid(P_PID, (id_t)spawned, &information, WEXITED));
  }
}

static void processes(const char *self) {
  struct rusage usage;
  struct rlimit limit;
  struct utsname names;
  struct sysinfo system;
  run((char *const[]){(char *)self, "--nothing", NULL});
  run((char *const[]){"/bin/sh", "-c", "exec true | cat", NULL});
  run((char *const[]){"/absent", NULL});
  TRY(getrusage(RUSAGE_CHILDREN, &usage));
  TRY(getrlimit(RLIMIT_NOFILE, &limit));
  TRY(setrlimit(RLIMIT_CORE, &limit));
  TRY(setpgid(0, 0));
  TRY(getsid(0));
  TRY(umask(022));
  TRY(setresuid(0, 0, 0));
  TRY(getgroups(0, NULL));
  TRY(uname(&names));
  TRY(sysinfo(&system));
  TRY(getrandom(buffer, 16, 0) < 0 ? -1 : 0);
  TRY(nice(0));
}

static void signals(void) {
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  TRY(sigaltstack(&alternate, NULL));
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_ONSTACK};
  TRY(sigaction(SIGUSR1, &action, NULL));
  TRY(sigaction(SIGALRM, &action, NULL));
  TRY(kill(getpid(), SIGUSR1));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  TRY(sigprocmask(SIG_BLOCK, &set, NULL));
  TRY(raise(SIGUSR1));
  TRY(sigpending(&set));
  TRY(sigtimedwait(&set, NULL, &moment));
  int fd = signalfd(-1, &set, SFD_NONBLOCK);
  TRY(read(fd, buffer, sizeof buffer));
  TRY(close(fd));
  TRY(sigprocmask(SIG_UNBLOCK, &set, NULL));
  const struct itimerval often = {{0, 1000}, {0, 1000}};
  const struct itimerval never = {{0, 0}, {0, 0}};
  TRY(setitimer(ITIMER_REAL, &often, NULL));
  TRY(pause());
  TRY(setitimer(ITIMER_REAL, &never, NULL));
  timer_t timer;
  TRY(timer_create(CLOCK_MONOTONIC, NULL, &timer));
  const struct itimerspec once = {{0, 0}, moment};
  TRY(timer_settime(timer, 0, &once, NULL));
  TRY(timer_delete(timer));
  pid_t child = fork();
  if (child == 0) {
    for (;;) {
      pause();
    }
  }
  TRY(kill(child, SIGSTOP));
  TRY(waitpid(child, NULL, WUNTRACED));
  TRY(kill(child, SIGCONT));
  TRY(kill(child, SIGKILL));
  TRY(waitpid(child, NULL, 0));
}

static void waits(void) {
  int ends[2];
  TRY(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
  TRY(read(ends[0], buffer, 1));
  TRY(write(ends[1], buffer, 10));
  struct pollfd polled = {.fd = ends[0], .events = POLLIN};
  TRY(poll(&polled, 1, 1));
  TRY(ppoll(&polled, 1, &moment, NULL));
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  struct timeval short_time = {0, 1000};
  TRY(select(ends[0] + 1, &set, NULL, NULL, &short_time));
  int event = eventfd(1, EFD_NONBLOCK);
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  const struct itimerspec soon = {{0, 0}, moment};
  TRY(timerfd_settime(timer, 0, &soon, NULL));
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event wanted = {.events = EPOLLIN};
  TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, event, &wanted));
  TRY(epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &wanted));
  TRY(epoll_wait(epoll, &wanted, 1, 1));
  TRY(read(event, buffer, 8));
  TRY(read(timer, buffer, 8));
  TRY(epoll_wait(epoll, &wanted, 1, 1));
  TRY(epoll_ctl(epoll, EPOLL_CTL_DEL, timer, &wanted));
  TRY(close(epoll));
  TRY(usleep(100));
}

static void talk(int listener, const struct sockaddr *address, socklen_t length) {
  int one = 1;
  struct sockaddr_storage name;
  socklen_t room = sizeof name;
  TRY(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  TRY(bind(listener, address, length));
  TRY(listen(listener, 5));
  TRY(getsockname(listener, (struct sockaddr *)&name, &room));
  int client = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  TRY(connect(client, (struct sockaddr *)&name, room));
  int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  TRY(send(client, "hello", 5, MSG_NOSIGNAL));
  TRY(recv(server, buffer, 5, 0));
  struct iovec part = {buffer, 100};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  TRY(sendmsg(server, &message, 0));
  TRY(recvmsg(client, &message, MSG_DONTWAIT));
  TRY(getpeername(client, (struct sockaddr *)&name, &room));
  room = sizeof one;
  TRY(getsockopt(client, SOL_SOCKET, SO_ERROR, &one, &room));
  TRY(shutdown(client, SHUT_WR));
  TRY(read(server, buffer, 10));
  TRY(close(server));
  TRY(close(client));
  TRY(close(listener));
}

static void sockets(void) {
  int pair[2];
  TRY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  TRY(write(pair[0], buffer, 10));
  TRY(read(pair[1], buffer, 10));
  struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/training/socket"};
  talk(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&local, sizeof local);
  struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  talk(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&loopback, sizeof loopback);
  int datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  socklen_t length = sizeof loopback;
  TRY(bind(datagrams, (struct sockaddr *)&loopback, sizeof loopback));
  TRY(getsockname(datagrams, (struct sockaddr *)&loopback, &length));
  TRY(sendto(datagrams, "x", 1, 0, (struct sockaddr *)&loopback, length));
  TRY(recvfrom(datagrams, buffer, 10, 0, (struct sockaddr *)&loopback, &length));
  TRY(close(socket(AF_NETLINK, SOCK_RAW, 0)));
}

static void terminal(void) {
  struct termios settings;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  TRY(grantpt(master));
  TRY(unlockpt(master));
  const char *name = ptsname(master);
  int slave = open(name == NULL ? "" : name, O_RDWR | O_NOCTTY);
  TRY(tcgetattr(slave, &settings));
  TRY(tcsetattr(slave, TCSANOW, &settings));
  TRY(write(master, "a\n", 2));
  TRY(read(slave, buffer, 10));
  TRY(isatty(STDIN_FILENO) ? 0 : -1);
}

int main(int count, char **arguments) {
  if (count > 1) {
    return 0;
  }
  // More than once: a list is made of what is linked, and some is only the second time.
  for (int round = 0; round < 3; round++) {
    files();
    threads();
    memory();
    processes(arguments[0]);
    signals();
    waits();
    sockets();
    terminal();
  }
  printf("%d calls failed\n", failures);
  return 0;
}
