#!/bin/bash
# chroot.sh ROOT SCRIPT: runs a script of bash in a root file system, natively, the way a sandbox would:
# with a PID namespace, a network of nothing but a loopback, and writes that go nowhere.
set -euo pipefail

root=$1 script=$2 work=$(mktemp -d)
trap 'rmdir "$work"' EXIT
unshare --mount --pid --fork --kill-child --net --ipc bash -euc '
  mount -t tmpfs work "$2"
  mkdir "$2"/{upper,work,root}
  mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay "$2/root"
  cd "$2/root"
  for name in null zero full random urandom tty; do [[ -e dev/$name ]] || cp -a "/dev/$name" dev/; done
  mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -sf pts/ptmx dev/ptmx
  mkdir -p dev/shm; mount -t tmpfs shm dev/shm; mount -t tmpfs tmp tmp; mount -t proc proc proc
  chroot . /bin/busybox ifconfig lo 127.0.0.1 up
  exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    chroot . /bin/bash -c "$3"
' chroot "$root" "$work" "$(<"$script")"
