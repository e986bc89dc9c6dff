export HOME=/tmp; cd /tmp
cat > a.js <<'E'
const http=require('http'),{Worker}=require('worker_threads'),cp=require('child_process'),fs=require('fs'),os=require('os'),net=require('net');
(async()=>{
 const s=http.createServer((q,r)=>{let b='';q.on('data',d=>b+=d);q.on('end',()=>r.end('got '+b.length));}).listen(0,'127.0.0.1');
 await new Promise(r=>s.on('listening',r)); const port=s.address().port;
 const res=await Promise.all([...Array(50)].map(async(_,i)=>(await fetch(`http://127.0.0.1:${port}/`,{method:'POST',body:'x'.repeat(i*10000)})).text())); console.log(res.join()); s.close(); s.closeAllConnections();
 const w=await Promise.all([1,2,3,4].map(i=>new Promise(r=>new Worker('require("worker_threads").parentPort.postMessage(require("worker_threads").workerData*2)',{eval:true,workerData:i}).on('message',r)))); console.log(w);
 console.log(cp.execSync('echo hi').toString(), cp.spawnSync('cat',{input:'zz'}).stdout.toString());
 const c=cp.fork(__dirname+'/c.js'); console.log(await new Promise(r=>c.on('message',r))); c.kill(); await new Promise(r=>c.on('exit',(a,b)=>{console.log(a,b);r()}));
 fs.writeFileSync('f','1'); const w2=fs.watch('.',()=>{}); w2.close(); console.log((await fs.promises.readdir('.')).join(), os.totalmem()>0);
 const u=net.createServer(k=>k.pipe(k)).listen('./sock'); await new Promise(r=>u.on('listening',r)); const k=net.connect('./sock'); k.write('ping'); console.log((await new Promise(r=>k.on('data',r))).toString()); k.end(); u.close();
 console.log(require('crypto').createHash('sha1').update('a').digest('hex'), require('zlib').gzipSync('aaa').length); 
 setTimeout(()=>console.log('t'),20);
})();
E
echo 'process.send("fromchild");setInterval(()=>{},1000)' > c.js
node a.js
