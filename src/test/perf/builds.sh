# Builds, tools and servers on a Debian 12 root (src/test/rootfs/debian.sh), for `skerry bench --builds`:
# bash -c "$(<builds.sh)" builds ROW prints one line like bench.c: name, unit and value, tab separated,
# less is better. Only what the row's name says is measured. Writes go to /tmp.
set -eu
export HOME=/tmp LC_ALL=C
row=$1
work=/tmp/builds
log=$work/log
mkdir $work
cd $work

fail() {
  tail -n 1 $log >&3
  exit 1
}

# timed COMMAND...: sets `seconds`.
timed() {
  local begun=$EPOCHREALTIME
  "$@" >>$log 2>&1 || fail
  seconds=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.6f", b - a }')
}

# say UNIT FACTOR [NUMBER]: of `seconds`.
say() {
  awk -v row="$row" -v unit="$1" -v factor="$2" -v s="$seconds" -v n="${3:-1}" \
    'BEGIN { printf "%s\t%s\t%.4f\n", row, unit, s * factor / n }' >&3
}

ten_times() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do "$@"; done
}

build() {
  cp -r "/usr/src/$1" source
  cd source
  ./configure $2 >>$log 2>&1 || fail
  timed make -j2 $3
  say s 1
}

files() {
  git -c init.defaultBranch=main init -q repository
  cd repository
  python3 -c '
import os
for d in range(200):
    os.mkdir(f"d{d}")
    for i in range(100):
        with open(f"d{d}/f{i}", "w") as f:
            f.write(f"{d} {i}\n")'
  git add .
  git -c user.email=a@b -c user.name=n commit -qm one
}

wait_for() {
  for _ in $(seq 300); do "$@" >>$log 2>&1 && return; sleep 0.1; done
  fail
}

redis() {
  redis-server --port 7777 --dir $work --save '' >>$log &
  wait_for redis-cli -p 7777 ping
  rate=$(redis-benchmark -p 7777 -n 40000 -c 20 -t "$1" --csv 2>>$log | tail -n 1 | cut -d, -f2 | tr -d '"')
  redis-cli -p 7777 shutdown nosave >>$log 2>&1 || true
  seconds=1 say us 1e6 "$rate"
}

database() {
  chown postgres $work
  cat >run <<'END'
set -eu
PATH=/usr/lib/postgresql/15/bin:$PATH
initdb -D data
pg_ctl -D data -o "-k $PWD -p 5544" -l server.log -w start
createdb -h $PWD -p 5544 b
pgbench -h $PWD -p 5544 -i -q b
pgbench -h $PWD -p 5544 -c 4 -j 2 -T 10 b | tee result
pg_ctl -D data stop
END
  su postgres -c "bash $work/run" >>$log 2>&1 || fail
  rate=$(sed -n 's/^tps = \([0-9.]*\).*/\1/p' result)
  seconds=1 say us 1e6 "$rate"
}

exec 3>&1 >>$log 2>&1
case $row in
  make-zlib) build zlib '' '' ;;
  make-sqlite) build sqlite3 --disable-shared sqlite3 ;;
  git-status-20000) files; git status; timed ten_times git status; say ms 1e3 10 ;;
  python3-start) timed python3 -c 1; timed ten_times python3 -c 'import json, re, subprocess'; say ms 1e3 10 ;;
  redis-set | redis-get) redis "${row#redis-}" ;;
  pgbench) database ;;
  *) echo "no row $row" >&3; exit 2 ;;
esac
