cp -r /usr/src/zlib /tmp/zlib; cd /tmp/zlib && ./configure >/tmp/log 2>&1 && make -j2 >>/tmp/log 2>&1 || tail /tmp/log
make test 2>&1 | grep 'test OK'
