package dev.skerry.hostos;

/**
 * The host system calls that the sentry and the gofer make. Each returns the kernel's value, or a
 * negated error number; none throws. Names are Latin-1, a character a byte.
 */
public interface HostOs {
  int AT_FDCWD = -100;

  /** Descriptors that one message can carry. */
  int MOST_PASSED = 32;

  // Files

  /** openat2(2): {@code resolve} holds RESOLVE_ flags. */
  int openat2(int dirFd, String path, int flags, int mode, long resolve);

  int close(int fd);

  int dup(int fd);

  long read(int fd, byte[] target, int offset, int length);

  long write(int fd, byte[] source, int offset, int length);

  long pread(int fd, byte[] target, int offset, int length, long position);

  long pwrite(int fd, byte[] source, int offset, int length, long position);

  long lseek(int fd, long offset, int whence);

  /**
   * statx(2) with AT_EMPTY_PATH where the path is empty.
   *
   * @param result gets {@link StatxLayout#COUNT} values in the order given there
   */
  int statx(int dirFd, String path, int flags, long[] result);

  /**
   * fstatfs(2); result gets type, bsize, blocks, bfree, bavail, files, ffree, namelen, frsize,
   * flags, fsid.
   */
  int fstatfs(int fd, long[] result);

  /** getdents64(2): raw linux_dirent64 records. */
  int getdents64(int fd, byte[] target);

  int readlinkat(int dirFd, String path, byte[] target);

  int mkdirat(int dirFd, String path, int mode);

  int mknodat(int dirFd, String path, int mode, long dev);

  int symlinkat(String target, int dirFd, String path);

  int linkat(int oldDirFd, String oldPath, int newDirFd, String newPath, int flags);

  int unlinkat(int dirFd, String path, int flags);

  int renameat2(int oldDirFd, String oldPath, int newDirFd, String newPath, int flags);

  int fchmod(int fd, int mode);

  /** fchmodat2(2): with AT_EMPTY_PATH for an O_PATH handle. */
  int fchmodat(int dirFd, String path, int mode, int flags);

  int fchownat(int dirFd, String path, int uid, int gid, int flags);

  int ftruncate(int fd, long length);

  int fallocate(int fd, int mode, long offset, long length);

  /**
   * How many pages of a range are in memory, dirty, being written back, evicted, evicted lately.
   *
   * @param length 0: up to the end
   */
  int cachestat(int fd, long offset, long length, long[] counts);

  /** Seconds and nanoseconds; a nanosecond field may be UTIME_NOW or UTIME_OMIT. */
  int utimensat(
      int dirFd,
      String path,
      long atimeSec,
      long atimeNsec,
      long mtimeSec,
      long mtimeNsec,
      int flags);

  int fsync(int fd);

  int fdatasync(int fd);

  long copyFileRange(int inFd, long inOffset, int outFd, long outOffset, long length);

  int memfdCreate(String name, int flags);

  int fcntl(int fd, int command, long argument);

  int fgetxattr(int fd, String name, byte[] target);

  int flistxattr(int fd, byte[] target);

  int fsetxattr(int fd, String name, byte[] value, int flags);

  int fremovexattr(int fd, String name);

  // Sockets

  /**
   * Sends one message with the first {@code passedCount} of the descriptors, {@link #MOST_PASSED}
   * at most.
   */
  long sendMessage(int socket, byte[] source, int length, int[] passed, int passedCount);

  /**
   * Receives one message with at most as many descriptors as the array is long; others are closed.
   *
   * @param passed gets the received descriptors, close-on-exec, and then -1; the first element is
   *     -EMFILE, and no descriptor is kept, if this process has too many to receive them all
   */
  long receiveMessage(int socket, byte[] target, int[] passed);

  int accept(int socket);

  // Guests

  /**
   * Memory of the guest thread to the array: bytes moved before a fault, or -ESRCH and the like.
   */
  long readGuest(int tid, long address, byte[] target, int offset, int length);

  long writeGuest(int tid, long address, byte[] source, int offset, int length);

  /**
   * Host file to guest memory.
   *
   * @param position -1 for the file's own
   */
  long fileToGuest(int fd, long position, int tid, long address, long length);

  long guestToFile(int fd, long position, int tid, long address, long length);

  /** A 32-bit word of guest memory as an unsigned number, or a negative error. */
  long readGuestInt(int tid, long address);

  /** The low {@code size} bytes of the value to guest memory: 1, 2, 4 or 8. Zero, or an error. */
  int writeGuestWord(int tid, long address, long value, int size);

  int tgkill(int tgid, int tid, int signal);

  int kill(int pid, int signal);

  /**
   * PIDFD_GET_INFO (pidfd_open(2)).
   *
   * @return the process id of a process's parent; 0 if there is no process with that id, though
   *     perhaps a thread; -ENOSYS before Linux 6.13
   */
  int parentOf(int pid);

  /**
   * sched_setaffinity(2) of a guest thread.
   *
   * @param processors a bit set of the first 64
   */
  int setAffinity(int tid, long processors);

  /**
   * Lowers or raises a guest process's soft RLIMIT_STACK, below its hard one. Zero, or an error.
   */
  int setStackLimit(int pid, long bytes);

  /**
   * Waits for a notification.
   *
   * @param notification gets ten values: its id, the thread's id, the call's number, the
   *     instruction pointer, six arguments
   */
  int notifyReceive(int listener, long[] notification);

  int notifySend(int listener, long id, int flags, int error, long value);

  /** SECCOMP_IOCTL_NOTIF_ADDFD; {@code targetFd} -1 lets the host choose. */
  int notifyAddFd(int listener, long id, int hostFd, int targetFd);

  /** Zero while the notification still waits for an answer. */
  int notifyIdValid(int listener, long id);

  /** Turns on SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP. */
  int notifySetSync(int listener);

  // The process itself

  /** Installs the seccomp allow-list named so on all threads; no new privileges. */
  int confine(String policy);

  /** clock_gettime(2) in nanoseconds; a guest's CPU clock has a clock id made from its host PID. */
  long clockGetTime(int clock);

  /** getrandom(2): random bytes to the array, perhaps fewer than {@code length}. */
  long getRandom(byte[] target, int offset, int length);

  /** exit_group(2), at once. The JVM's own end waits 300 ms for threads that are in host calls. */
  void exit(int status);

  int setUmask(int mask);

  /**
   * Raises RLIMIT_NOFILE as far as the process may.
   *
   * @param most what is wanted
   * @return the limit that holds now
   */
  int raiseNoFileLimit(int most);

  int chroot(String path);

  /** Drops all capabilities of the calling thread but those in the mask. */
  int setCapabilities(long mask);
}
