# A JVM and a Node at once, each with threads of its own, that talk to each other.
export HOME=/tmp; cd /tmp
cat >S.java <<'E'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
public class S {
  public static void main(String[] a) throws Exception {
    var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 8111), 0);
    server.setExecutor(Executors.newFixedThreadPool(8));
    server.createContext("/", x -> {
      long n = new String(x.getRequestBody().readAllBytes()).length();
      byte[] answer = Long.toString(LongStream.rangeClosed(1, n).parallel().sum()).getBytes();
      x.sendResponseHeaders(200, answer.length); x.getResponseBody().write(answer); x.close();
    });
    server.createContext("/end", x -> { x.sendResponseHeaders(204, -1); x.close(); server.stop(0); System.exit(0); });
    server.start(); System.out.println("up");
  }
}
E
cat >c.js <<'E'
const {Worker, isMainThread, parentPort, workerData} = require('worker_threads')
const ask = async n => (await fetch('http://127.0.0.1:8111/', {method: 'POST', body: 'x'.repeat(n)})).text()
if (isMainThread) {
  Promise.all([...Array(6).keys()].map(i => new Promise(done =>
    new Worker(__filename, {workerData: i}).on('message', done)))).then(async all => {
      console.log(all.join(' ')); await fetch('http://127.0.0.1:8111/end').catch(() => 0) })
} else {
  (async () => { let sum = 0; for (let i = 1; i <= 60; i++) sum += Number(await ask(workerData * 1000 + i)); parentPort.postMessage(sum) })()
}
E
java S.java & server=$!
for i in $(seq 600); do (echo >/dev/tcp/127.0.0.1/8111) 2>/dev/null && break; sleep 0.1; done
node c.js; wait $server; echo $?
