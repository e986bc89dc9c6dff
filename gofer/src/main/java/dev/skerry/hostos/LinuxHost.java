package dev.skerry.hostos;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The host calls through the JNI library {@code libskerry.so}, found on java.library.path. */
final class LinuxHost implements HostOs {
  static {
    System.loadLibrary("skerry");
  }

  /** The name's bytes with a NUL; one with a NUL inside would be cut short, so it becomes empty. */
  private static byte[] name(String name) {
    byte[] bytes = new byte[name.length() + 1];
    if (name.indexOf(0) < 0) {
      byte[] plain = name.getBytes(StandardCharsets.ISO_8859_1);
      System.arraycopy(plain, 0, bytes, 0, plain.length);
    }
    return bytes;
  }

  @Override
  public int openat2(int dirFd, String path, int flags, int mode, long resolve) {
    return openat20(dirFd, name(path), flags, mode, resolve);
  }

  private static native int openat20(int dirFd, byte[] path, int flags, int mode, long resolve);

  @Override
  public int close(int fd) {
    return close0(fd);
  }

  private static native int close0(int fd);

  @Override
  public int dup(int fd) {
    return dup0(fd);
  }

  private static native int dup0(int fd);

  @Override
  public long read(int fd, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    return read0(fd, target, offset, length);
  }

  private static native long read0(int fd, byte[] target, int offset, int length);

  @Override
  public long write(int fd, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    return write0(fd, source, offset, length);
  }

  private static native long write0(int fd, byte[] source, int offset, int length);

  @Override
  public long pread(int fd, byte[] target, int offset, int length, long position) {
    Objects.checkFromIndexSize(offset, length, target.length);
    return pread0(fd, target, offset, length, position);
  }

  private static native long pread0(int fd, byte[] target, int offset, int length, long position);

  @Override
  public long pwrite(int fd, byte[] source, int offset, int length, long position) {
    Objects.checkFromIndexSize(offset, length, source.length);
    return pwrite0(fd, source, offset, length, position);
  }

  private static native long pwrite0(int fd, byte[] source, int offset, int length, long position);

  @Override
  public long lseek(int fd, long offset, int whence) {
    return lseek0(fd, offset, whence);
  }

  private static native long lseek0(int fd, long offset, int whence);

  @Override
  public int statx(int dirFd, String path, int flags, long[] result) {
    return statx0(dirFd, name(path), flags, result);
  }

  private static native int statx0(int dirFd, byte[] path, int flags, long[] result);

  @Override
  public int fstatfs(int fd, long[] result) {
    return fstatfs0(fd, result);
  }

  private static native int fstatfs0(int fd, long[] result);

  @Override
  public int getdents64(int fd, byte[] target) {
    return getdents640(fd, target);
  }

  private static native int getdents640(int fd, byte[] target);

  @Override
  public int readlinkat(int dirFd, String path, byte[] target) {
    return readlinkat0(dirFd, name(path), target);
  }

  private static native int readlinkat0(int dirFd, byte[] path, byte[] target);

  @Override
  public int mkdirat(int dirFd, String path, int mode) {
    return mkdirat0(dirFd, name(path), mode);
  }

  private static native int mkdirat0(int dirFd, byte[] path, int mode);

  @Override
  public int mknodat(int dirFd, String path, int mode, long dev) {
    return mknodat0(dirFd, name(path), mode, dev);
  }

  private static native int mknodat0(int dirFd, byte[] path, int mode, long dev);

  @Override
  public int symlinkat(String target, int dirFd, String path) {
    return symlinkat0(name(target), dirFd, name(path));
  }

  private static native int symlinkat0(byte[] target, int dirFd, byte[] path);

  @Override
  public int linkat(int oldDirFd, String oldPath, int newDirFd, String newPath, int flags) {
    return linkat0(oldDirFd, name(oldPath), newDirFd, name(newPath), flags);
  }

  private static native int linkat0(
      int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath, int flags);

  @Override
  public int unlinkat(int dirFd, String path, int flags) {
    return unlinkat0(dirFd, name(path), flags);
  }

  private static native int unlinkat0(int dirFd, byte[] path, int flags);

  @Override
  public int renameat2(int oldDirFd, String oldPath, int newDirFd, String newPath, int flags) {
    return renameat20(oldDirFd, name(oldPath), newDirFd, name(newPath), flags);
  }

