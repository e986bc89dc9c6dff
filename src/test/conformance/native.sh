#!/bin/sh
# Builds every program and runs each natively: native.sh [TIMES] [NAME...]. Says which are not the same each time.
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-$here/../../../target/conformance}
times=${1:-1}
[ $# -gt 0 ] && shift
mkdir -p "$out" || exit 1
failed=0
cd "$here" || exit 1
[ $# -gt 0 ] || set -- *.c
for source in "$@"; do
  name=${source%.c}
  link=$(sed -n 's|^// link: ||p' "$name.c")
  # shellcheck disable=SC2086 # the link options are words
  gcc -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -pthread -o "$out/$name" "$name.c" ${link:--static} ||
    { failed=1; continue; }
  for run in $(seq "$times"); do
    directory=$(mktemp -d)
    (cd "$directory" && env -i PATH=/usr/bin:/bin HOME=/ START=1 timeout --foreground 60 "$out/$name" >"$out/$name.now" 2>&1 </dev/null
      echo "status $?" >>"$out/$name.now")
    chmod -R u+rwx "$directory" && rm -rf "$directory"
    if [ "$run" -eq 1 ]; then
      mv "$out/$name.now" "$out/$name.expected"
    elif ! diff -u "$out/$name.expected" "$out/$name.now"; then
      echo "$name: run $run differs" && failed=1
    fi
  done
done
exit $failed
