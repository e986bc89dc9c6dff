// Reads an inotify descriptor and prints what it tells. Cookies are printed as 0 for none and numbered otherwise.
#ifndef SKERRY_INOTIFY_EVENTS_H
#define SKERRY_INOTIFY_EVENTS_H

#include "check.h"
#include <sys/inotify.h>
#include <sys/ioctl.h>

static uint32_t cookies[64];

UNUSED static int cookie_number(uint32_t cookie) {
  if (cookie == 0) {
    return 0;
  }
  int i = 0;
  while (cookies[i] != 0 && cookies[i] != cookie) {
    i++;
  }
  cookies[i] = cookie;
  return i + 1;
}

UNUSED static void append_mask(char *text, size_t size, uint32_t mask) {
  static const struct {
    uint32_t bit;
    const char *name;
  } names[] = {{IN_ACCESS, "ACCESS"},           {IN_MODIFY, "MODIFY"},
               {IN_ATTRIB, "ATTRIB"},           {IN_CLOSE_WRITE, "CLOSE_WRITE"},
               {IN_CLOSE_NOWRITE, "CLOSE_NOWRITE"}, {IN_OPEN, "OPEN"},
               {IN_MOVED_FROM, "MOVED_FROM"},   {IN_MOVED_TO, "MOVED_TO"},
               {IN_CREATE, "CREATE"},           {IN_DELETE, "DELETE"},
               {IN_DELETE_SELF, "DELETE_SELF"}, {IN_MOVE_SELF, "MOVE_SELF"},
               {IN_UNMOUNT, "UNMOUNT"},         {IN_Q_OVERFLOW, "Q_OVERFLOW"},
               {IN_IGNORED, "IGNORED"},         {IN_ISDIR, "ISDIR"}};
  text[0] = 0;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (mask & names[i].bit) {
      snprintf(text + strlen(text), size - strlen(text), " %s", names[i].name);
      mask &= ~names[i].bit;
    }
  }
  if (mask != 0) {
    snprintf(text + strlen(text), size - strlen(text), " %#x", mask);
  }
}

// Prints all events that are there; the descriptor does not block.
UNUSED static void drain(int fd, const char *what) {
  char buffer[PAGE] __attribute__((aligned(8)));
  say("%s:", what);
  for (ssize_t length; (length = read(fd, buffer, sizeof buffer)) > 0;) {
    for (char *at = buffer; at < buffer + length;) {
      struct inotify_event *event = (struct inotify_event *)at;
      char mask[256];
      append_mask(mask, sizeof mask, event->mask);
      // A file without a name shows as '#' and its number.
      bool nameless = event->len != 0 && event->name[0] == '#';
      const char *name = event->len == 0 ? "" : nameless ? "#" : event->name;
      say("  wd %d%s cookie %d name \"%s\" of %u", event->wd, mask, cookie_number(event->cookie), name,
          nameless ? 0 : event->len);
      at += sizeof *event + event->len;
    }
  }
}

#endif