  private static native int renameat20(
      int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath, int flags);

  @Override
  public int fchmod(int fd, int mode) {
    return fchmod0(fd, mode);
  }

  private static native int fchmod0(int fd, int mode);

  @Override
  public int fchmodat(int dirFd, String path, int mode, int flags) {
    return fchmodat0(dirFd, name(path), mode, flags);
  }

  private static native int fchmodat0(int dirFd, byte[] path, int mode, int flags);

  @Override
  public int fchownat(int dirFd, String path, int uid, int gid, int flags) {
    return fchownat0(dirFd, name(path), uid, gid, flags);
  }

  private static native int fchownat0(int dirFd, byte[] path, int uid, int gid, int flags);

  @Override
  public int ftruncate(int fd, long length) {
    return ftruncate0(fd, length);
  }

  private static native int ftruncate0(int fd, long length);

  @Override
  public int fallocate(int fd, int mode, long offset, long length) {
    return fallocate0(fd, mode, offset, length);
  }

  private static native int fallocate0(int fd, int mode, long offset, long length);

  @Override
  public int cachestat(int fd, long offset, long length, long[] counts) {
    return cachestat0(fd, offset, length, counts);
  }

  private static native int cachestat0(int fd, long offset, long length, long[] counts);

  @Override
  public int utimensat(
      int dirFd,
      String path,
      long atimeSec,
      long atimeNsec,
      long mtimeSec,
      long mtimeNsec,
      int flags) {
    return utimensat0(dirFd, name(path), atimeSec, atimeNsec, mtimeSec, mtimeNsec, flags);
  }

  private static native int utimensat0(
      int dirFd,
      byte[] path,
      long atimeSec,
      long atimeNsec,
      long mtimeSec,
      long mtimeNsec,
      int flags);

  @Override
  public int fsync(int fd) {
    return fsync0(fd);
  }

  private static native int fsync0(int fd);

  @Override
  public int fdatasync(int fd) {
    return fdatasync0(fd);
  }

  private static native int fdatasync0(int fd);

  @Override
  public long copyFileRange(int inFd, long inOffset, int outFd, long outOffset, long length) {
    return copyFileRange0(inFd, inOffset, outFd, outOffset, length);
  }

  private static native long copyFileRange0(
      int inFd, long inOffset, int outFd, long outOffset, long length);

  @Override
  public int memfdCreate(String name, int flags) {
    return memfdCreate0(name(name), flags);
  }

  private static native int memfdCreate0(byte[] name, int flags);

  @Override
  public int fcntl(int fd, int command, long argument) {
    return fcntl0(fd, command, argument);
  }

  private static native int fcntl0(int fd, int command, long argument);

  @Override
  public int fgetxattr(int fd, String name, byte[] target) {
    return fgetxattr0(fd, name(name), target);
  }

  private static native int fgetxattr0(int fd, byte[] name, byte[] target);

  @Override
  public int flistxattr(int fd, byte[] target) {
    return flistxattr0(fd, target);
  }

  private static native int flistxattr0(int fd, byte[] target);

  @Override
  public int fsetxattr(int fd, String name, byte[] value, int flags) {
    return fsetxattr0(fd, name(name), value, flags);
  }

  private static native int fsetxattr0(int fd, byte[] name, byte[] value, int flags);

  @Override
  public int fremovexattr(int fd, String name) {
    return fremovexattr0(fd, name(name));
  }

  private static native int fremovexattr0(int fd, byte[] name);

  @Override
  public long sendMessage(int socket, byte[] source, int length, int[] passed, int passedCount) {
    Objects.checkFromIndexSize(0, length, source.length);
    Objects.checkFromIndexSize(0, passedCount, Math.min(passed.length, MOST_PASSED));
    return sendMessage0(socket, source, length, passed, passedCount);
  }

  private static native long sendMessage0(
      int socket, byte[] source, int length, int[] passed, int passedCount);

  @Override
  public long receiveMessage(int socket, byte[] target, int[] passed) {
    Objects.checkFromIndexSize(0, passed.length, MOST_PASSED);
    return receiveMessage0(socket, target, passed);
  }

