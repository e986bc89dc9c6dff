# native.sh DIRECTORY UNCOVER: hides and freezes the same natively, then lets uncover.sh try. To be run in
# a mount namespace of its own.
set -e
cd "$1"
mount --bind . .
cd "$1"
mount --bind /dev/null secret/file
mount -t tmpfs -o ro tmpfs secret/directory
mount --bind frozen frozen
mount -o remount,bind,ro frozen
mount --bind /dev/null /proc/interrupts
unshare -Urm sh "$2"
