// Host calls about the calling process itself.
#include <linux/capability.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "host.h"
#include "policy.h"

NATIVE(jint, confine), jbyteArray policy) {
  TEXT(name, policy, 64);
  return policy_install(name);
}

NATIVE(void, exit), jint status) {
  _exit(status);
}

NATIVE(jint, setUmask), jint mask) {
  return (jint)umask((mode_t)mask);
}

NATIVE(jint, raiseNoFileLimit), jint most) {
  struct rlimit value = {(rlim_t)most, (rlim_t)most};
  if (setrlimit(RLIMIT_NOFILE, &value) == 0) {
    return most;
  }
  if (getrlimit(RLIMIT_NOFILE, &value) != 0) {
    return -errno;
  }
  rlim_t wanted = value.rlim_max < (rlim_t)most ? value.rlim_max : (rlim_t)most;
  if (value.rlim_cur < wanted) {
    value.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &value);
    getrlimit(RLIMIT_NOFILE, &value);
  }
  return (jint)(value.rlim_cur < wanted ? value.rlim_cur : wanted);
}

NATIVE(jint, chroot), jbyteArray path) {
  TEXT(name, path, PATH_MAX);
  int result = CHECKED(chroot(name));
  return result < 0 ? result : CHECKED(chdir("/"));
}

NATIVE(jint, setCapabilities), jlong mask) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  for (int half = 0; half < 2; half++) {
    data[half].effective = data[half].permitted = (unsigned)((uint64_t)mask >> (32 * half));
  }
  return (jint)CHECKED(syscall(SYS_capset, &header, data));
}

NATIVE(jlong, clockGetTime), jint clock) {
  struct timespec now;
  int result = CHECKED(clock_gettime(clock, &now));
  return result < 0 ? result : (jlong)now.tv_sec * 1000000000 + now.tv_nsec;
}

NATIVE(jlong, getRandom), jbyteArray target, jint offset, jint length) {
  char buffer[CHUNK];
  jlong n = CHECKED(getrandom(buffer, (size_t)(length < CHUNK ? length : CHUNK), 0));
  if (n > 0) {
    (*env)->SetByteArrayRegion(env, target, offset, (jsize)n, (jbyte *)buffer);
  }
  return n;
}
