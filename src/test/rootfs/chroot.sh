#!/bin/bash
# chroot.sh ROOT SCRIPT: runs a script of bash in a root file system, natively, the way a sandbox would:
# with a PID namespace, a network of nothing but a loopback, writes that go nowhere, and no power over
# the machine's clock.
# chroot.sh ROOT PROGRAM ARGUMENT...: runs a program so.
set -euo pipefail

root=$1 work=$(mktemp -d)
shift
[[ $# -gt 1 ]] || set -- /bin/bash -c "$(<"$1")"
trap 'rmdir "$work"' EXIT
unshare --mount --pid --fork --kill-child --net --ipc bash -euc '
  root=$1 work=$2
  shift 2
  mount -t tmpfs work "$work"
  mkdir "$work"/{upper,work,root}
  mount -t overlay -o "lowerdir=$root,upperdir=$work/upper,workdir=$work/work" overlay "$work/root"
  cd "$work/root"
  for name in null zero full random urandom tty; do [[ -e dev/$name ]] || cp -a "/dev/$name" dev/; done
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -sf pts/ptmx dev/ptmx
  mkdir -p dev/shm; mount -t tmpfs shm dev/shm; mount -t tmpfs tmp tmp; mount -t proc proc proc; mount -t sysfs -o ro sys sys
  chroot . /bin/busybox ifconfig lo 127.0.0.1 up
  exec env -i --default-signal PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    setsid setpriv --bounding-set=-sys_time,-sys_boot,-sys_module chroot . "$@"
' chroot "$root" "$work" "$@"
