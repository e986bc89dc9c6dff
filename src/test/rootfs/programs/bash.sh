(echo a; echo b) | sort -r
for i in 1 2 3; do (sleep "$i"; echo "background $i"; exit "$i") & done
wait
trap 'echo usr1' USR1; kill -USR1 $$
trap 'echo bye' EXIT
cat <<END
here $((1 + 2))
END
diff <(seq 1 5) <(seq 2 6)
coproc C { cat; }
echo hello >&"${C[1]}"; read -r line <&"${C[0]}"; echo "$line"
read -rt 0.2 line < <(sleep 1); echo "$?"
set -o pipefail; false | true; echo "$?"
sleep 5 & sleep 0.3; kill $!; wait $!; echo "$?"
timeout 0.3 sleep 2; echo "$?"
mapfile -t lines </etc/passwd; echo "${#lines[@]}"
script -qc 'bash --norc -i' /dev/null <<'END' | tr -d '\r' | grep -c 'Terminated\|Running'
PS1='$ '
sleep 3 | sleep 4 &
jobs
sleep 0.3; kill %1
sleep 0.5
exit
END
