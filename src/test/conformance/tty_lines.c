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

static void fill(int fd) {
  char block[8192];
  memset(block, 'x', sizeof block);
  int flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  long total = 0;
  for (size_t length = sizeof block; length > 0; length = length == 1 ? 0 : 1) {
    ssize_t count = 0;
    while (total < 1 << 20 && (count = write(fd, block, length)) > 0) {
      total += count;
    }
    say("ends with %s", count < 0 ? error_name(errno) : "more");
  }
  fcntl(fd, F_SETFL, flags);
}

static void set_local(tcflag_t without) {
  struct termios now;
  tcgetattr(slave, &now);
  now.c_lflag &= ~without;
  tcsetattr(slave, TCSANOW, &now);
}

// Either side can be full, and has room again when the other side forgets what it has got.
static void full(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
  set_local(ICANON | ECHO);
  struct pollfd poller = {slave, POLLOUT, 0};
  fill(slave);
  SHOW(ioctl(master, TCFLSH, TCIFLUSH));
  SHOW(poll(&poller, 1, 10000));
  SHOW(write(slave, "after", 5));
  show_echo("what comes then", 5);
  int packets = 1;
  SHOW(ioctl(master, TIOCPKT, &packets));
  SHOW(ioctl(master, TCFLSH, TCIOFLUSH));
  poller = (struct pollfd){master, POLLIN | POLLPRI, 0};
  SHOW(poll(&poller, 1, 0));
  SHOW(ioctl(slave, TCFLSH, TCIFLUSH));
  SHOW(poll(&poller, 1, 10000));
  show_echo("told in packet mode", 1);
  packets = 0;
  SHOW(ioctl(master, TIOCPKT, &packets));
  fill(master);
  poller = (struct pollfd){master, POLLOUT, 0};
  SHOW(ioctl(slave, TCFLSH, TCIFLUSH));
  SHOW(poll(&poller, 1, 10000));
  type("after");
  show_read("and this way");
  SHOW(ioctl(master, TCFLSH, 3));
  close(master);
  close(slave);
}

// More than a line's room waits on its way; in a line without an end it is lost.
static void long_lines(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
  set_local(ECHO);
  char block[4100];
  memset(block, 'M', sizeof block);
  block[sizeof block - 1] = '\n';
  for (int i = 0; i < 2; i++) {
    need(write(master, block, sizeof block) == sizeof block, "write");
  }
  for (int i = 0; i < 2; i++) {
    char line[5000];
    struct pollfd poller = {slave, POLLIN, 0};
    need(poll(&poller, 1, 10000) == 1, "poll");
    ssize_t count = read(slave, line, sizeof line);
    say("line of %zd, ends with %d", count, count > 0 ? line[count - 1] : -1);
  }
  set_local(ICANON);
  need(write(master, block, sizeof block) == sizeof block, "write");
  ssize_t total = 0;
  struct pollfd poller = {slave, POLLIN, 0};
  while (total < (ssize_t)sizeof block && poll(&poller, 1, 10000) == 1) {
    char some[100];
    ssize_t count = read(slave, some, sizeof some);
    need(count > 0, "read");
    total += count;
  }
  say("without lines all %zd", total);
  close(master);
  close(slave);
}

// The end of a character is not erased without its beginning.
static void characters(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
  struct termios now;
  tcgetattr(slave, &now);
  now.c_iflag |= IUTF8;
  tcsetattr(slave, TCSANOW, &now);
  type("\x80\177\n");
  show_read("only the end of one");
  show_echo("its echo", 3);
  type("a\xc3\xa4\177\n");
  show_read("a whole one");
  show_echo("its echo", 8);
  type("\x80x\025y\n");
  show_read("a line");
  close(master);
  close(slave);
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
  full();
  long_lines();
  characters();
  return 0;
}
