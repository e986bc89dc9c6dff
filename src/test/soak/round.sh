#!/bin/sh
# round.sh SECONDS: mixed load for so long, in rounds; after each a line "quiet N", and nothing happens for
# a while. The directory of this file has the compiled load.
here=$(dirname "$(readlink -f "$0")")
end=$(($(date +%s) + $1))
work=$(mktemp -d /tmp/soak.XXXXXX)
cd "$work" || exit 2

compile() {
  printf '#include <stdio.h>\nint main(void) { puts("compiled"); }\n' >a.c
  cp a.c b.cc
  gcc -O1 -o a a.c && ./a && g++ -o b b.cc && ./b
  rm -f a a.c b b.cc
}

versions() {
  git init -q repository && (
    cd repository || exit 1
    git config user.email soak@localhost && git config user.name soak
    for i in 1 2 3 4 5 6 7 8 9 10; do echo "$i" >"file$i"; done
    git add . && git commit -q -m one && git mv file1 moved && git commit -q -m two
    git gc -q && git clone -q . ../clone && git status --short
  )
  rm -rf repository clone
}

script() {
  python3 -c '
import concurrent.futures, os, socket, subprocess, tempfile, threading
with concurrent.futures.ThreadPoolExecutor(8) as pool:
  assert sum(pool.map(lambda n: sum(range(n)), range(200))) > 0
subprocess.run(["sh", "-c", "ls -lR /etc | wc -l; find /usr/lib/python3* -name \"*.py\" | head -200 | xargs cat | md5sum"], stdout=subprocess.DEVNULL)
with tempfile.TemporaryDirectory() as name:
  for i in range(50):
    with open(os.path.join(name, str(i)), "w") as file:
      file.write("x" * 10000)
server = socket.create_server(("127.0.0.1", 0))
def serve():
  for i in range(20):
    with server.accept()[0] as connection:
      connection.sendall(connection.recv(100))
thread = threading.Thread(target=serve)
thread.start()
for i in range(20):
  with socket.create_connection(server.getsockname()) as client:
    client.sendall(b"hello")
    assert client.recv(100) == b"hello"
thread.join()
'
}

number=0
while [ "$(date +%s)" -lt "$end" ]; do
  number=$((number + 1))
  for i in 1 2 3; do
    timeout 120 "$here/load" || echo "load failed"
  done
  compile >/dev/null || echo "compile failed"
  versions || echo "versions failed"
  script || echo "script failed"
  echo "quiet $number"
  sleep 5
done
rm -rf "$work"
