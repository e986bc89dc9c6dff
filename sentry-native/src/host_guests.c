// Host calls about guests: their memory, their notifications, signals to them.
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "host.h"
#include "newer.h"

static ssize_t read_memory(pid_t pid, uint64_t address, void *buffer, size_t length) {
  struct iovec local = {buffer, length};
  struct iovec remote = {(void *)address, length};
  return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static ssize_t write_memory(pid_t pid, uint64_t address, const void *buffer, size_t length) {
  struct iovec local = {(void *)buffer, length};
  struct iovec remote = {(void *)address, length};
  return process_vm_writev(pid, &local, 1, &remote, 1, 0);
}

// A transfer in chunks. The host moves whole pages up to a fault, so a short count is one.
NATIVE(jlong, readGuest), jint pid, jlong address, jbyteArray target, jint offset, jint length) {
  char buffer[CHUNK];
  jint done = 0;
  while (done < length) {
    jint part = length - done < CHUNK ? length - done : CHUNK;
    ssize_t n = read_memory(pid, (uint64_t)address + (uint64_t)done, buffer, (size_t)part);
    if (n < 0) {
      return done > 0 ? done : -errno;
    }
    (*env)->SetByteArrayRegion(env, target, offset + done, (jsize)n, (jbyte *)buffer);
    done += (jint)n;
    if (n < part) {
      break;
    }
  }
  return done;
}

NATIVE(jlong, writeGuest), jint pid, jlong address, jbyteArray source, jint offset, jint length) {
  char buffer[CHUNK];
  jint done = 0;
  while (done < length) {
    jint part = length - done < CHUNK ? length - done : CHUNK;
    (*env)->GetByteArrayRegion(env, source, offset + done, part, (jbyte *)buffer);
    ssize_t n = write_memory(pid, (uint64_t)address + (uint64_t)done, buffer, (size_t)part);
    if (n < 0) {
      return done > 0 ? done : -errno;
    }
    done += (jint)n;
    if (n < part) {
      break;
    }
  }
  return done;
}

NATIVE(jlong, fileToGuest), jint fd, jlong position, jint pid, jlong address, jlong length) {
  char buffer[CHUNK];
  jlong done = 0;
  while (done < length) {
    size_t part = length - done < CHUNK ? (size_t)(length - done) : CHUNK;
    ssize_t n = position < 0 ? read(fd, buffer, part) : pread(fd, buffer, part, position + done);
    if (n <= 0) {
      return n < 0 && done == 0 ? -errno : done;
    }
    ssize_t moved = write_memory(pid, (uint64_t)address + (uint64_t)done, buffer, (size_t)n);
    if (moved < 0) {
      return done > 0 ? done : -errno;
    }
    done += moved;
    if (moved < n || (size_t)n < part) {
      break;
    }
  }
  return done;
}

NATIVE(jlong, guestToFile), jint fd, jlong position, jint pid, jlong address, jlong length) {
  char buffer[CHUNK];
  jlong done = 0;
  while (done < length) {
    size_t part = length - done < CHUNK ? (size_t)(length - done) : CHUNK;
    ssize_t n = read_memory(pid, (uint64_t)address + (uint64_t)done, buffer, part);
    if (n <= 0) {
      return n < 0 && done == 0 ? -errno : done;
    }
    ssize_t moved = position < 0 ? write(fd, buffer, (size_t)n)
                                 : pwrite(fd, buffer, (size_t)n, position + done);
    if (moved < 0) {
      return done > 0 ? done : -errno;
    }
    done += moved;
    if (moved < n || (size_t)n < part) {
      break;
    }
  }
  return done;
}

NATIVE(jint, tgkill), jint tgid, jint tid, jint signal) {
  return (jint)CHECKED(syscall(SYS_tgkill, tgid, tid, signal));
}

NATIVE(jint, kill), jint pid, jint signal) {
  return CHECKED(kill(pid, signal));
}

// The descriptor holds the process, so the answer is not of another one with the same id.
NATIVE(jint, parentOf), jint pid) {
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) {
    return 0;
  }
  struct pidfd_info info = {.mask = PIDFD_INFO_PID};
  int result = CHECKED(ioctl(fd, PIDFD_GET_INFO, &info));
  close(fd);
  if (result < 0) {
    return result == -ESRCH ? 0 : -ENOSYS;
  }
  return (jint)info.ppid;
}

NATIVE(jint, setAffinity), jint tid, jlong processors) {
  uint64_t set = (uint64_t)processors;
  return (jint)CHECKED(syscall(SYS_sched_setaffinity, tid, sizeof set, &set));
}

NATIVE(jint, setStackLimit), jint pid, jlong bytes) {
  struct rlimit value;
  int result = CHECKED(prlimit(pid, RLIMIT_STACK, NULL, &value));
  if (result == 0) {
    value.rlim_cur = (rlim_t)bytes < value.rlim_max ? (rlim_t)bytes : value.rlim_max;
    result = CHECKED(prlimit(pid, RLIMIT_STACK, &value, NULL));
  }
  return result;
}

NATIVE(jint, notifyReceive), jint listener, jlongArray notification) {
  struct seccomp_notif received;
  memset(&received, 0, sizeof received);
  int result = CHECKED(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &received));
  if (result == 0) {
    jlong values[4 + 6] = {(jlong)received.id, (jlong)received.pid, received.data.nr,
                           (jlong)received.data.instruction_pointer};
    memcpy(values + 4, received.data.args, sizeof received.data.args);
    (*env)->SetLongArrayRegion(env, notification, 0, 10, values);
  }
  return result;
}

NATIVE(jlong, readGuestInt), jint pid, jlong address) {
  uint32_t value;
  ssize_t n = read_memory(pid, (uint64_t)address, &value, sizeof value);
  return n == sizeof value ? (jlong)value : n < 0 ? -errno : -EFAULT;
}

NATIVE(jint, writeGuestWord), jint pid, jlong address, jlong value, jint size) {
  ssize_t n = write_memory(pid, (uint64_t)address, &value, (size_t)size & 15);
  return n == size ? 0 : n < 0 ? -errno : -EFAULT;
}

NATIVE(jint, notifySend), jint listener, jlong id, jint flags, jint error, jlong value) {
  struct seccomp_notif_resp reply = {
      .id = (uint64_t)id, .val = value, .error = error, .flags = (unsigned)flags};
  return CHECKED(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &reply));
}

NATIVE(jint, notifyAddFd), jint listener, jlong id, jint fd, jint target) {
  struct seccomp_notif_addfd request = {
      .id = (uint64_t)id,
      .flags = target >= 0 ? SECCOMP_ADDFD_FLAG_SETFD : 0,
      .srcfd = (unsigned)fd,
      .newfd = target >= 0 ? (unsigned)target : 0,
      .newfd_flags = 02000000,  // O_CLOEXEC
  };
  return CHECKED(ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &request));
}

NATIVE(jint, notifyIdValid), jint listener, jlong id) {
  uint64_t value = (uint64_t)id;
  return CHECKED(ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &value));
}

NATIVE(jint, notifySetSync), jint listener) {
  return CHECKED(ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP));
}
