cd /tmp
redis-server --port 7777 --dir /tmp --save '' >log &
sleep 2
redis-cli -p 7777 set a b; redis-cli -p 7777 get a
redis-benchmark -p 7777 -n 20000 -c 20 -t set,get,lpush --csv | tee /dev/stderr | cut -d, -f1
redis-cli -p 7777 bgsave; sleep 2
redis-cli -p 7777 shutdown nosave
wait; grep -o 'saving terminated.*\|bye bye.*' log
