// The parts of the launcher. One run of it makes one sandbox:
//
//   monitor   outside the sandbox; makes the rest, waits for its end, cleans up
//   init      PID 1 of the sandbox's PID namespace, root of its user namespace; starts sentry and guest
//   gofer     a user namespace of its own, the same PID namespace
#ifndef SKERRY_LAUNCHER_H
#define SKERRY_LAUNCHER_H

#include <stdbool.h>
#include <sys/types.h>

#define MOST_PATHS 32
#define MOST_BINDS 30
#define MOST_CHANNELS 8

// Descriptors of sentry and gofer: a memory file or a handle each for every file that is in use.
#define MOST_DESCRIPTORS 1048576

// Where the sentry gets the directory for files in memory.
#define DATA_DESCRIPTOR 1022

// A host file or directory that appears in the container, as the gofer's mount 1, 2, …
struct bind {
  const char *path;
  bool writable;
};

struct options {
  const char *state;
  const char *rootfs;
  const char *stub;
  const char *cgroups[MOST_PATHS];
  int cgroup_count;
  const char *visible[MOST_PATHS];  // host paths that a JVM needs, shown to it read-only
  int visible_count;
  struct bind binds[MOST_BINDS];
  int bind_count;
  bool writable;
  bool rootless;  // the launcher was not started by root: one id, no cgroups of its own
  int channels;
  pid_t caller;  // the process that the sandbox ends with; 0 for none
};

// Everything that was opened before the sandbox begins; all close-on-exec.
struct descriptors {
  int caller;  // a pidfd, or -1
  int null;
  int log;
  int spool;
  int control;
  int stub;
  int sentry_channel[MOST_CHANNELS];
  int gofer_channel[MOST_CHANNELS];
};

// Ends the process after telling why, on the log and, before the start is done, to the caller.
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

// Where die() writes beside the log; -1 for nowhere.
extern int failure_pipe;

// Runs in the monitor, whose mount namespace is private. Builds the read-only root directories of
// sentry and gofer below the state directory.
void roots_build(const struct options *options);

// Makes the current directory, a mount of this mount namespace, the root and drops the old one.
void roots_enter(void);

// Opens, as DATA_DESCRIPTOR, the root of a tmpfs that is mounted nowhere.
void roots_open_data(void);

// Writes the whole text to the file, which exists. Returns 0, or -1 with errno.
int write_file(const char *path, const char *text);

// Keeps only the capabilities of the mask in the bounding set, and forbids new privileges.
void limit_capabilities(unsigned long mask);

// Puts the descriptors at 3, 4, … in the order given, without close-on-exec; 0 is empty, 1 and 2 are
// the log.
void arrange_descriptors(const struct descriptors *all, const int *wanted, int count);

// Reads the NUL-separated arguments of a file in the state directory, and adds the extra ones.
char **read_arguments(const char *state, const char *name, char *const *extra);

// The sandbox's PID 1. Waits for a byte on `go`, starts guest and sentry, reaps, ends with the
// sentry.
__attribute__((noreturn)) void init_run(const struct options *options, const struct descriptors *all,
                                        char **sentry_arguments, int go);

// Becomes the gofer. Waits for a byte on `go` first.
__attribute__((noreturn)) void gofer_run(const struct options *options,
                                         const struct descriptors *all, char **arguments, int go);

#endif
