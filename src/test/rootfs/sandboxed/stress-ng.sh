# Every stressor of the six classes by itself, and then each class at once, its stressors side by side.
# What verifies its work must find it right. What cannot run in a sandbox is named here with its reason,
# and must say so itself: with stress-ng's status for "no resource" or "not there", not by failing.
seconds=${STRESS_SECONDS:-1} together=${STRESS_TOGETHER:-10}
options='--verify --temp-path /tmp --no-rand-seed --iomix-bytes 256M'
declare -A reasons=(
  [binderfs]="no binder"
  [cpu-online]="no processors to switch off"
  [exec]="stress-ng does not run it as root"
  [fanotify]="no CAP_SYS_ADMIN"
  [fiemap]="no FS_IOC_FIEMAP on a tmpfs, as on Linux"
  [ioport]="no I/O ports"
  [ipsec-mb]="not built into Debian's package"
  [netlink-proc]="no NETLINK_CONNECTOR"
  [netlink-task]="no NETLINK_GENERIC"
  [plugin]="no plugin is given"
  [rdrand]="as the processor has it"
  [rseq]="the C library has registered its own already"
  [secretmem]="no memfd_secret"
  [spawn]="stress-ng does not run it as root"
  [tmpfs]="stress-ng finds no room, as natively"
  [uprobe]="no tracing"
  [verity]="no fs-verity on a tmpfs, as on Linux"
  [tsc]="as the processor has it"
)
cd /tmp
failed=0

# vm-segv stops its child for ever where ptrace(2) is refused.
traces=yes
strace -o /dev/null true 2>/dev/null || traces=no

complain() {
  echo "$1: $2"
  sed 's/^stress-ng: //' "$3" | grep -v 'debug:\|defaulting' | head -20
  failed=1
}

for class in cpu memory pipe filesystem scheduler interrupt; do
  begun=$SECONDS
  left_out=
  for name in $(stress-ng --class "$class?" 2>&1 | sed 's/.*stressors: //'); do
    if [ "$name$traces" = vm-segvno ]; then
      left_out+=,$name
      echo "$class: $name does not run: no ptrace"
      continue
    fi
    timeout -k 5 $((seconds + 120)) stress-ng --$name 1 -t "$seconds" $options >log 2>&1
    status=$?
    grep -q 'stressor will be skipped\|skipping' log && [ $status = 0 ] && status=4
    # What could hang or restart a machine stress-ng runs only when it is told so.
    grep -q 'enable it with the --pathological option' log && continue
    case $status in
      0) ;;
      3 | 4)
        left_out+=,$name
        [ -n "${reasons[$name]:-}" ] || complain "$name" "does not run" log
        echo "$class: $name does not run: ${reasons[$name]:-?}"
        ;;
      *)
        left_out+=,$name
        complain "$name" "status $status" log
        ;;
    esac
  done
  echo "$class: one by one $((SECONDS - begun)) s" >&2
  timeout -k 5 $((together + 300)) stress-ng --class "$class" --all 1 -t "$together" $options \
    ${left_out:+-x "${left_out#,}"} >log 2>&1 || complain "$class" "at once: status $?" log
  echo "$class: $((SECONDS - begun)) s" >&2
done
exit $failed
