cd /tmp
find /usr -name '*.conf' | sort | md5sum
grep -rs root /etc | wc -l
mkdir f; for i in $(seq 2000); do echo "$i" >"f/$i"; done
tar cf x.tar f; mkdir y; tar xf x.tar -C y; diff -r f y/f && echo equal
gzip -c x.tar | gunzip | cmp - x.tar && echo equal
seq 100 | xargs -P4 -n5 sh -c 'echo $#' | sort | uniq -c
awk 'BEGIN { for (i = 0; i < 300000; i++) print (i * 7919) % 300007 }' >big
sort -n big | md5sum; sort -n --parallel=2 -S 1M big | md5sum
sed -n 1,3p /etc/passwd
touch -d 2020-01-01 q; chmod 600 q; chown 1:1 q; stat -c '%Y %a %u %F' q
ln -s q l; readlink -f l; cp -a f g; rm -rf f; ls g | wc -l
dd if=/dev/zero of=z bs=1M count=20 2>/dev/null; md5sum z; truncate -s 5 z; stat -c %s z
mkfifo p; (echo fifo >p &); cat p
comm -12 <(seq 5) <(seq 3 7); tac big | head -1; split -l 100000 big; ls x* | wc -l
ps -e >/dev/null && top -bn1 >/dev/null && free >/dev/null && pgrep -c bash
for name in ls cat sed awk sort wc find tar; do busybox $name --help 2>&1 | tail -n +3 | md5sum; done
