# What looks at processes, descriptors and interfaces through /proc, /sys and netlink. Numbers that
# depend on the machine are only counted or compared.
cd /tmp
export LC_ALL=C
sleep 300 & one=$!
(exec -a named sleep 300) & two=$!
cat /dev/zero >/dev/null & busy=$!
sleep 0.5
# Names for the numbers of processes.
me() { sed "s/^ *//; s/\b$$\b/ME/g; s/\bp*$one\b/ONE/g; s/\b$two\b/TWO/g; s/\b$busy\b/BUSY/g"; }

echo "ps"
ps -o pid=,ppid=,pgid=,sid=,comm=,args= -p $one,$two | awk '{ $1 = $1 } 1' | me
ps -o stat= -p $one | cut -c1; ps -o stat= -p $busy | cut -c1
ps -p $busy -o comm=,cls=,rtprio=,nlwp=,uid=,user=
ps -e -o pid=,comm= | me | grep 'ONE\|TWO\|BUSY'
ps aux | head -1 | wc -w; ps ax --forest | grep -c '[s]leep 300$'; ps -ef | grep -c '[s]leep 300'
ps --ppid $$ -o comm= | sort; ps -C sleep -o pid= | me; ps -o lstart= -p $one | wc -w; ps -L -p $one -o lwp= | me
[ "$(ps -o rss= -p $one)" -gt 100 ] && echo resident; [ "$(ps -o etimes= -p $one)" -lt 100 ] && echo young

echo "pgrep"
pgrep -x sleep | me; pgrep -f '^named' | me; pgrep -c -x sleep; pgrep nothing; echo $?
pgrep -P $$ -x 'sleep|cat' -l | me; pidof sleep | tr ' ' '\n' | sort -n | me; pidof -s cat | me

echo "top"
top -bn1 -p $one,$busy | sed -n '7,$p' | awk '{ print $1, $2, $NF }' | me | sort
top -bn2 -d1 -p $busy | awk '/cat$/ { cpu = $9 } END { print cpu > 5 ? "busy" : "idle " cpu }'
top -Hbn1 | sed -n 2p | cut -c1-8; top -bn1 | grep -c '^MiB'

echo "vmstat"
free | awk 'NR < 3 { print $1, $2 > 0, NF }'; vmstat 1 2 | tail -1 | wc -w; vmstat -s | grep -c 'memory\|ticks'
uptime | grep -c 'load average'; wc -w </proc/loadavg; wc -w </proc/uptime

echo "pmap"
pmap $one | tail -1 | grep -c total; pmap -x $one | grep -c 'r-x.*sleep\|r-x.*libc'; pwdx $one | me; pstree -A $one; pstree -A $$ | grep -o sleep

echo "lsof"
exec 7>held 8</etc/passwd; mkfifo fifo; exec 9<>fifo
lsof -p $$ -a -d 7,8,9 -F ftn | me; lsof -t held | head -1 | me; fuser held 2>/dev/null | tr ' ' '\n' | me | grep -v '[0-9]\|^$'
lsof -p $one -a -d cwd,rtd,txt -F fn | me
python3 - <<'E'
import os, socket, subprocess
def run(*command): return subprocess.run(command, capture_output=True, text=True).stdout
server = socket.create_server(('127.0.0.1', 7070))
client = socket.create_connection(('127.0.0.1', 7070))
other, _ = server.accept()
six = socket.create_server(('::1', 7071), family=socket.AF_INET6)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind(('127.0.0.1', 7072))
local = socket.socket(socket.AF_UNIX); local.bind('/tmp/local'); local.listen(); pair = socket.socketpair()
port, me = str(client.getsockname()[1]), str(os.getpid())
print(run('lsof', '-nP', '-i', '-a', '-p', me, '-FPTn').replace(port, 'PORT').replace(me, 'ME'))
print(len(run('lsof', '-U', '-a', '-p', me).splitlines()))
print(run('lsof', '-nPt', '-iTCP:7070', '-sTCP:LISTEN') == me + '\n', run('fuser', '7072/udp').split() == [me])
rows = [line.split() for line in run('netstat', '-tuan').splitlines()[2:]]
print(sorted(' '.join([row[0]] + row[3:]).replace(port, 'PORT') for row in rows))
print([line.split()[-1] for line in run('netstat', '-xa').splitlines() if '/tmp/local' in line])
print([line.split()[-1] for line in open('/proc/net/unix') if '/tmp/local' in line])
rows = [line.split() for line in run('ss', '-4tuanH').splitlines()]
print(sorted(' '.join(row[:2] + row[4:6]).replace(port, 'PORT') for row in rows))
E

echo "ip"
ip -o link show lo | grep -o 'LOOPBACK,UP\|mtu [0-9]*'; ip -o addr show dev lo | awk '{ print $3, $4 }'
ip -br addr | awk '{ print $1, $2, $3, $4 }'; ip route | wc -l; ip -j -4 addr | grep -o '"local":"[0-9.]*"'
ip route get 127.0.0.1 | head -1 | awk '{ print $1, $2, $3, $4 }'; ip -s link show lo | grep -c 'RX\|TX'
ip route show table local | sort; ip -6 route show table local | sort; ip rule; ip neigh | wc -l; ip link show nothing 2>&1
ifconfig lo | grep -c 'inet 127.0.0.1\|inet6 ::1\|UP,LOOPBACK,RUNNING'; route -n | wc -l; cat /sys/class/net/lo/{mtu,operstate,address}; ls /sys/class/net

echo "control"
kill -STOP $one; sleep 0.1; ps -o stat= -p $one | cut -c1; kill -CONT $one; sleep 0.1; ps -o stat= -p $one | cut -c1
prlimit -p $one --nofile=100:200; prlimit -p $one --nofile -o SOFT,HARD --noheadings
renice -n 15 -p $one | sed 's/.*old priority [0-9]*/old/'; ps -o ni= -p $one; chrt -p $one | me
taskset -p $one | me | cut -d: -f1; ionice -p $one | wc -l
for file in status stat statm maps smaps limits mounts mountinfo cgroup cmdline environ oom_score oom_score_adj \
  schedstat wchan comm auxv personality loginuid net/dev ns/pid; do
  [ -r /proc/$one/$file ] && echo -n "$file "
done; echo
cut -d' ' -f2-8 /proc/$one/stat | me; wc -l </proc/$one/limits; sed -n '/^Name\|^State\|^Uid\|^Gid\|^Threads/p' /proc/$one/status
readlink /proc/$$/exe /proc/$$/cwd /proc/$$/root /proc/$$/fd/7

echo "machine"
[ "$(lscpu | awk '/^CPU\(s\)/ { print $2 }')" = "$(getconf _NPROCESSORS_CONF)" ] && echo processors; ls /sys/devices/system/cpu | grep -c '^online$\|^cpu0$'
findmnt -n -o FSTYPE /proc; df /proc | wc -l; df -h / | wc -l; mountpoint /proc
sysctl -n kernel.ostype fs.pipe-max-size net.core.somaxconn; lsblk 2>/dev/null | wc -l | grep -c .

echo "killall"
killall -e sleep; wait $one; echo $?; wait $two; echo $?
pkill -9 -P $$ -x cat; wait $busy 2>/dev/null; echo $?
