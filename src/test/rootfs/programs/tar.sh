# 20,000 files, links, owners and times among them, there and back through each of tar's formats.
cd /tmp; export LC_ALL=C
python3 - <<'E'
import os
for d in range(200):
    os.mkdir(f'd{d}') if d else os.makedirs('t') or os.chdir('t') or os.mkdir('d0')
    for i in range(100):
        with open(f'd{d}/f{i}', 'w') as f:
            f.write(f'{d} {i}\n' * (i * 3))
        os.utime(f'd{d}/f{i}', ns=(0, (d * 100 + i) * 10**9 + 5000))
    os.link(f'd{d}/f0', f'd{d}/hard')
    os.symlink('f1', f'd{d}/soft')
    os.chown(f'd{d}/f2', d, d + 1)
    os.chmod(f'd{d}/f3', 0o4711)
E
list() {
  (cd "$1"; find . -type f -printf '%p %m %U %G %s %T@ %n\n'; find . ! -type f -printf '%p %m %U %G %y %l\n') | sort | md5sum
}
list t
begun=$(date +%s%N)
tar -cf t.tar t; echo "create $((($(date +%s%N) - begun) / 1000000)) ms" >&2
tar -tf t.tar | sort | md5sum; tar -tvf t.tar | wc -l; tar -df t.tar && echo same
mkdir u; begun=$(date +%s%N)
tar -xpf t.tar -C u; echo "extract $((($(date +%s%N) - begun) / 1000000)) ms" >&2
list u/t; rm -rf u; ls
tar --format=posix -czf t.tgz t; gzip -t t.tgz && mkdir u && tar -xpzf t.tgz -C u && diff -rq t u/t | wc -l; list u/t; rm -rf u
tar -c -J -C t d1 d2 | tar -tJ | wc -l; tar --sort=name --exclude='f[1-9]*' -cf x.tar t; tar -tf x.tar | wc -l
: >s; truncate -s 50M s; printf end >>s; tar -cSf s.tar s; [ "$(stat -c %s s.tar)" -lt 100000 ] && echo sparse; rm s; tar -xf s.tar; tail -c 3 s; stat -c %s s
echo new >t/d5/f5; tar --listed-incremental=snap -cf i0.tar t; echo newer >t/d5/f6; touch t/d7/added; tar --listed-incremental=snap -cf i1.tar t; tar -tf i1.tar | grep -v '/$' | sort
tar -rf x.tar s; tar --delete -f x.tar t/d0; tar -uf x.tar t/d5; tar -tf x.tar | grep -c 'd0/\|^s$\|added'
busybox tar -cf b.tar t/d9; tar -tf b.tar | wc -l; (cd t/d8; find . -name 'f*' -print0 | tar --null -T - -cf - | tar -x -C / --to-command='cat >/dev/null'); echo $?
rm -rf t; ls
