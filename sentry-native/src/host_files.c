// Host file calls. The Java side has checked offsets and lengths against the arrays.
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "host.h"
#include "newer.h"

#define MOST_XATTR 65536

NATIVE(jint, openat2), jint dir, jbyteArray path, jint flags, jint mode, jlong resolve) {
  TEXT(name, path, PATH_MAX);
  struct open_how how = {
      .flags = (unsigned)flags | O_CLOEXEC,
      .mode = (unsigned)mode,
      .resolve = (uint64_t)resolve,
  };
  return (jint)CHECKED(syscall(SYS_openat2, dir, name, &how, sizeof how));
}

NATIVE(jint, close), jint fd) {
  return CHECKED(close(fd));
}

NATIVE(jint, dup), jint fd) {
  return CHECKED(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

NATIVE(jlong, read), jint fd, jbyteArray target, jint offset, jint length) {
  char buffer[CHUNK];
  jlong n = CHECKED(read(fd, buffer, (size_t)(length < CHUNK ? length : CHUNK)));
  if (n > 0) {
    (*env)->SetByteArrayRegion(env, target, offset, (jsize)n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jlong, write), jint fd, jbyteArray source, jint offset, jint length) {
  char buffer[CHUNK];
  jint part = length < CHUNK ? length : CHUNK;
  (*env)->GetByteArrayRegion(env, source, offset, part, (jbyte *)buffer);
  return CHECKED(write(fd, buffer, (size_t)part));
}

NATIVE(jlong, pread), jint fd, jbyteArray target, jint offset, jint length, jlong position) {
  char buffer[CHUNK];
  jlong n = CHECKED(pread(fd, buffer, (size_t)(length < CHUNK ? length : CHUNK), position));
  if (n > 0) {
    (*env)->SetByteArrayRegion(env, target, offset, (jsize)n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jlong, pwrite), jint fd, jbyteArray source, jint offset, jint length, jlong position) {
  char buffer[CHUNK];
  jint part = length < CHUNK ? length : CHUNK;
  (*env)->GetByteArrayRegion(env, source, offset, part, (jbyte *)buffer);
  return CHECKED(pwrite(fd, buffer, (size_t)part, position));
}

NATIVE(jlong, lseek), jint fd, jlong offset, jint whence) {
  return CHECKED(lseek(fd, offset, whence));
}

static jlong nanoseconds(struct statx_timestamp time) {
  return (jlong)time.tv_sec * 1000000000 + time.tv_nsec;
}

NATIVE(jint, statx), jint dir, jbyteArray path, jint flags, jlongArray result) {
  TEXT(name, path, PATH_MAX);
  struct statx s;
  int status = CHECKED(statx(dir, name, flags, STATX_BASIC_STATS | STATX_BTIME, &s));
  if (status == 0) {
    jlong values[] = {
        (jlong)makedev(s.stx_dev_major, s.stx_dev_minor),
        (jlong)s.stx_ino,
        s.stx_mode,
        s.stx_nlink,
        (jint)s.stx_uid,
        (jint)s.stx_gid,
        (jlong)makedev(s.stx_rdev_major, s.stx_rdev_minor),
        (jlong)s.stx_size,
        s.stx_blksize,
        (jlong)s.stx_blocks,
        nanoseconds(s.stx_atime),
        nanoseconds(s.stx_mtime),
        nanoseconds(s.stx_ctime),
        nanoseconds(s.stx_btime),
    };
    (*env)->SetLongArrayRegion(env, result, 0, sizeof values / sizeof values[0], values);
  }
  return status;
}

NATIVE(jint, fstatfs), jint fd, jlongArray result) {
  struct statfs s;
  int status = CHECKED(fstatfs(fd, &s));
  if (status == 0) {
    jlong values[] = {
        s.f_type,          (jlong)s.f_bsize, (jlong)s.f_blocks,   (jlong)s.f_bfree,
        (jlong)s.f_bavail, (jlong)s.f_files, (jlong)s.f_ffree,    s.f_namelen,
        s.f_frsize,        s.f_flags,
        (jlong)((uint64_t)(unsigned)s.f_fsid.__val[1] << 32 | (unsigned)s.f_fsid.__val[0]),
    };
    (*env)->SetLongArrayRegion(env, result, 0, sizeof values / sizeof values[0], values);
  }
  return status;
}

NATIVE(jint, getdents64), jint fd, jbyteArray target) {
  char buffer[CHUNK];
  jsize size = (*env)->GetArrayLength(env, target);
  jint n = (jint)CHECKED(syscall(SYS_getdents64, fd, buffer, size < CHUNK ? size : CHUNK));
  if (n > 0) {
    (*env)->SetByteArrayRegion(env, target, 0, n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jint, readlinkat), jint dir, jbyteArray path, jbyteArray target) {
  TEXT(name, path, PATH_MAX);
  char buffer[PATH_MAX];
  jsize size = (*env)->GetArrayLength(env, target);
  jint n = (jint)CHECKED(readlinkat(dir, name, buffer, (size_t)(size < PATH_MAX ? size : PATH_MAX)));
  if (n > 0) {
    (*env)->SetByteArrayRegion(env, target, 0, n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jint, mkdirat), jint dir, jbyteArray path, jint mode) {
  TEXT(name, path, PATH_MAX);
  return CHECKED(mkdirat(dir, name, (mode_t)mode));
}

NATIVE(jint, mknodat), jint dir, jbyteArray path, jint mode, jlong dev) {
  TEXT(name, path, PATH_MAX);
  return CHECKED(mknodat(dir, name, (mode_t)mode, (dev_t)dev));
}

NATIVE(jint, symlinkat), jbyteArray target, jint dir, jbyteArray path) {
  TEXT(to, target, PATH_MAX);
  TEXT(name, path, PATH_MAX);
  return CHECKED(symlinkat(to, dir, name));
}