  private static native long receiveMessage0(int socket, byte[] target, int[] passed);

  @Override
  public int accept(int socket) {
    return accept0(socket);
  }

  private static native int accept0(int socket);

  @Override
  public long readGuest(int tid, long address, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    return readGuest0(tid, address, target, offset, length);
  }

  private static native long readGuest0(
      int tid, long address, byte[] target, int offset, int length);

  @Override
  public long writeGuest(int tid, long address, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    return writeGuest0(tid, address, source, offset, length);
  }

  private static native long writeGuest0(
      int tid, long address, byte[] source, int offset, int length);

  @Override
  public long fileToGuest(int fd, long position, int tid, long address, long length) {
    return fileToGuest0(fd, position, tid, address, length);
  }

  private static native long fileToGuest0(
      int fd, long position, int tid, long address, long length);

  @Override
  public long guestToFile(int fd, long position, int tid, long address, long length) {
    return guestToFile0(fd, position, tid, address, length);
  }

  private static native long guestToFile0(
      int fd, long position, int tid, long address, long length);

  @Override
  public int tgkill(int tgid, int tid, int signal) {
    return tgkill0(tgid, tid, signal);
  }

  private static native int tgkill0(int tgid, int tid, int signal);

  @Override
  public int setAffinity(int tid, long processors) {
    return setAffinity0(tid, processors);
  }

  private static native int setAffinity0(int tid, long processors);

  @Override
  public int setStackLimit(int pid, long bytes) {
    return setStackLimit0(pid, bytes);
  }

  private static native int setStackLimit0(int pid, long bytes);

  @Override
  public int kill(int pid, int signal) {
    return kill0(pid, signal);
  }

  private static native int kill0(int pid, int signal);

  @Override
  public int notifyReceive(int listener, long[] notification) {
    return notifyReceive0(listener, notification);
  }

  private static native int notifyReceive0(int listener, long[] notification);

  @Override
  public long readGuestInt(int tid, long address) {
    return readGuestInt0(tid, address);
  }

  private static native long readGuestInt0(int tid, long address);

  @Override
  public int writeGuestWord(int tid, long address, long value, int size) {
    return writeGuestWord0(tid, address, value, size);
  }

  private static native int writeGuestWord0(int tid, long address, long value, int size);

  @Override
  public int notifySend(int listener, long id, int flags, int error, long value) {
    return notifySend0(listener, id, flags, error, value);
  }

  private static native int notifySend0(int listener, long id, int flags, int error, long value);

  @Override
  public int notifyAddFd(int listener, long id, int hostFd, int targetFd) {
    return notifyAddFd0(listener, id, hostFd, targetFd);
  }

  private static native int notifyAddFd0(int listener, long id, int hostFd, int targetFd);

  @Override
  public int notifyIdValid(int listener, long id) {
    return notifyIdValid0(listener, id);
  }

  private static native int notifyIdValid0(int listener, long id);

  @Override
  public int parentOf(int pid) {
    return parentOf0(pid);
  }

  private static native int parentOf0(int pid);

  @Override
  public int notifySetSync(int listener) {
    return notifySetSync0(listener);
  }

  private static native int notifySetSync0(int listener);

  @Override
  public int confine(String policy) {
    return confine0(name(policy));
  }

  private static native int confine0(byte[] policy);

  @Override
  public long clockGetTime(int clock) {
    return clockGetTime0(clock);
  }

  private static native long clockGetTime0(int clock);

  @Override
  public long getRandom(byte[] target, int offset, int length) {
    return getRandom0(target, offset, length);
  }

  private static native long getRandom0(byte[] target, int offset, int length);

  @Override
  public void exit(int status) {
    exit0(status);
  }

  private static native void exit0(int status);

  @Override
  public int setUmask(int mask) {
    return setUmask0(mask);
  }

  private static native int setUmask0(int mask);

  @Override
  public int raiseNoFileLimit(int most) {
    return raiseNoFileLimit0(most);
  }

  private static native int raiseNoFileLimit0(int most);

  @Override
  public int chroot(String path) {
    return chroot0(name(path));
  }

  private static native int chroot0(byte[] path);

  @Override
  public int setCapabilities(long mask) {
    return setCapabilities0(mask);
  }

  private static native int setCapabilities0(long mask);
}
