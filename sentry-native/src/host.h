// Shorthand for the native methods of dev.skerry.hostos.LinuxHost: each makes one host call, and
// returns its value or the negated errno.
#ifndef SKERRY_HOST_H
#define SKERRY_HOST_H

#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

#define NATIVE(type, name) \
  JNIEXPORT type JNICALL Java_dev_skerry_hostos_LinuxHost_##name##0(UNUSED JNIEnv *env, UNUSED jclass class

// Bytes on the C stack that a transfer goes through at a time.
#define CHUNK 65536

#define CHECKED(call)                                 \
  ({                                                  \
    __typeof__(call) checked_result = (call);         \
    checked_result < 0 ? -errno : checked_result;     \
  })

// Copies a Java byte array, which ends in NUL, to the C stack. Names that are too long come out
// empty, and the host refuses those.
#define TEXT(variable, array, size)                                     \
  char variable[size];                                                  \
  text_copy(env, array, variable, size)

static inline void text_copy(JNIEnv *env, jbyteArray array, char *target, jsize size) {
  jsize length = (*env)->GetArrayLength(env, array);
  if (length > size) {
    target[0] = 0;
    return;
  }
  (*env)->GetByteArrayRegion(env, array, 0, length, (jbyte *)target);
}

#endif
