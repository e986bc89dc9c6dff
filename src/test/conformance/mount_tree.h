// A private tree of mounts to play in, and how to print it so that numbers do not differ from run to run.
#ifndef SKERRY_MOUNT_TREE_H
#define SKERRY_MOUNT_TREE_H

#include "check.h"

#include <sched.h>
#include <sys/mount.h>

#define ROOT "/tmp/skerry-mounts"

UNUSED static void touch(const char *path) { close(open(path, O_CREAT | O_WRONLY, 0644)); }

// A tmpfs at ROOT, in a mount namespace of one's own where nothing is shared.
UNUSED static void make_tree(void) {
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    say("no mount namespace: %s", error_name(errno));
    _exit(1);
  }
  mkdir(ROOT, 0755);
  if (mount("base", ROOT, "tmpfs", 0, NULL) != 0 || chdir(ROOT) != 0) {
    say("no tmpfs: %s", error_name(errno));
    _exit(1);
  }
  rmdir("/nowhere");
}

// What is mounted at or below a directory: root, place, options, propagation with groups renumbered.
UNUSED static void show_mounts(const char *title, const char *below) {
  static int groups[64];
  static int known;
  char line[1024];
  say("%s:", title);
  FILE *file = fopen("/proc/self/mountinfo", "r");
  while (fgets(line, sizeof line, file) != NULL) {
    char root[256], place[256], options[256], rest[512];
    if (sscanf(line, "%*d %*d %*s %255s %255s %255s %511[^\n]", root, place, options, rest) != 4 ||
        strncmp(place, below, strlen(below)) != 0) {
      continue;
    }
    char fields[256] = "";
    char *end = strstr(rest, "- ");
    *end = 0;
    for (char *word = strtok(rest, " "); word != NULL; word = strtok(NULL, " ")) {
      char kind[32];
      int group = 0;
      if (sscanf(word, "%31[a-z]:%d", kind, &group) == 2) {
        int index = 0;
        while (index < known && groups[index] != group) {
          index++;
        }
        if (index == known && known < 64) {
          groups[known++] = group;
        }
        sprintf(fields + strlen(fields), " %s:%d", kind, index + 1);
      } else {
        sprintf(fields + strlen(fields), " %s", word);
      }
    }
    char source[64] = "";
    sscanf(end + 2, "%*s %63s", source);
    say("  %s %s %s %s%s", source, root, place, options, fields);
  }
  fclose(file);
}

UNUSED static void run(const char *title, void (*body)(void)) {
  say("-- %s", title);
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int how = 0;
  waitpid(child, &how, 0);
  say("ended: %x", how);
}

#endif
