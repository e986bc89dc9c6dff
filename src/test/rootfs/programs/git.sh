export HOME=/tmp GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z
git config --global user.email a@b; git config --global user.name n; git config --global gc.auto 0
git config --global init.defaultBranch main; git config --global --add safe.directory '*'
cd /tmp; git init -q r; cd r
python3 - <<'END'
import os
for d in range(200):
    os.mkdir(f'd{d}')
    for i in range(100):
        with open(f'd{d}/f{i}', 'w') as f:
            f.write(f'{d} {i}\n' * 5)
END
git add .; git commit -qm one; git rev-parse HEAD; git status --short
for i in 1 2 3; do echo $i >>d1/f1; git commit -qam "c$i"; done
git log -p | md5sum; git gc -q; git fsck
git clone -q --bare . ../b.git; git clone -q ../b.git ../c; cd ../c; git log --oneline
echo x >new; git add new; git commit -qm new; git push -q origin main; git -C ../b.git log --oneline -1
git checkout -q -b other HEAD~2; git merge -q main; git diff --stat HEAD~1; git blame d1/f1 | tail -1
tar cf ../t.tar .; mkdir ../t; tar xf ../t.tar -C ../t; git -C ../t status --short; find ../t -name 'f*' | wc -l
