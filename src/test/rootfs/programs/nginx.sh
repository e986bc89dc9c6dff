mkdir -p /tmp/n/html; cd /tmp/n; echo hello >html/index.html; head -c 3000000 /dev/urandom >html/big
cat >c.conf <<'END'
worker_processes 2; pid /tmp/n/pid; error_log /tmp/n/err; user root;
events { worker_connections 100; }
http {
  access_log off; sendfile on; client_body_temp_path /tmp/n;
  server { listen 127.0.0.1:8088; root /tmp/n/html; }
}
END
nginx -c /tmp/n/c.conf; sleep 0.5
for i in 1 2 3; do curl -s http://127.0.0.1:8088/; done
curl -s http://127.0.0.1:8088/big | cmp - html/big && echo equal
curl -s -r 100-199 http://127.0.0.1:8088/big | wc -c
curl -sI http://127.0.0.1:8088/nope | head -1
nginx -c /tmp/n/c.conf -s reload; sleep 0.5; curl -s http://127.0.0.1:8088/
nginx -c /tmp/n/c.conf -s quit; sleep 2; pgrep -x nginx; ls pid 2>&1
