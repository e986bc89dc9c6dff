// uname, sysinfo, getrandom, sethostname: their shape and errors; what the values are differs by machine.
#include "check.h"
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static void names(void) {
  struct utsname name;
  SHOW(uname(&name));
  say("%s %s", name.sysname, name.machine);
  CHECK(strlen(name.release) > 0 && strlen(name.version) > 0 && strlen(name.nodename) > 0);
  SHOW(uname(bad_pointer()));
  char text[65] = "";
  SHOW(gethostname(text, sizeof text));
  CHECK(strcmp(text, name.nodename) == 0);
}

static void system_(void) {
  struct sysinfo info;
  SHOW(sysinfo(&info));
  CHECK(info.uptime > 0 && info.totalram > 0 && info.freeram <= info.totalram);
  CHECK(info.procs >= 1 && info.mem_unit >= 1);
  SHOW(sysinfo(bad_pointer()));
  CHECK(sysconf(_SC_NPROCESSORS_ONLN) >= 1);
  CHECK(sysconf(_SC_PHYS_PAGES) > 0);
}

static void random_bytes(void) {
  unsigned char bytes[300] = {0};
  SHOW(getrandom(bytes, 256, 0));
  SHOW(getrandom(bytes, 300, GRND_NONBLOCK));
  SHOW(getrandom(bytes, 16, GRND_RANDOM));
  SHOW(getrandom(bytes, 0, 0));
  SHOW(getrandom(bytes, 1, 0x100));
  SHOW(getrandom(bad_pointer(), 1, 0));
  SHOW(getrandom(bytes, 8, GRND_INSECURE));
  SHOW(getrandom(bytes, 8, GRND_INSECURE | GRND_RANDOM));
  unsigned char other[32];
  need(getrandom(bytes, 32, 0) == 32 && getrandom(other, 32, 0) == 32, "getrandom");
  CHECK(memcmp(bytes, other, 32) != 0);
}

static void not_there(void) {
  SHOW(syscall(1000));
  SHOW(syscall(999));
  SHOW(syscall(SYS_create_module));
  SHOW(syscall(SYS_afs_syscall));
  SHOW(syscall(SYS_tuxcall));
  SHOW(syscall(SYS_vserver));
}

static void ordinary(void) {
  become_ordinary();
  SHOW(sethostname("x", 1));
  SHOW(setdomainname("x", 1));
  SHOW(acct(NULL));
  SHOW(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
  SHOW(syscall(SYS_syslog, 3, NULL, 0));
  SHOW(syscall(SYS_iopl, 3));
  SHOW(syscall(SYS_ioperm, 0, 1, 1));
  SHOW(syscall(SYS_vhangup));
  SHOW(syscall(SYS_swapon, "x", 0));
}

int main(void) {
  names();
  system_();
  random_bytes();
  not_there();
  in_child("ordinary", ordinary);
  return 0;
}
