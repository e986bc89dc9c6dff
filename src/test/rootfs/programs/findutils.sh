cd /tmp; mkdir -p t/{a,b,c}/{x,y}; for d in t/*/*; do for i in 1 2 3; do echo "$d" >"$d/f$i"; done; done
ln -s a t/l; ln -s nowhere t/dead; ln t/a/x/f1 t/hard; mkfifo t/p; chmod 4755 t/b/x/f1; chmod 0 t/b/y/f2
touch -d '2 days ago' t/c/x/f1; touch -d 2020-02-02 t/c/x/f2; truncate -s 100k t/c/y/f1; chown 7:8 t/a/y/f3
export LC_ALL=C; f() { find t "$@" | sort; }
f -type f -name 'f[12]'; f -type l; f -xtype l; f -type p; f -links 2; f -perm -4000; f -perm 000; f -size +50k
f -mtime +1; f -newermt 2020-01-01 ! -newermt 2020-03-01; f -uid 7 -gid 8; f -empty; f -maxdepth 1 -mindepth 1
f -samefile t/hard; find -L t -name f1 | sort | wc -l; f -lname 'a*'; f -regex '.*/[ab]/x/.*3'
find t -depth -name 'f*' -printf '%d %m %s %y %P\n' | sort; find t -type d -printf '%n %p\n' | sort
find t -name f3 -exec wc -c {} + | tail -1 | awk '{ print $1 }'; find t -name f2 -execdir basename {} \; | sort | uniq -c
find t -name f1 -print0 | xargs -0 -n2 -P3 sh -c 'echo $#' sh | sort; find t -name f3 -delete; f -name f3 | wc -l
find t -prune; find t -name x -prune -o -type f -print | sort; find . -xdev -quit; find /proc/self/fd -maxdepth 0
find / -xdev -type f 2>/dev/null -path '/usr/share/perl/*' | sort | md5sum; find /usr -type d | sort | md5sum
find /usr /etc -type l -printf '%p %l\n' | sort | md5sum; find /usr/bin -type f -printf '%p %s %m %u %g %T@\n' | sort | md5sum
seq 1000 | xargs -n100 | wc -l; echo 'a b  c' | xargs -I{} echo '[{}]'; seq 3 | xargs -t -n1 true 2>&1; printf 'x\ny\n' | xargs -n1 false; echo $?
seq 200000 | xargs echo | wc -lc; xargs -a /etc/passwd -d '\n' -n1 | md5sum; echo 1 | xargs sh -c 'exit 255'; echo $?
