dash <<'E'
cd /tmp
(echo a; echo b) | sort -r; false || echo or; true && echo and
for i in 1 2 3; do (sleep $i; echo "background $i"; exit $i) & done
wait; echo $?
trap 'echo usr1' USR1; kill -USR1 $$; trap - USR1
set -- one 'two three'; echo $# "$2"; shift; echo "$1"
f() { local x=5; echo $((x * x)); return 7; }; f; echo $?
cat <<X | { read -r a b; echo "$b $a"; }
here document
X
sleep 5 & sleep 0.3; kill $!; wait $!; echo $?
exec 3>file; echo three >&3; exec 3>&-; cat file; umask 027; : >private; ls -l private | cut -c1-10
( exit 3 ); echo $?; ( kill -SEGV $(sh -c 'echo $PPID') ); echo $?
mkfifo p; cat p & echo through >p; wait
i=0; while [ $i -lt 300 ]; do i=$((i + 1)); x=$(echo $i); done; echo "$x"
case abc in a*) echo glob;; esac; echo /etc/host*; set -C; echo x >file || echo clobber
command -v dash; printf '%s-%05d\n' x 42; getopts ab: o -b v; echo "$o $OPTARG"; times | wc -l
E
echo 'echo script $0 $1; exec sh -c "echo \$\$" | wc -l' >/tmp/s; dash /tmp/s argument
printf '#!/bin/dash\necho "$0 $@"\nexit 9\n' >/tmp/x; chmod +x /tmp/x; dash -c '/tmp/x 1 2; echo $?'
script -qc 'dash -i' /dev/null <<'E' | tr -d '\r' | grep -c 'Terminated\|Running'
PS1='$ '
sleep 3 | sleep 4 &
jobs
sleep 0.3; kill %1
sleep 0.5
exit
E
