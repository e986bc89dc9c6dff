cd /tmp
sqlite3 a.db "pragma journal_mode = wal; create table t(a, b);
  with recursive c(x) as (select 1 union all select x + 1 from c where x < 100000)
    insert into t select x, hex(x) from c;
  create index i on t(b); select count(*), sum(a) from t;"
for i in 1 2 3 4; do
  (for j in 1 2 3 4 5; do sqlite3 -cmd '.timeout 20000' a.db "insert into t values($i, $j)"; done) &
done
wait
sqlite3 a.db 'select count(*) from t; pragma integrity_check; pragma wal_checkpoint(truncate)'; ls a.db*
