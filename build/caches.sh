#!/bin/bash
# caches.sh JAVA_HOME SKERRY_HOME: makes the AOT caches of the JVMs (JEP 514), each in a training run.
set -u
java=$1/bin/java
home=$2
app=$home/quarkus-app
options=$(dirname "$0")
client=$app/app/skerry.jar
for jar in "$app"/lib/main/{dev.skerry.skerry-gofer,info.picocli.picocli-*,com.fasterxml.jackson.core.*}.jar; do
  client+=:$jar
done
echo "$client" >"$home/client.path"
scratch=$(mktemp -d)
service=
trap '[[ -z $service ]] || kill "$service" 2>/dev/null; rm -rf "$scratch"' EXIT
failed=0

# keep NAME: takes a cache into use, if it was made.
keep() {
  [[ -s $scratch/$1.aot ]] && mv "$scratch/$1.aot" "$home/$1.aot" || failed=1
}

rm -f "$home"/*.aot

# The service, with a run or two through it. A host without what sandboxes need trains it all the same.
"$java" -XX:AOTCacheOutput="$scratch/service.aot" "@$options/service.options" "-Dskerry.home=$home" \
  -Dquarkus.http.port=0 \
  -Dskerry.rootfs.host=true -cp "$app/quarkus-run.jar" dev.skerry.client.Main serve \
  --data "$scratch/data" >"$scratch/service.log" 2>&1 &
service=$!
url=
for ((tries = 0; tries < 300 && ${#url} == 0; tries++)); do
  kill -0 "$service" 2>/dev/null || break
  sleep 0.1
  url=$(sed -n 's|.*Listening on: \(http://[0-9.:]*\).*|\1|p' "$scratch/service.log")
done
if [[ -n $url ]]; then
  export SKERRY_URL=$url
  SKERRY_TOKEN=$(cat "$scratch/data/token")
  export SKERRY_TOKEN
  "$java" "@$options/client.options" -cp "$client" dev.skerry.client.Main run -- /bin/true
  "$java" -XX:AOTCacheOutput="$scratch/client.aot" "@$options/client.options" \
    -cp "$client" dev.skerry.client.Main run -- /bin/echo hello
fi
kill "$service"
wait "$service"
service=
cat "$scratch/service.log"
keep service
keep client
exit $failed
