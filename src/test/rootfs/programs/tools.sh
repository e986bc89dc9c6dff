# What looks at processes, descriptors and interfaces through /proc, /sys and netlink.
cd /tmp; export LC_ALL=C
sleep 60 & one=$!; (exec -a named sleep 60) & two=$!; cat /dev/zero >/dev/null & busy=$!; nc=; sleep 0.5
me() { sed "s/\b$$\b/ME/g; s/\b$one\b/ONE/g; s/\b$two\b/TWO/g; s/\b$busy\b/BUSY/g"; }
ps -o pid=,ppid=,pgid=,sid=,stat=,comm=,args= -p $one,$two | me
ps -p $busy -o stat=,comm=,ni=,cls=,rtprio=,nlwp=,uid=,user= | me
ps -e -o pid=,args= | me | grep 'ONE\|TWO\|BUSY'; ps ax --forest | grep -c 'sleep 60$'; ps aux | head -1; ps -ef | grep -c '[s]leep 60'
ps --ppid $$ -o comm= | sort; ps -C sleep -o pid= | me; ps -o lstart= -p $one | wc -w; ps -L -p $one -o lwp= | me; [ "$(ps -o rss= -p $one)" -gt 100 ] && echo rss
ps -o etimes= -p $one | tr -d ' '; ps -p $busy -o time= | cut -c1-3; ps -o wchan= -p $$ | wc -l; ps -o environ -p $one 2>&1 | head -1 | cut -c1-7
pgrep -x sleep | me; pgrep -f named | me; pgrep -P $$ -l | me; pgrep -c -x sleep; pgrep nothing; echo $?; pidof sleep | tr ' ' '\n' | sort -n | me; pidof -s cat | me
top -bn1 -p $one,$busy | sed -n '7,$p' | awk '{ print $1, $2, $NF }' | me; top -bn2 -d0.5 -p $busy | awk '/cat$/ { cpu = $9 } END { print cpu > 20 ? "busy" : "idle " cpu }'; top -Hbn1 | sed -n 2p | cut -c1-8
free | awk 'NR < 3 { print $1, ($2 > 0) }'; vmstat 1 2 | tail -1 | wc -w; vmstat -s | grep -c 'memory\|ticks'; uptime | grep -c 'load average'; w -h | wc -l; tload -V | wc -l; cat /proc/loadavg | wc -w
pmap $one | tail -1 | grep -c total; pmap -x $one | grep -c 'sleep\|libc'; pwdx $one | me; pstree $$ | head -1 | cut -c1-9; pstree -p $$ | grep -o 'sleep(.*)' | tr -d 'a-z()`+|-' | tr -s ' ' | head -2 | sed 's/ //g' | me
exec 7>held; exec 8</etc/passwd; mkfifo fifo; exec 9<>fifo
lsof -p $$ -a -d 7,8,9 -F ftn | me; lsof -t held | me; lsof -c sleep -a -d cwd -Fn | grep -c '^n/tmp'; fuser held 2>/dev/null | tr -d ' ' | me; lsof +D /tmp -t | sort -u | grep -c .
python3 - <<'E'
import os, socket, subprocess
def run(*command): return subprocess.run(command, capture_output=True, text=True).stdout
server = socket.create_server(('127.0.0.1', 7070)); client = socket.create_connection(('127.0.0.1', 7070)); other, _ = server.accept()
six = socket.create_server(('::1', 7071), family=socket.AF_INET6); udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 7072))
local = socket.socket(socket.AF_UNIX); local.bind('/tmp/local'); local.listen(); pair = socket.socketpair()
port = str(client.getsockname()[1]); me = str(os.getpid())
print(run('lsof', '-nP', '-i', '-a', '-p', me, '-FPTn').replace(port, 'PORT').replace(me, 'ME'))
print(len(run('lsof', '-U', '-a', '-p', me).splitlines()), 'unix sockets'); print(run('lsof', '-nPt', '-iTCP:7070', '-sTCP:LISTEN') == me + '\n', run('fuser', '7072/udp').split() == [me])
for name, columns in ('tcp', [1, 2, 3]), ('tcp6', [1, 2, 3]), ('udp', [1, 2]):
    rows = [line.split() for line in open('/proc/net/' + name).readlines()[1:]]
    print(name, sorted(' '.join(row[c] for c in columns) for row in rows if '1B9' in row[1] or '1B9' in row[2]) and len(rows))
print(len([line for line in open('/proc/net/unix') if '/tmp/local' in line]))
E
ip -o link show lo | grep -o 'LOOPBACK,UP\|mtu [0-9]*'; ip -o addr show dev lo | awk '{ print $3, $4 }'; ip -br addr | awk '{ print $1, $2, $3, $4 }'; ip route | wc -l; ip -j -4 addr | grep -o '"local":"[0-9.]*"'
ip route get 127.0.0.1 | head -1 | awk '{ print $1, $2, $3, $4 }'; ip -s link show lo | grep -c 'RX\|TX'; ip -6 route show table local | wc -l; ip rule | wc -l; ip neigh | wc -l; ip link show nothing 2>&1; ip netns list | wc -l
kill -STOP $one; ps -o stat= -p $one | cut -c1; kill -CONT $one; sleep 0.1; ps -o stat= -p $one | cut -c1
prlimit -p $one --nofile=100:200; prlimit -p $one --nofile -o SOFT,HARD --noheadings; renice -n 5 -p $one | me; ps -o ni= -p $one; chrt -p $one | me; taskset -p $one | me | sed 's/: [0-9a-f]*$//'; ionice -p $one
for file in status stat statm maps smaps limits io mounts mountinfo cgroup cmdline environ oom_score oom_score_adj schedstat sched wchan comm auxv personality syscall stack timers coredump_filter loginuid autogroup net/dev ns/pid; do
  [ -r /proc/$one/$file ] && echo -n "$file "; done; echo; cut -d' ' -f2-8 /proc/$one/stat | me; grep -c . /proc/$one/limits; sed -n '/^Name\|^State\|^Uid\|^Gid\|^Threads/p' /proc/$one/status
killall -e sleep; wait $one; echo $?; wait $two; echo $?; pkill -9 -P $$ cat; wait $busy; echo $?; skill -V >/dev/null 2>&1; snice -V >/dev/null 2>&1; ls -l /proc/self/fd | wc -l; readlink /proc/$$/exe /proc/$$/cwd /proc/$$/root /proc/$$/fd/7
lscpu | grep -c '^CPU(s)\|^Architecture'; nproc | wc -l; getconf _NPROCESSORS_ONLN | wc -l; ls /sys/devices/system/cpu | grep -c 'online\|cpu0'; cat /sys/class/net/lo/{mtu,operstate,address}; lsns -p $$ -o TYPE 2>/dev/null | sort | head -3; findmnt -n -o FSTYPE /proc; df /proc | wc -l; df -h / | wc -l; mountpoint /proc; lsblk 2>&1 | wc -l; dmesg 2>/dev/null | wc -l | grep -c .; sysctl -n kernel.ostype kernel.pid_max fs.pipe-max-size vm.overcommit_memory net.core.somaxconn
