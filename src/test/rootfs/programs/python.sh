export HOME=/tmp; mkdir /tmp/w; cd /tmp/w; cat >/tmp/all.py <<'END'
import threading,subprocess,multiprocessing as mp,asyncio,sqlite3,socket,os,sys,tempfile,signal,time,select,queue,concurrent.futures as cf
def f(x): return x*x
def main():
    r=[];ts=[threading.Thread(target=lambda i=i:r.append(i)) for i in range(50)];[t.start() for t in ts];[t.join() for t in ts];print(sum(r))
    print(subprocess.run("echo hi; exit 3",shell=True,capture_output=True))
    with mp.Pool(4) as p: print(sum(p.map(f,range(2000))))
    q=mp.Queue();ps=[mp.Process(target=q.put,args=(i,)) for i in range(5)];[p.start() for p in ps];print(sorted(q.get() for _ in ps));[p.join() for p in ps]
    with mp.get_context('spawn').Pool(2) as p: print(sum(p.map(f,range(10))))
    with cf.ProcessPoolExecutor(2) as e: print(list(e.map(f,range(5))))
    async def srv():
        async def h(rd,wr):
            d=await rd.readline(); wr.write(d.upper()); await wr.drain(); wr.close()
        s=await asyncio.start_server(h,'127.0.0.1',0); port=s.sockets[0].getsockname()[1]
        async def c(i):
            rd,wr=await asyncio.open_connection('127.0.0.1',port); wr.write(f'm{i}\n'.encode()); d=await rd.read(); wr.close(); return d
        print(await asyncio.gather(*[c(i) for i in range(20)]))
        p=await asyncio.create_subprocess_exec('cat',stdin=-1,stdout=-1); print(await p.communicate(b'xx'))
        s.close()
    asyncio.run(srv())
    d=sqlite3.connect('w.db'); print(d.execute('pragma journal_mode=wal').fetchall()); d.execute('create table t(a)'); d.executemany('insert into t values(?)',[(i,) for i in range(10000)]); d.commit()
    def rd():
        c=sqlite3.connect('w.db'); print(c.execute('select sum(a) from t').fetchone()); c.close()
    t=threading.Thread(target=rd);t.start();t.join()
    p=mp.Process(target=rd);p.start();p.join(); d.execute('pragma wal_checkpoint(truncate)'); d.close(); print(sorted(os.listdir('.')))
    import socketserver,http.server,urllib.request
    h=http.server.ThreadingHTTPServer(('127.0.0.1',0),http.server.SimpleHTTPRequestHandler); h.RequestHandlerClass.log_message=lambda *a:None
    threading.Thread(target=h.serve_forever,daemon=True).start(); print(len(urllib.request.urlopen(f'http://127.0.0.1:{h.server_port}/w.db').read())); h.shutdown()
    a,b=socket.socketpair(); a.sendmsg([b'x'],[(socket.SOL_SOCKET,socket.SCM_RIGHTS,__import__('array').array('i',[1]))]); m=b.recvmsg(10,100); print(m[0],len(m[1]))
    u=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); u.bind(('::1',0)); u.sendto(b'abc',u.getsockname()); print(u.recv(9))
    signal.signal(signal.SIGALRM,lambda *a:print('alrm')); signal.setitimer(signal.ITIMER_REAL,0.1); time.sleep(0.3)
    import mmap; mm=mmap.mmap(-1,8192); pid=os.fork()
    if pid==0: mm[0]=65; os._exit(7)
    print(os.waitpid(pid,0)[1]>>8, mm[0]); 
    import pty; sys.stdout.flush(); print(pty.spawn(['echo','pty']))
    from multiprocessing import shared_memory as sm; s=sm.SharedMemory(create=True,size=100); s.buf[0]=9; t=sm.SharedMemory(s.name); print(t.buf[0]); t.close(); s.close(); s.unlink()
    print(socket.getaddrinfo('127.0.0.1',80)[0][4], os.cpu_count() > 0)
    import resource; print(resource.getrlimit(resource.RLIMIT_STACK)); sys.stdout.flush(); os.posix_spawn('/bin/echo',['echo','sp'],{}); os.wait()
    with tempfile.TemporaryDirectory() as td: open(td+'/x','w').write('1'); print(os.path.getsize(td+'/x'))
    import fcntl; f2=open('lk','w'); fcntl.lockf(f2,fcntl.LOCK_EX|fcntl.LOCK_NB); fcntl.flock(f2,fcntl.LOCK_EX); print('locks')
    print(os.getloadavg()[0] >= 0)
if __name__=='__main__': main()
END
python3 /tmp/all.py
python3 -m venv v --without-pip && v/bin/python -c 'import sys; print(sys.prefix)'
python3 -c 'import ctypes, decimal, ssl, uuid, xml.dom; print(ctypes.CDLL(None).getpid() > 0)'
