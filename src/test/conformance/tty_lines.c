// Pseudo-terminals: the line discipline, editing, echo, raw mode, sizes, what goes when the master closes.
#include "check.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static int slave;

static void show_text(const char *what, const unsigned char *bytes, ssize_t count) {
  char line[800] = "";
  for (ssize_t i = 0; i < count; i++) {
    char one[8];
    snprintf(one, sizeof one, bytes[i] >= ' ' && bytes[i] < 127 ? "%c" : "<%02x>", bytes[i]);
    strcat(line, one);
  }
  say("%s: %zd \"%s\"", what, count, line);
}

// Linux hands typed bytes, and their echo, over in the background.
static void show_nothing(const char *what, int fd) {
  struct pollfd poller = {fd, POLLIN, 0};
  say("%s: %s", what, poll(&poller, 1, 300) == 0 ? "nothing" : "something");
}

// What one read of the slave gives.
static void show_read(const char *what) {
  unsigned char bytes[256];
  struct pollfd poller = {slave, POLLIN, 0};
  need(poll(&poller, 1, 10000) == 1, "poll");
  show_text(what, bytes, read(slave, bytes, sizeof bytes));
}

// The next `length` bytes that come to the master, in however many parts.
static void show_echo(const char *what, ssize_t length) {
  unsigned char bytes[256];
  struct pollfd poller = {master, POLLIN, 0};
  ssize_t count = 0;
  while (count < length && poll(&poller, 1, 10000) == 1) {
    ssize_t more = read(master, bytes + count, (size_t)(length - count));
    need(more > 0, "read");
    count += more;
  }
  show_text(what, bytes, count);
}

static void type(const char *text) {
  need(write(master, text, strlen(text)) == (ssize_t)strlen(text), "write");
}

static void canonical(void) {
  type("half");
  show_nothing("half a line", slave);
  type(" line\r");
  show_read("the line");
  show_echo("echo", 11);
  type("abc\177\177d\r");
  show_read("erased");
  show_echo("its echo", 12);
  type("killed\025new\r");
  show_read("line killed");
  show_echo("its echo", 29);
  type("two words\027x\r");
  show_read("word erased");
  show_echo("its echo", 27);
  type("one\rtwo\r");
  show_read("first of two");
  show_read("second of two");
  type("no newline\004");
  show_read("ended by ^D");
  type("\004");
  show_read("end of file");
  type("\026\003literal\r");
  show_read("quoted");
  show_echo("all echoes", 33);
  char two[2];
  type("abcd\r");
  SHOW(read(slave, two, 2));
  show_read("the rest");
  show_echo("echo", 6);
}

static void output(void) {
  need(write(slave, "a\nb\tc\n", 6) == 6, "write");
  show_echo("with ONLCR", 8);
  struct termios settings;
  SHOW(tcgetattr(slave, &settings));
  settings.c_oflag &= ~(tcflag_t)OPOST;
  SHOW(tcsetattr(slave, TCSANOW, &settings));
  need(write(slave, "a\nb\n", 4) == 4, "write");
  show_echo("without OPOST", 4);
  settings.c_oflag |= OPOST;
  tcsetattr(slave, TCSANOW, &settings);
}

static void raw(void) {
  struct termios old;
  struct termios settings;
  tcgetattr(slave, &old);
  settings = old;
  cfmakeraw(&settings);
  SHOW(tcsetattr(slave, TCSAFLUSH, &settings));
  type("ab\r\003\177");
  show_read("raw");
  show_nothing("no echo", master);
  settings.c_cc[VMIN] = 0;
  settings.c_cc[VTIME] = 0;
  SHOW(tcsetattr(slave, TCSANOW, &settings));
  char byte;
  SHOW(read(slave, &byte, 1));
  settings.c_cc[VTIME] = 1;
  SHOW(tcsetattr(slave, TCSANOW, &settings));
  struct timespec before = monotonic();
  SHOW(read(slave, &byte, 1));
  CHECK(elapsed_ms(&before) >= 90);
  settings.c_cc[VMIN] = 3;
  settings.c_cc[VTIME] = 0;
  SHOW(tcsetattr(slave, TCSANOW, &settings));
  type("12");
  struct pollfd poller = {slave, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  type("345");
  char text[8];
  SHOW(read(slave, text, 8));
  SHOW(tcsetattr(slave, TCSANOW, &old));
}

static void sizes(void) {
  struct winsize size = {0};
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  say("%d rows, %d columns", size.ws_row, size.ws_col);
  size = (struct winsize){.ws_row = 50, .ws_col = 132};
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  memset(&size, 0, sizeof size);
  SHOW(ioctl(slave, TIOCGWINSZ, &size));
  say("%d rows, %d columns", size.ws_row, size.ws_col);
  SHOW(ioctl(slave, TIOCGWINSZ, bad_pointer()));
  int waiting = -1;
  type("xyz\r");
  struct pollfd poller = {slave, POLLIN, 0};
  SHOW(poll(&poller, 1, 5000));
  SHOW(ioctl(slave, FIONREAD, &waiting));
  say("waiting %d", waiting);
  SHOW(tcflush(slave, TCIFLUSH));
  SHOW(ioctl(slave, FIONREAD, &waiting));
  say("waiting %d", waiting);
  show_echo("echo", 5);
}

static void settings(void) {
  struct termios now;
  SHOW(tcgetattr(slave, &now));
  say("iflag %#o, oflag %#o, cflag %#o, lflag %#o", now.c_iflag, now.c_oflag, now.c_cflag, now.c_lflag);
  say("intr %d, quit %d, erase %d, kill %d, eof %d, susp %d, min %d, time %d", now.c_cc[VINTR], now.c_cc[VQUIT],
      now.c_cc[VERASE], now.c_cc[VKILL], now.c_cc[VEOF], now.c_cc[VSUSP], now.c_cc[VMIN], now.c_cc[VTIME]);
  SHOW(isatty(slave));
  SHOW(isatty(master));
  int ends[2];
  need(pipe(ends) == 0, "pipe");
  SHOW(isatty(ends[0]));
  SHOW(isatty(99));
  SHOW(tcgetattr(ends[0], &now));
  char name[64] = "";
  SHOW_ERROR(ttyname_r(slave, name, sizeof name));
  say("%.9s", name);
  SHOW(tcsetattr(slave, 77, &now));
  SHOW(ioctl(slave, 0x5499, 0));
}

static void left(void) {
  SHOW(write(slave, "last words", 10));
  SHOW(close(slave));
  show_echo("after the slave closed", 10);
  char byte;
  SHOW(read(master, &byte, 1));
  struct pollfd poller = {master, POLLIN, 0};
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
}

static void hung_up(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
  type("typed\r");
  SHOW(close(master));
  char text[16];
  SHOW(read(slave, text, sizeof text));
  SHOW(write(slave, "x", 1));
  struct pollfd poller = {slave, POLLIN | POLLOUT, 0};
  SHOW(poll(&poller, 1, 0));
  say("revents %#x", poller.revents);
  struct termios now;
  SHOW(tcgetattr(slave, &now));
}

int main(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
  settings();
  canonical();
  output();
  raw();
  sizes();
  left();
  hung_up();
  return 0;
}