NATIVE(jint, linkat), jint oldDir, jbyteArray oldPath, jint newDir, jbyteArray newPath, jint flags) {
  TEXT(from, oldPath, PATH_MAX);
  TEXT(to, newPath, PATH_MAX);
  return CHECKED(linkat(oldDir, from, newDir, to, flags));
}

NATIVE(jint, unlinkat), jint dir, jbyteArray path, jint flags) {
  TEXT(name, path, PATH_MAX);
  return CHECKED(unlinkat(dir, name, flags));
}

NATIVE(jint, renameat2), jint oldDir, jbyteArray oldPath, jint newDir, jbyteArray newPath,
       jint flags) {
  TEXT(from, oldPath, PATH_MAX);
  TEXT(to, newPath, PATH_MAX);
  return (jint)CHECKED(syscall(SYS_renameat2, oldDir, from, newDir, to, flags));
}

NATIVE(jint, fchmod), jint fd, jint mode) {
  return CHECKED(fchmod(fd, (mode_t)mode));
}

NATIVE(jint, fchmodat), jint dir, jbyteArray path, jint mode, jint flags) {
  TEXT(name, path, PATH_MAX);
  if (flags == 0) {
    return (jint)CHECKED(syscall(SYS_fchmodat, dir, name, mode));
  }
  return (jint)CHECKED(syscall(__NR_fchmodat2, dir, name, mode, flags));
}

NATIVE(jint, fchownat), jint dir, jbyteArray path, jint uid, jint gid, jint flags) {
  TEXT(name, path, PATH_MAX);
  return CHECKED(fchownat(dir, name, (uid_t)uid, (gid_t)gid, flags));
}

NATIVE(jint, ftruncate), jint fd, jlong length) {
  return CHECKED(ftruncate(fd, length));
}

NATIVE(jint, fallocate), jint fd, jint mode, jlong offset, jlong length) {
  return CHECKED(fallocate(fd, mode, offset, length));
}

NATIVE(jint, cachestat), jint fd, jlong offset, jlong length, jlongArray result) {
  uint64_t range[2] = {(uint64_t)offset, (uint64_t)length};
  jlong counts[5];
  int status = (int)CHECKED(syscall(__NR_cachestat, fd, range, counts, 0));
  if (status == 0) {
    (*env)->SetLongArrayRegion(env, result, 0, 5, counts);
  }
  return status;
}

NATIVE(jint, utimensat), jint dir, jbyteArray path, jlong atimeSec, jlong atimeNsec, jlong mtimeSec,
       jlong mtimeNsec, jint flags) {
  TEXT(name, path, PATH_MAX);
  struct timespec times[2] = {{atimeSec, atimeNsec}, {mtimeSec, mtimeNsec}};
  return (jint)CHECKED(syscall(SYS_utimensat, dir, name, times, flags));
}

NATIVE(jint, fsync), jint fd) {
  return CHECKED(fsync(fd));
}

NATIVE(jint, fdatasync), jint fd) {
  return CHECKED(fdatasync(fd));
}

NATIVE(jlong, copyFileRange), jint in, jlong inOffset, jint out, jlong outOffset, jlong length) {
  loff_t from = inOffset;
  loff_t to = outOffset;
  return CHECKED(copy_file_range(in, &from, out, &to, (size_t)length, 0));
}

NATIVE(jint, memfdCreate), jbyteArray name, jint flags) {
  TEXT(label, name, 256);
  return CHECKED(memfd_create(label, (unsigned)flags | MFD_CLOEXEC));
}

NATIVE(jint, fcntl), jint fd, jint command, jlong argument) {
  return CHECKED(fcntl(fd, command, argument));
}

NATIVE(jint, fgetxattr), jint fd, jbyteArray name, jbyteArray target) {
  TEXT(label, name, 256);
  char buffer[MOST_XATTR];
  jsize size = (*env)->GetArrayLength(env, target);
  jint n = (jint)CHECKED(fgetxattr(fd, label, buffer, (size_t)(size < MOST_XATTR ? size : MOST_XATTR)));
  if (n > 0 && n <= size) {
    (*env)->SetByteArrayRegion(env, target, 0, n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jint, flistxattr), jint fd, jbyteArray target) {
  char buffer[MOST_XATTR];
  jsize size = (*env)->GetArrayLength(env, target);
  jint n = (jint)CHECKED(flistxattr(fd, buffer, (size_t)(size < MOST_XATTR ? size : MOST_XATTR)));
  if (n > 0 && n <= size) {
    (*env)->SetByteArrayRegion(env, target, 0, n, (jbyte *)buffer);
  }
  return n;
}

NATIVE(jint, fsetxattr), jint fd, jbyteArray name, jbyteArray value, jint flags) {
  TEXT(label, name, 256);
  char buffer[MOST_XATTR];
  jsize size = (*env)->GetArrayLength(env, value);
  if (size > MOST_XATTR) {
    return -E2BIG;
  }
  (*env)->GetByteArrayRegion(env, value, 0, size, (jbyte *)buffer);
  return CHECKED(fsetxattr(fd, label, buffer, (size_t)size, flags));
}

NATIVE(jint, fremovexattr), jint fd, jbyteArray name) {
  TEXT(label, name, 256);
  return CHECKED(fremovexattr(fd, label));
}
