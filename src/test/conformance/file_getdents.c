// Reading directories: what is there, small buffers, offsets, changes while reading, errors.
#include "check.h"
#include <dirent.h>

struct entry {
  uint64_t ino;
  int64_t off;
  unsigned short length;
  unsigned char type;
  char name[];
};

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *type_name(unsigned char type) {
  switch (type) {
    case DT_DIR: return "directory";
    case DT_REG: return "file";
    case DT_LNK: return "link";
    case DT_FIFO: return "fifo";
    case DT_CHR: return "character device";
    default: return "something";
  }
}

static void list(const char *path) {
  DIR *directory = opendir(path);
  need(directory != NULL, path);
  char *names[64];
  int count = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < 64;) {
    char line[300];
    snprintf(line, sizeof line, "%s: %s", entry->d_name, type_name(entry->d_type));
    names[count++] = strdup(line);
  }
  closedir(directory);
  qsort(names, (size_t)count, sizeof *names, compare);
  for (int i = 0; i < count; i++) {
    say("  %s", names[i]);
    free(names[i]);
  }
}

static void raw(void) {
  int fd = open("d", O_RDONLY);
  char buffer[4096];
  SHOW(syscall(SYS_getdents64, fd, buffer, 10));
  SHOW(syscall(SYS_getdents64, fd, buffer, 0));
  SHOW(syscall(SYS_getdents64, fd, bad_pointer(), 4096));
  int count = 0;
  int calls = 0;
  bool aligned = true;
  for (long length; (length = syscall(SYS_getdents64, fd, buffer, 40)) > 0; calls++) {
    for (long at = 0; at < length;) {
      struct entry *entry = (struct entry *)(buffer + at);
      aligned = aligned && entry->length % 8 == 0;
      at += entry->length;
      count++;
    }
  }
  say("%d entries, more than one call %d, aligned %d", count, calls > 1, aligned);
  SHOW(syscall(SYS_getdents64, fd, buffer, sizeof buffer));
  SHOW(lseek(fd, 0, SEEK_SET));
  CHECK(syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0);
  SHOW(lseek(fd, 0, SEEK_SET));
  SHOW(read(fd, buffer, 10));
  SHOW(write(fd, buffer, 10));
  close(fd);
  int file = open("d/file", O_RDONLY);
  SHOW(syscall(SYS_getdents64, file, buffer, sizeof buffer));
  SHOW(syscall(SYS_getdents64, 99, buffer, sizeof buffer));
  close(file);
}

static void seeking(void) {
  need(mkdir("many", 0755) == 0, "mkdir");
  for (int i = 0; i < 500; i++) {
    char path[32];
    snprintf(path, sizeof path, "many/file-%03d", i);
    make_file(path, "");
  }
  DIR *directory = opendir("many");
  need(directory != NULL, "many");
  int count = 0;
  long position = 0;
  char after[256] = "";
  for (struct dirent *entry; (entry = readdir(directory)) != NULL; count++) {
    if (count == 250) {
      position = telldir(directory);
    } else if (count == 251) {
      snprintf(after, sizeof after, "%s", entry->d_name);
    }
  }
  say("%d entries", count);
  seekdir(directory, position);
  struct dirent *entry = readdir(directory);
  CHECK(entry != NULL && strcmp(entry->d_name, after) == 0);
  rewinddir(directory);
  count = 0;
  while ((entry = readdir(directory)) != NULL) {
    count++;
  }
  say("%d entries again", count);
  closedir(directory);
}

// Removing what was read loses none of the rest.
static void removing(void) {
  DIR *directory = opendir("many");
  int removed = 0;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_name[0] != '.') {
      removed += unlinkat(dirfd(directory), entry->d_name, 0) == 0;
    }
  }
  closedir(directory);
  say("%d removed", removed);
  SHOW(rmdir("many"));
}

int main(void) {
  need(mkdir("d", 0755) == 0, "mkdir");
  say("empty:");
  list("d");
  make_file("d/file", "x");
  need(mkdir("d/dir", 0755) == 0, "mkdir");
  need(symlink("file", "d/link") == 0, "symlink");
  need(mkfifo("d/fifo", 0644) == 0, "mkfifo");
  make_file("d/.hidden", "");
  say("full:");
  list("d");
  raw();
  seeking();
  removing();
  struct stat a;
  struct stat b;
  need(stat("d", &a) == 0 && stat("d/dir/..", &b) == 0, "stat");
  CHECK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
  DIR *directory = opendir("d");
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strcmp(entry->d_name, "file") == 0) {
      need(fstatat(dirfd(directory), "file", &b, 0) == 0, "fstatat");
      CHECK(b.st_ino == entry->d_ino);
    }
  }
  closedir(directory);
  return 0;
}
