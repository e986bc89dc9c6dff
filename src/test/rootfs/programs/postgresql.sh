mkdir /tmp/pg; chown postgres /tmp/pg
cat >/tmp/pg/run <<'END'
PATH=/usr/lib/postgresql/15/bin:$PATH; cd /tmp/pg
initdb -D d >init.log 2>&1 || tail init.log
pg_ctl -D d -o '-k /tmp -p 5544' -l log -w start | tail -1
createdb -h /tmp -p 5544 b
pgbench -h /tmp -p 5544 -i -q b 2>/dev/null
pgbench -h 127.0.0.1 -p 5544 -c 4 -j 2 -T "${SECONDS_OF_PGBENCH:-30}" b 2>/dev/null | tee /dev/stderr | grep 'failed\|clients'
psql -h /tmp -p 5544 b -Atc 'select count(*) from pgbench_accounts'
psql -h /tmp -p 5544 b -Atc 'select sum(abalance) = (select sum(delta) from pgbench_history) from pgbench_accounts'
pg_ctl -D d stop | tail -1; grep -c 'FATAL\|PANIC\|ERROR' log
END
su postgres -c 'bash /tmp/pg/run'
