cp -r /usr/src/sqlite3 /tmp/sqlite; cd /tmp/sqlite && ./configure --disable-shared >/tmp/log 2>&1 && make -j2 sqlite3 >>/tmp/log 2>&1 || tail /tmp/log
./sqlite3 :memory: 'select sqlite_version(), sum(value) from generate_series(1, 1000)'
