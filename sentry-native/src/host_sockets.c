// Host socket calls: whole messages with at most one descriptor.
#include <string.h>
#include <sys/socket.h>

#include "host.h"

#define MOST_DESCRIPTORS 4

NATIVE(jlong, sendMessage), jint socket, jbyteArray source, jint length, jint passed) {
  char buffer[CHUNK];
  if (length > CHUNK) {
    return -EMSGSIZE;
  }
  (*env)->GetByteArrayRegion(env, source, 0, length, (jbyte *)buffer);
  struct iovec part = {buffer, (size_t)length};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (passed >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof passed);
  }
  ssize_t n;
  do {
    n = sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

// Keeps the first descriptor of the message and closes the others.
static int take_descriptor(struct msghdr *message) {
  int kept = -1;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      if (kept < 0) {
        kept = fd;
      } else {
        close(fd);
      }
    }
  }
  return kept;
}

NATIVE(jlong, receiveMessage), jint socket, jbyteArray target, jintArray passed) {
  char buffer[CHUNK];
  jsize size = (*env)->GetArrayLength(env, target);
  struct iovec part = {buffer, (size_t)(size < CHUNK ? size : CHUNK)};
  union {
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
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
  jint fd = n < 0 ? -1 : take_descriptor(&message);
  if (fd < 0 && n >= 0 && (message.msg_flags & MSG_CTRUNC) != 0) {
    fd = -EMFILE;
  }
  (*env)->SetIntArrayRegion(env, passed, 0, 1, &fd);
  if (n < 0) {
    return -errno;
  }
  if ((message.msg_flags & MSG_TRUNC) != 0) {
    if (fd >= 0) {
      close(fd);
      fd = -1;
      (*env)->SetIntArrayRegion(env, passed, 0, 1, &fd);
    }
    return -EMSGSIZE;
  }
  (*env)->SetByteArrayRegion(env, target, 0, (jsize)n, (jbyte *)buffer);
  return n;
}

NATIVE(jint, accept), jint socket) {
  int fd;
  do {
    fd = accept4(socket, NULL, NULL, SOCK_CLOEXEC);
  } while (fd < 0 && errno == EINTR);
  return fd < 0 ? -errno : fd;
}
