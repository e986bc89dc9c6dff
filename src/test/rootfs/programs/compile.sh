cd /tmp
cat > a.c <<'E'
#include <stdio.h>
#include <pthread.h>
static void*f(void*a){return a;}
int main(){pthread_t t;pthread_create(&t,0,f,(void*)1);pthread_join(t,0);printf("hi\n");return 3;}
E
gcc -O2 -pthread a.c -o a && ./a; echo $?; gcc -static a.c -o as && ./as; gcc -g -shared -fPIC a.c -o liba.so && nm liba.so | grep -c main
cat > b.cc <<'E'
#include <iostream>
#include <thread>
#include <vector>
#include <stdexcept>
int main(){std::vector<std::thread> v;for(int i=0;i<4;i++)v.emplace_back([]{try{throw std::runtime_error("x");}catch(std::exception&){}});for(auto&t:v)t.join();std::cout<<"ok\n";}
E
g++ b.cc -o b && ./b
mkdir p; cd p; for i in 1 2 3 4 5 6; do echo "int f$i(void){return $i;}" > f$i.c; done; echo 'int f1(void); int main(){return f1();}' > main.c
cat > CMakeLists.txt <<'E'
cmake_minimum_required(VERSION 3.10)
project(x C)
add_library(y STATIC f1.c f2.c f3.c f4.c f5.c f6.c)
add_executable(m main.c)
target_link_libraries(m y)
enable_testing()
add_test(NAME t COMMAND sh -c "./m; test $? = 1")
E
cmake -G Ninja -B bd . >/dev/null; ninja -C bd | grep -c Linking; ./bd/m; echo $?; cmake -B be . >/dev/null; make -C be -j2 >/dev/null; (cd be; ctest | grep '% tests passed')
