# Every applet says how it is used, and those that need no machine of their own do something.
cd /tmp
export LC_ALL=C TZ=UTC
for name in $(/bin/busybox --list); do
  echo "$name $(/bin/busybox "$name" --help 2>&1 </dev/null | tail -n +3 | md5sum)"
done | md5sum
mkdir bin; /bin/busybox --install -s bin; ls bin | wc -l; export PATH=/tmp/bin; hash -r

echo "text"
seq 5 | tac | sort -n | head -3 | tail -1; echo hello | rev | tr a-z A-Z; printf 'b\na\nb\n' | sort | uniq -c
echo 'a b c' | cut -d' ' -f2; echo abc | sed 's/b/x/'; echo '1 2' | awk '{ print $1 + $2 }'; echo text >f; cat f; wc f
strings f; split -l1 f; ls x*; echo f g | xargs -n1 echo; tee k <f; fold -w2 f; expand f; unexpand f; nl f; paste f k; comm -12 f k
expr 6 '*' 7; seq -s, 4; factor 91; bc <<<'2^70'; cal 2 2020; yes | head -1; sort -R f; shuf -e a | wc -l
grep -c t f; egrep 't+' f; fgrep e f; less <f | head -1; ed f <<<$',p\nq'; hexdump -C f; od -c f; xxd f; printf '%s-%d\n' a 7
printf -- '--- f\n+++ f\n@@ -1 +1 @@\n-text\n+other\n' >p; cp f g; patch -p0 g <p; diff f g; cmp f k && echo same

echo "files"
mv k h; ln h i; ln -s h j; ls -1 f h i j; readlink j; realpath j; stat -c '%s %h %F' h j; rm i
touch -d '2020-01-01 00:00:00' f; date -r f; chmod 640 f; chown 3:4 f; stat -c '%a %u %g' f; mkdir -p d/e; rmdir d/e; find d -type d
dd if=/dev/zero of=z bs=1k count=9 2>/dev/null; truncate -s 3 z; stat -c %s z; install -m 700 f m; ls -l m | cut -c1-10
mkfifo fifo; ls -l fifo | cut -c1; mknod n c 1 3; ls -l n | cut -c1; fsync f; sync; flock f echo locked; mktemp -u | cut -c1-8
basename /a/b.c .c; dirname /a/b; test -f f && echo test; [ 1 -lt 2 ] && echo less; du -s d | wc -l; df / | wc -l; mount | grep -c ' /proc '

echo "sums and archives"
for sum in md5sum sha1sum sha256sum sha512sum sha3sum cksum sum crc32; do $sum f | cut -c1-40; done; base64 f; uuencode f f
gzip -k f; zcat f.gz; bzip2 -k f; bzcat f.bz2; gunzip -t f.gz; tar cf t.tar f h; tar tf t.tar; echo f | cpio -o -H newc 2>/dev/null | cpio -t 2>/dev/null

echo "processes"
sleep 30 & p=$!; ps -o pid,comm | grep -c sleep; pidof sleep | grep -c .; kill -0 $p; renice 3 -p $p; taskset -p $p | grep -c mask; ionice -p $p | grep -c .
kill $p; wait $p; echo $?; sleep 30 & killall sleep; wait $!; echo $?; usleep 10; timeout 0.2 sleep 5; echo $?; nice nice | wc -l; nohup echo n 2>/dev/null
setsid echo s; chroot / /bin/busybox echo chroot; start-stop-daemon -S -x /bin/busybox -- echo daemon; env -i A=1 env
id -u; whoami; groups; uname -o; arch; pwd; tty; which ls; nproc | wc -l; top -bn1 | grep -c '^Mem'; free | wc -l; uptime | grep -c load
sysctl kernel.ostype; sh -c 'echo sh $((1 + 2))'; ash -c 'read -t 1 x <<E
line
E
echo $x'
(exec 2>&1; time true) | grep -c real

echo "network"
ifconfig lo | grep -c 'inet addr:127.0.0.1'; ip addr show lo | grep -c 'inet 127.0.0.1'; ip link show lo | grep -c UP; route -n | wc -l
(echo answer | nc -l -p 7099 >got &); sleep 1; (echo ask; sleep 1) | nc 127.0.0.1 7099; cat got; netstat -ltn | wc -l; arp | wc -l
mkdir www; echo page >www/index.html; httpd -p 127.0.0.1:7098 -h www; sleep 1; wget -q -O - http://127.0.0.1:7098/
wget -q -O - http://127.0.0.1:7098/none 2>/dev/null; echo $?; killall httpd; ipcalc -n 10.1.2.3/8
