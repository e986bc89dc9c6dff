# strace and gdb on programs in the sandbox; each must say what it says on Linux. The figures that differ
# from run to run are left out.
cd /tmp
failed=0

expect() {
  if ! grep -q -- "$2" "$3"; then
    echo "$1: no \"$2\" in"
    tail -40 "$3"
    failed=1
  fi
}

cat >program.c <<'END'
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
static int total;
static int square(int x) {
  return x * x;
}
static void *work(void *count) {
  for (long i = 1; i <= (long)count; i++) {
    total += square((int)i);
  }
  return NULL;
}
int main(int argc, char **argv) {
  pthread_t thread;
  pthread_create(&thread, NULL, work, (void *)4L);
  pthread_join(thread, NULL);
  if (fork() == 0) {
    _exit(3);
  }
  int status;
  wait(&status);
  printf("total %d child %d\n", total, WEXITSTATUS(status));
  fflush(stdout);
  if (argc > 1) {
    sleep(100);
  }
  return 0;
}
END
gcc -g -O0 -pthread -o program program.c || exit 1

strace -o /dev/null /bin/true || { echo "strace: status $?"; failed=1; }
strace -f -o log ./program >out 2>&1
expect strace 'total 30 child 3' out
expect strace 'execve("./program"' log
expect strace 'write(1, "total 30 child 3' log
expect strace '+++ exited with 3 +++' log
expect strace 'SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED' log
[ "$(grep -c 'exited with' log)" = 3 ] || { echo "strace -f: not three ends"; failed=1; }
strace -c -f -o log ./program >out 2>&1
expect 'strace -c' 'total$' log
./program wait >out &
pid=$!
sleep 2
timeout 2 strace -p $pid >log 2>&1
expect 'strace -p' 'restart_syscall(\|clock_nanosleep(' log
kill -0 $pid || { echo "strace -p: the program is gone"; failed=1; }
timeout 60 gdb -q -batch -nx -ex bt -ex detach -p $pid >log 2>&1
expect 'gdb -p' 'main (argc=2' log
kill -0 $pid || { echo "gdb -p: the program is gone"; failed=1; }
kill $pid

cat >commands <<'END'
set pagination off
break main
run
break square
continue
bt
info threads
finish
next
print total
delete 2
watch total
continue
info registers rip
delete
stepi
continue
END
timeout 120 gdb -q -batch -nx -x commands ./program >log 2>&1
for text in 'Breakpoint 1, main' 'hit Breakpoint 2, square (x=1)' 'work (count=0x4)' 'Value returned is' \
  'Hardware watchpoint 3: total' 'New value = 5' 'total 30 child 3' 'exited normally'; do
  expect gdb "$text" log
done
[ $failed = 0 ] && echo 'debuggers work'
exit $failed
