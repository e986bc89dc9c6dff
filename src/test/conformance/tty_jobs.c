// Job control: the controlling terminal, foreground groups, SIGTTIN and SIGTTOU, keys that signal, hang-up.
#include "check.h"
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static int slave;
static int report[2];

static void tell(const char *text) {
  need(write(report[1], text, 1) == 1, "report");
}

static void hear(void) {
  char byte;
  need(read(report[0], &byte, 1) == 1, "report");
}

static volatile sig_atomic_t caught;

static void on_signal(int number) {
  caught = number;
}

static void become_leader(void) {
  need(setsid() == getpid(), "setsid");
  need(ioctl(slave, TIOCSCTTY, 0) == 0, "TIOCSCTTY");
}

static void acquiring(void) {
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  SHOW(open("/dev/tty", O_RDWR) >= 0);
  SHOW(tcgetpgrp(slave));
  need(setsid() == getpid(), "setsid");
  SHOW(open("/dev/tty", O_RDWR));
  SHOW(tcgetpgrp(slave));
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  SHOW(ioctl(slave, TIOCSCTTY, 0));
  CHECK(tcgetpgrp(slave) == getpid());
  CHECK(tcgetsid(slave) == getpid());
  int tty = open("/dev/tty", O_RDWR);
  CHECK(tty >= 0);
  CHECK(tcgetpgrp(tty) == getpid());
  SHOW(tcsetpgrp(slave, 1 << 29));
  SHOW(tcsetpgrp(slave, -1));
  SHOW(tcsetpgrp(slave, getppid()));
  pid_t child = fork();
  if (child == 0) {
    SHOW(ioctl(master, TIOCNOTTY));
    SHOW(ioctl(slave, TIOCNOTTY));
    SHOW(open("/dev/tty", O_RDWR));
    _exit(0);
  }
  reap("child without", child);
}

static void by_opening(void) {
  char name[64] = "";
  need(ttyname_r(slave, name, sizeof name) == 0, "ttyname");
  need(setsid() == getpid(), "setsid");
  int without = open(name, O_RDWR | O_NOCTTY);
  CHECK(without >= 0);
  SHOW(open("/dev/tty", O_RDWR));
  int with = open(name, O_RDWR);
  CHECK(with >= 0);
  SHOW(open("/dev/tty", O_RDWR) >= 0);
  CHECK(tcgetpgrp(with) == getpid());
}

static void wait_for(const char *what, pid_t child) {
  int status;
  need(waitpid(child, &status, WUNTRACED) == child, "waitpid");
  show_status(what, status);
}

static void background(void) {
  become_leader();
  signal(SIGTTOU, SIG_IGN);
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    tell("x");
    char text[8] = "";
    ssize_t count = read(slave, text, sizeof text);
    say("the child read %zd", count);
    signal(SIGTTOU, SIG_DFL);
    struct termios now;
    tcgetattr(slave, &now);
    tcsetattr(slave, TCSANOW, &now);
    say("the child has set");
    _exit(5);
  }
  setpgid(child, child);
  hear();
  wait_for("reading in the background", child);
  SHOW(tcsetpgrp(slave, child));
  need(write(master, "hello\r", 6) == 6, "write");
  SHOW(tcsetpgrp(slave, child));
  kill(-child, SIGCONT);
  wait_for("in the foreground", child);
  SHOW(tcsetpgrp(slave, getpgrp()));
  child = fork();
  if (child == 0) {
    setpgid(0, 0);
    struct termios now;
    tcgetattr(slave, &now);
    signal(SIGTTOU, SIG_DFL);
    tcsetattr(slave, TCSANOW, &now);
    _exit(6);
  }
  setpgid(child, child);
  wait_for("setting in the background", child);
  kill(child, SIGKILL);
  wait_for("killed", child);
  child = fork();
  if (child == 0) {
    setpgid(0, 0);
    signal(SIGTTIN, SIG_IGN);
    char byte;
    SHOW(read(slave, &byte, 1));
    SHOW(write(slave, "w", 1));
    struct termios now;
    tcgetattr(slave, &now);
    now.c_lflag |= TOSTOP;
    SHOW(tcsetattr(slave, TCSANOW, &now));
    SHOW(write(slave, "w", 1));
    signal(SIGTTOU, SIG_DFL);
    SHOW(write(slave, "w", 1));
    _exit(7);
  }
  setpgid(child, child);
  wait_for("writing with TOSTOP", child);
  kill(child, SIGKILL);
  wait_for("killed", child);
}

static pid_t foreground_child(void) {
  pid_t child = fork();
  if (child == 0) {
    close(master);
    setpgid(0, 0);
    tcsetpgrp(slave, getpid());
    signal(SIGTTOU, SIG_DFL);
    tell("x");
    for (;;) {
      pause();
    }
  }
  setpgid(child, child);
  hear();
  return child;
}

static void keys(void) {
  become_leader();
  signal(SIGTTOU, SIG_IGN);
  pid_t child = foreground_child();
  need(write(master, "\003", 1) == 1, "write");
  wait_for("^C", child);
  child = foreground_child();
  need(write(master, "\032", 1) == 1, "write");
  wait_for("^Z", child);
  kill(child, SIGKILL);
  wait_for("killed", child);
  child = foreground_child();
  struct winsize size = {.ws_row = 30, .ws_col = 90};
  signal(SIGWINCH, on_signal);
  tcsetpgrp(slave, getpgrp());
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  sleep_ms(20);
  say("caught %s", caught == 0 ? "nothing" : signal_name(caught));
  caught = 0;
  SHOW(ioctl(master, TIOCSWINSZ, &size));
  sleep_ms(20);
  say("the same size: caught %s", caught == 0 ? "nothing" : signal_name(caught));
  kill(child, SIGKILL);
  wait_for("killed", child);
}

static void hang_up(void) {
  become_leader();
  signal(SIGHUP, on_signal);
  signal(SIGCONT, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  pid_t child = foreground_child();
  SHOW(close(master));
  // Only the leader is told: the foreground group is when the leader ends.
  sleep_ms(20);
  SHOW(waitpid(child, NULL, WNOHANG));
  kill(child, SIGKILL);
  wait_for("killed", child);
  say("the leader caught %s", caught == 0 ? "nothing" : signal_name(caught));
  char byte;
  SHOW(read(slave, &byte, 1));
  SHOW(open("/dev/tty", O_RDWR));
}

// When the session leader ends, its foreground group is told.
static void leader_ends(void) {
  become_leader();
  signal(SIGTTOU, SIG_IGN);
  foreground_child();
}

static void fresh(void) {
  need(openpty(&master, &slave, NULL, NULL, NULL) == 0, "openpty");
}

static void in_fresh(const char *what, void (*body)(void)) {
  fresh();
  pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  close(master);
  reap(what, child);
  close(slave);
}

int main(void) {
  need(pipe(report) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    // A session of our own first, so that the test's terminal does not matter.
    setsid();
    in_fresh("acquiring", acquiring);
    in_fresh("by opening", by_opening);
    in_fresh("background", background);
    in_fresh("keys", keys);
    in_fresh("hang-up", hang_up);
    in_fresh("leader ends", leader_ends);
    _exit(0);
  }
  reap("all", child);
  return 0;
}
