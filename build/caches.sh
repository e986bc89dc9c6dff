#!/bin/bash
# caches.sh JAVA_HOME SKERRY_HOME: makes the AOT caches of the JVMs (JEP 514), each from a training run.
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

# The service's sandboxes are real, so sentry and gofer are confined when they end and could write no
# recording then. They open a list at their start instead, to which they add each class that they
# load: the sentry its log, which has to be everybody's for that, the gofer a file in a bind mount.
prepare_lists() {
  mkdir "$scratch/home" "$scratch/lists"
  cp --archive "$home"/skerry-*.jar "$home/native" "$scratch/home"
  mv "$scratch/home/native/skerry-launcher" "$scratch/launcher"
  cat >"$scratch/home/native/skerry-launcher" <<EOF
#!/bin/bash
# The service gives --state DIR first.
state=\$2
name=\${state##*/}
touch "\$state/log"
chmod 0666 "\$state/log"
ln "\$state/log" "$scratch/lists/sentry.\$name"
sed -z -i '1s|\$|\\x00-XX:DumpLoadedClassList=/proc/self/fd/1|; \$s|\$|\\x00--recording|' "\$state/sentry.argv"
sed -z -i "1s|\$|\\x00-XX:DumpLoadedClassList=/mounts/1/gofer.\$name|" "\$state/gofer.argv"
exec "$scratch/launcher" "\$@" --bind "rw:$scratch/lists"
EOF
  chmod 0755 "$scratch/home/native/skerry-launcher"
}

# Prints lists without a last line that is not whole: a gofer is killed while it writes.
whole_lines() {
  local list
  for list in "$@"; do
    if [[ -n $(tail -c 1 "$list") ]]; then
      head -n -1 "$list"
    else
      cat "$list"
    fi
  done
}

# dump NAME CLASS_PATH OPTION...: makes a cache of the classes on the lists.
dump() {
  local lists=("$scratch/lists/$1".*)
  [[ -s ${lists[0]} ]] || return
  # The numbers count within one list only.
  whole_lines "${lists[@]}" | sed "s/ id: [0-9]*\$//" >"$scratch/$1.list"
  "$java" -Xshare:dump -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    --enable-native-access=ALL-UNNAMED -XX:SharedClassListFile="$scratch/$1.list" \
    -XX:SharedArchiveFile="$scratch/$1.aot" -cp "$2" "${@:3}"
}

rm -f "$home"/*.aot
prepare_lists

# The service, with a few runs through it. A host without what sandboxes need trains it all the same.
"$java" -XX:AOTCacheOutput="$scratch/service.aot" "@$options/service.options" \
  "-Dskerry.home=$scratch/home" -Dquarkus.http.port=0 -Dskerry.rootfs.host=true \
  -cp "$app/quarkus-run.jar" dev.skerry.client.Main serve \
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
  "$java" "@$options/client.options" -cp "$client" dev.skerry.client.Main run \
    -- /bin/sh -c "ls /bin | sort | cat >/tmp/names; '$home/native/skerry-training'; sleep 0 & wait"
  "$java" -XX:AOTCacheOutput="$scratch/client.aot" "@$options/client.options" \
    -cp "$client" dev.skerry.client.Main run -- /bin/echo hello
fi
kill "$service"
wait "$service"
service=
cat "$scratch/service.log"
# The sentry's hundreds of lambdas are linked beforehand. The gofer has none, and would only load
# what the JVM that makes the cache has loaded for its own ends.
dump sentry "$home/skerry-sentry.jar:$home/skerry-gofer.jar" -XX:+AOTClassLinking
dump gofer "$home/skerry-gofer.jar"
for name in sentry gofer service client; do
  keep "$name"
done
exit $failed
