// Host socket calls: whole messages, with descriptors.
#include <string.h>
#include <sys/socket.h>

#include "host.h"

// As HostOs.MOST_PASSED.
#define MOST_PASSED 32

NATIVE(jlong, sendMessage), jint socket, jbyteArray source, jint length, jintArray passed,
       jint count) {
  char buffer[CHUNK];
  if (length > CHUNK) {
    return -EMSGSIZE;
  }
  (*env)->GetByteArrayRegion(env, source, 0, length, (jbyte *)buffer);
  struct iovec part = {buffer, (size_t)length};
  union {
    char bytes[CMSG_SPACE(MOST_PASSED * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    jint fds[MOST_PASSED];
    (*env)->GetIntArrayRegion(env, passed, 0, count, fds);
    size_t size = (size_t)count * sizeof fds[0];
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(size);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), fds, size);
  }
  ssize_t n;
  do {
    n = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

// Keeps the first descriptors of the message and closes the others; returns how many it keeps.
static int take_descriptors(struct msghdr *message, jint *kept, int most) {
  int taken = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      if (taken < most) {
        kept[taken++] = fd;
      } else {
        close(fd);
      }
    }
  }
  return taken;
}

NATIVE(jlong, receiveMessage), jint socket, jbyteArray target, jintArray passed) {
  char buffer[CHUNK];
  jsize size = (*env)->GetArrayLength(env, target);
  struct iovec part = {buffer, (size_t)(size < CHUNK ? size : CHUNK)};
  union {
    char bytes[CMSG_SPACE(MOST_PASSED * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {
      .msg_iov = &part,
      .msg_iovlen = 1,
      .msg_control = control.bytes,
      .msg_controllen = sizeof control.bytes,
  };
  ssize_t n;
  do {
    n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  jlong result = n < 0 ? -errno : (message.msg_flags & MSG_TRUNC) != 0 ? -EMSGSIZE : n;
  jint fds[MOST_PASSED];
  jsize room = (*env)->GetArrayLength(env, passed);
  int taken = n < 0 ? 0 : take_descriptors(&message, fds, room);
  int incomplete = n >= 0 && (message.msg_flags & MSG_CTRUNC) != 0;
  if (result < 0 || incomplete) {
    while (taken > 0) {
      close(fds[--taken]);
    }
  }
  for (int i = taken; i < room; i++) {
    fds[i] = -1;
  }
  if (result >= 0 && incomplete && room > 0) {
    fds[0] = -EMFILE;
  }
  (*env)->SetIntArrayRegion(env, passed, 0, room, fds);
  if (result > 0) {
    (*env)->SetByteArrayRegion(env, target, 0, (jsize)n, (jbyte *)buffer);
  }
  return result;
}

NATIVE(jint, accept), jint socket) {
  int fd;
  do {
    fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}
