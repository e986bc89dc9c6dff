# What a guest tries, as root of a user namespace and a mount namespace of its own, to see what its spec
# hides below the working directory, and to write what it froze; every line says how that went.
try() { "$@" >/dev/null 2>&1 && echo "done: $*" || echo "refused: $*"; }
shown() { if [ -s "$1" ]; then echo "SHOWN: $1"; else echo "hidden: $1"; fi; }
listed() { if [ -n "$(ls -A "$1")" ]; then echo "SHOWN: $1"; else echo "hidden: $1"; fi; }
written() { if touch "$1" 2>/dev/null; then echo "WRITTEN: $1"; else echo "kept: $1"; fi; }
shown secret/file
listed secret/directory
written frozen/file
try umount secret/file
try umount -l secret/directory
try umount frozen
try mount --move secret/file elsewhere
try mount --move frozen elsewhere
try mount --bind secret elsewhere
try mount --bind . elsewhere
try mount -t overlay -o lowerdir=secret:elsewhere overlay elsewhere
try mount -o remount,bind,rw frozen
try rm -f secret/file
try rmdir secret/directory
mount --rbind secret elsewhere && shown elsewhere/file && listed elsewhere/directory
try umount elsewhere/file
try umount elsewhere/directory
try umount -l elsewhere/directory
try umount -l elsewhere
mv secret moved && shown moved/file && listed moved/directory
mv moved secret
try mount --bind frozen elsewhere
written elsewhere/file
try mount -o remount,bind,rw elsewhere
written elsewhere/file
try umount elsewhere
try mount -t proc proc elsewhere
try mount -t sysfs sysfs elsewhere
shown "/proc/self/root$PWD/secret/file"
try pivot_root . elsewhere
shown secret/file
listed secret/directory
written frozen/file
