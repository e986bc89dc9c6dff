# Debian's makefile for it wants libtool.
cp -r /usr/src/lua5.4 /tmp/lua; cd /tmp/lua/src
ls l*.c | grep -v luac.c | xargs -P2 -n1 gcc -O2 -DLUA_USE_LINUX -c && gcc -o lua ./*.o -lm -ldl
./lua -e 'print(_VERSION, 6 * 7)'; echo 'local t = {} for i = 1, 1e6 do t[i] = i end print(#t)' | ./lua -
