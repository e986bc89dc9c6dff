# Debian's makefile for it wants libtool, and its rules make a header.
cp -r /usr/src/lua5.4 /tmp/lua; cd /tmp/lua/src
echo '#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"' >lua5.4-deb-multiarch.h
ls l*.c | grep -v luac.c | xargs -P2 -n1 gcc -O2 -DLUA_USE_LINUX -c && gcc -o lua ./*.o -lm -ldl
./lua -e 'print(_VERSION, 6 * 7)'; echo 'local t = {} for i = 1, 1e6 do t[i] = i end print(#t)' | ./lua -
